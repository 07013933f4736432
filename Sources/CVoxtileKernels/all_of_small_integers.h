// All kernels for integers of 8 or 16 bits, whose sums are integers and whose shares are floats: include it with VALUE,
// NAME, LOWEST, HIGHEST, SUM (a type that holds the sum of 64 values) and SUM_LANES defined.

#include "maximum.h"
#include "weighted_mean.h"

#include "integer_mean.h"

#define WEIGHT float
#define COLUMN_WEIGHTS r->column_weights_float
#define LANES 16
#include "shares_mean.h"
#undef LANES
#undef COLUMN_WEIGHTS
#undef WEIGHT

#undef VALUE
#undef NAME
#undef SUM
#undef SUM_LANES
#undef LOWEST
#undef HIGHEST
