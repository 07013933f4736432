// The kernels with AVX2, which an x86-64 processor may have.

#if defined(__x86_64__)

#include <string.h>

#include "kernels.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define INSTRUCTIONS avx2
#include "instances.h"
#pragma clang attribute pop

#endif
