// Intel ISA-L: streaming inflate and deflate, CRC-32.
#include <isa-l/igzip_lib.h>
#include <isa-l/crc.h>

// Macros of several terms do not reach Swift.
enum { VOXTILE_ISAL_LEVEL_BUFFER_BYTES = ISAL_DEF_LVL3_DEFAULT };
