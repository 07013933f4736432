// Kernels that merge the rows of several patches, sum predictions and resample rows, with vector instructions.
//
// They are C, because Swift cannot compile one function for instructions that not every processor has. All give the same
// bits on every processor: sums are added in the order of the patches, and nothing is fused.

#ifndef VOXTILE_KERNELS_H
#define VOXTILE_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The most patches that may lie over a rectangle.
enum { VOXTILE_MOST_PATCHES = 64 };

/// The type of the values.
typedef enum {
  VOXTILE_UINT8,
  VOXTILE_INT8,
  VOXTILE_UINT16,
  VOXTILE_INT16,
  VOXTILE_UINT32,
  VOXTILE_INT32,
  VOXTILE_UINT64,
  VOXTILE_INT64,
  VOXTILE_FLOAT32,
  VOXTILE_FLOAT64,
} voxtile_type;

/// Which instructions are used.
typedef enum {
  /// Those that every processor of the architecture has.
  VOXTILE_BASELINE,
  /// AVX2, on x86-64.
  VOXTILE_AVX2,
} voxtile_instructions;

/// What becomes of the values of several patches over a voxel.
typedef enum {
  /// The value of the only patch.
  VOXTILE_COPY,
  /// The mean. Not for types of 64 bits.
  VOXTILE_PLAIN_MEAN,
  /// The mean by weights that add up to one over each voxel: 1 or 2 patches along x; 1, 2 or 4 along y and z together; at
  /// least 2 in all. Not for types of 64 bits.
  VOXTILE_MEAN_BY_SHARES,
  /// The mean by any weights. Not for types of 64 bits.
  VOXTILE_WEIGHTED_MEAN,
  /// The largest value; NaN where a value is NaN.
  VOXTILE_MAXIMUM,
  /// The label with the largest sum of weights.
  VOXTILE_VOTE,
} voxtile_operation;

/// A run of columns of a box, over which the same patches lie. Strides and counts are in values.
typedef struct {
  voxtile_operation operation;
  /// For each patch, its first value over the run in the first slice: z before y before x of the grid.
  const void *const *sources;
  /// For each patch, the distance from one row to the next, and from one slice to the next.
  const ptrdiff_t *row_strides, *slice_strides;
  /// The number of patches along x. With those along y and z there are at most VOXTILE_MOST_PATCHES.
  int32_t patches_x;
  /// The first column of the run in the box, and the number of columns.
  ptrdiff_t first_column, columns;
  /// For each column, what a sum is divided by or multiplied with, together with the numbers of its row and its slice.
  const double *column_divisors;
  /// For each patch along x, the weights of its columns, `columns` apart.
  const double *column_weights;
  /// The same as `float`, for means by shares of integers of up to 16 bits.
  const float *column_weights_float;
} voxtile_run;

/// A box of the result over which the same patches lie along y and z.
typedef struct {
  voxtile_type type;
  /// The number of bytes of a value.
  ptrdiff_t value_size;
  const voxtile_run *runs;
  ptrdiff_t run_count;
  ptrdiff_t slices, rows;
  /// The distance from one row of the result to the next.
  ptrdiff_t target_stride;
  /// The number of patches along y and z.
  int32_t patches_y, patches_z;
  /// Whether sums are divided by the divisors; else they are multiplied with them.
  bool divides;
  /// For each row and each slice, what a sum is divided by or multiplied with.
  const double *row_divisors, *slice_divisors;
  /// For each patch along y, the weights of its rows, `rows` apart; for each slice, the weights of the patches along z.
  const double *row_weights, *slice_weights;
  /// The same for means by shares.
  const double *row_shares, *slice_shares;
} voxtile_box;

/// The best instructions that this processor has.
voxtile_instructions voxtile_best_instructions(void);

/// Merges one slice of a box, all its runs in turn.
///
/// The label of a vote is written where all patches have the same bits, and, for integers, where there are two labels and one
/// of them has more votes. Elsewhere the value of the last patch is written, and the place is added to `undecided`, which must
/// have room for rows x columns of every run that is voted on: row times `columns` of the run plus column, ascending. `undecided_counts` is given the
/// number of places of each run; both are not used where nothing is voted on.
void voxtile_merge_slice(
  const voxtile_box *box, voxtile_instructions use, ptrdiff_t slice, void *target, int32_t *undecided,
  ptrdiff_t *undecided_counts);

/// Rows of predictions that are added to sums, each value times a weight of its column and one of its row. Strides and counts
/// are in values.
typedef struct {
  const float *values, *column_weights, *row_weights;
  float *sums;
  ptrdiff_t rows, columns;
  /// The distances from one row to the next.
  ptrdiff_t value_stride, column_weight_stride, sum_stride;
  /// Whether sums are set as if they had been 0, instead of added to.
  bool sets;
} voxtile_weighted_rows;

/// Adds `value * (column weight * row weight)` to each sum, and returns whether all values are finite.
bool voxtile_add_weighted(voxtile_instructions use, const voxtile_weighted_rows *rows);

/// Takes values that are larger than the best ones so far, and their number; NaN is never larger.
void voxtile_take_larger(
  voxtile_instructions use, const float *values, int32_t number, ptrdiff_t count, float *best, int32_t *numbers);

/// A row that is a weighted mean of two rows, or the first one where there is no second.
typedef struct {
  const void *first, *second;
  double first_weight, second_weight;
  void *target;
  ptrdiff_t columns;
} voxtile_row_mean;

/// Which values a mean of rows is made from, and which it becomes.
typedef enum {
  /// From `float` to `double`.
  VOXTILE_WIDENED,
  /// From `double` to `double`.
  VOXTILE_WIDE,
  /// From `double` to `float`.
  VOXTILE_NARROWED,
} voxtile_row_values;

/// Makes a mean of rows.
void voxtile_mean_of_rows(voxtile_instructions use, voxtile_row_values values, const voxtile_row_mean *rows);

/// A row of which each value is a weighted mean of two values of another row, or the first one where there is no second.
typedef struct {
  const double *source;
  /// For each column, which values of the source, and how much they count.
  const int32_t *first, *second;
  const double *first_weights, *second_weights;
  double *target;
  ptrdiff_t columns;
} voxtile_picked_columns;

/// Makes such a row.
void voxtile_pick_columns(voxtile_instructions use, const voxtile_picked_columns *columns);

/// Copies rows. Strides are in bytes, too. Source and target do not overlap.
///
/// With `past_caches`, for memory that is not read soon: where the processor can, and rows are of whole 16 bytes, that memory is not read
/// first, and takes no room in the caches.
void voxtile_copy_rows(
  const void *source, ptrdiff_t source_stride, void *target, ptrdiff_t target_stride, ptrdiff_t bytes, ptrdiff_t rows,
  bool past_caches);

#endif
