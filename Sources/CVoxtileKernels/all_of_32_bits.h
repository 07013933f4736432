// All kernels for integers of 32 bits and for floats, which are added and weighted as double: include it with VALUE, NAME, and
// for integers LOWEST and HIGHEST defined.

#include "maximum.h"
#include "weighted_mean.h"

#include "double_mean.h"

#define WEIGHT double
#define COLUMN_WEIGHTS r->column_weights
#define LANES 8
#include "shares_mean.h"
#undef LANES
#undef COLUMN_WEIGHTS
#undef WEIGHT

#undef VALUE
#undef NAME
#undef LOWEST
#undef HIGHEST
