// All kernels for all types, compiled for one set of instructions: include it with INSTRUCTIONS (a name for them) defined.

#include "vectors.h"

typedef VECTOR(double, 8) double_vector;

/// For each patch over the same columns, the weights of the rows and the weight of the slice.
typedef struct {
  const double *rows[VOXTILE_MOST_PATCHES];
  double slices[VOXTILE_MOST_PATCHES];
} row_weights;

INLINE void find_row_weights(const voxtile_rectangle *r, row_weights *found) {
  int patch = 0;
  for (int z = 0; z < r->patches_z; z++) {
    for (int y = 0; y < r->patches_y; y++, patch++) {
      found->rows[patch] = r->row_weights + y * r->rows;
      found->slices[patch] = r->slice_weights[z];
    }
  }
}

/// The product of the weights of a row and of the slice.
INLINE double row_weight(const row_weights *found, int patch, ptrdiff_t row) {
  return found->rows[patch][row] * found->slices[patch];
}

/// Sums, divided by the product of two numbers or multiplied with it.
INLINE double_vector divided(
  double_vector sums, const double *columns, double divisor, bool divides, ptrdiff_t count) {
  double_vector divisors = {0};
  LOAD(divisors, columns, count);
  divisors *= divisor;
  return divides ? sums / divisors : sums * divisors;
}

// Copies and votes depend on the size of a value only.
#define VALUE uint8_t
#define NAME bits8
#include "copy_and_vote.h"
#undef VALUE
#undef NAME
#define VALUE uint16_t
#define NAME bits16
#include "copy_and_vote.h"
#undef VALUE
#undef NAME
#define VALUE uint32_t
#define NAME bits32
#include "copy_and_vote.h"
#undef VALUE
#undef NAME
#define VALUE uint64_t
#define NAME bits64
#include "copy_and_vote.h"
#undef VALUE
#undef NAME

#define VALUE uint8_t
#define NAME uint8
#define SUM uint16_t
#define SUM_LANES 32
#define LOWEST 0
#define HIGHEST 255
#include "all_of_small_integers.h"

#define VALUE int8_t
#define NAME int8
#define SUM int16_t
#define SUM_LANES 32
#define LOWEST -128
#define HIGHEST 127
#include "all_of_small_integers.h"

#define VALUE uint16_t
#define NAME uint16
#define SUM int32_t
#define SUM_LANES 16
#define LOWEST 0
#define HIGHEST 65535
#include "all_of_small_integers.h"

#define VALUE int16_t
#define NAME int16
#define SUM int32_t
#define SUM_LANES 16
#define LOWEST -32768
#define HIGHEST 32767
#include "all_of_small_integers.h"

#define VALUE uint32_t
#define NAME uint32
#define LOWEST 0
#define HIGHEST 4294967295.0
#include "all_of_32_bits.h"

#define VALUE int32_t
#define NAME int32
#define LOWEST -2147483648.0
#define HIGHEST 2147483647.0
#include "all_of_32_bits.h"

#define VALUE float
#define NAME float32
#include "all_of_32_bits.h"

// Means of integers of 64 bits need more than a double; they are not made here.
#define VALUE uint64_t
#define NAME uint64
#include "maximum.h"
#undef VALUE
#undef NAME
#define VALUE int64_t
#define NAME int64
#include "maximum.h"
#undef VALUE
#undef NAME
#define VALUE double
#define NAME float64
#include "maximum.h"
#undef VALUE
#undef NAME
#include "relative_mean.h"

#define NAME predictions
#include "predictions.h"
#undef NAME
#define NAME resampled
#include "resampled_rows.h"
#undef NAME

/// The kernels for each type, in the order of `voxtile_type`; no mean of integers of 64 bits, and one of doubles for all weights.
#define FOR_ALL_SIZES(kernel) \
  {kernel##_bits8, kernel##_bits8, kernel##_bits16, kernel##_bits16, kernel##_bits32, kernel##_bits32, \
    kernel##_bits64, kernel##_bits64, kernel##_bits32, kernel##_bits64}
#define FOR_ALL_TYPES(kernel) \
  {kernel##_uint8, kernel##_int8, kernel##_uint16, kernel##_int16, kernel##_uint32, kernel##_int32, \
    kernel##_uint64, kernel##_int64, kernel##_float32, kernel##_float64}
#define FOR_TYPES_OF_MEANS(kernel, float64) \
  {kernel##_uint8, kernel##_int8, kernel##_uint16, kernel##_int16, kernel##_uint32, kernel##_int32, 0, 0, \
    kernel##_float32, float64}

const voxtile_kernels PASTE(voxtile_kernels, INSTRUCTIONS) = {
  .copy = FOR_ALL_SIZES(copy),
  .vote = FOR_ALL_SIZES(vote),
  .maximum = FOR_ALL_TYPES(maximum),
  .plain_mean = FOR_TYPES_OF_MEANS(plain_mean, 0),
  .mean_by_shares = FOR_TYPES_OF_MEANS(mean_by_shares, 0),
  .weighted_mean = FOR_TYPES_OF_MEANS(weighted_mean, weighted_mean_float64),
  .add_weighted = add_weighted_predictions,
  .take_larger = take_larger_predictions,
  .mean_of_rows = {mean_of_floats_resampled, mean_of_doubles_resampled, narrowed_mean_resampled},
  .pick_columns = pick_columns_resampled,
};
