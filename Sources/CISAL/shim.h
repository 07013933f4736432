// Intel ISA-L: streaming inflate and deflate, CRC-32.
#include <isa-l/igzip_lib.h>
#include <isa-l/crc.h>
