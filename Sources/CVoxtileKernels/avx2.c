// The kernels with AVX2, which an x86-64 processor may have.

#if defined(__x86_64__)

// Before the pragma, so that what these declare is not compiled for AVX2.
#include <string.h>

#include "kernels.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define INSTRUCTIONS avx2
#include "all_types.h"
#pragma clang attribute pop

#endif
