// The kernels with the instructions that every processor of the architecture has.

#define INSTRUCTIONS baseline
#include "all_types.h"
