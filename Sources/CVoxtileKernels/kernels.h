// The kernels of one set of instructions, and what they are given.

#ifndef VOXTILE_KERNEL_TABLE_H
#define VOXTILE_KERNEL_TABLE_H

#include "include/CVoxtileKernels.h"

/// A rectangle of the result, and the patches over it: one slice of a run. Strides and counts are in values.
typedef struct {
  /// For each patch, its first value over the rectangle: z before y before x of the grid.
  const void *const *sources;
  /// For each patch, the distance from one row to the next.
  const ptrdiff_t *source_strides;
  /// For each patch, the distance to the slice that is merged next; 0 after the last one.
  const ptrdiff_t *next_slices;
  /// The number of patches along each axis.
  int32_t patches_x, patches_y, patches_z;

  /// The first value of the rectangle in the result.
  void *target;
  /// The distance from one row of the result to the next.
  ptrdiff_t target_stride;
  ptrdiff_t rows, columns;

  /// What a sum is divided by or multiplied with: the product of one number for its column, its row and its slice.
  const double *column_divisors, *row_divisors;
  double slice_divisor;
  bool divides;

  /// The weights of slices, rows and columns, as in a box and a run.
  const double *slice_weights, *row_weights, *column_weights;
  const float *column_weights_float;
} voxtile_rectangle;

enum { TYPES = VOXTILE_FLOAT64 + 1 };

/// For each operation and each `voxtile_type` its function.
typedef struct {
  void (*copy[TYPES])(const voxtile_rectangle *);
  void (*plain_mean[TYPES])(const voxtile_rectangle *);
  void (*mean_by_shares[TYPES])(const voxtile_rectangle *);
  void (*weighted_mean[TYPES])(const voxtile_rectangle *);
  void (*maximum[TYPES])(const voxtile_rectangle *);
  /// Writes what can be decided at once, and returns the number of other places.
  ptrdiff_t (*vote[TYPES])(const voxtile_rectangle *, bool equal_means_same_bits, int32_t *undecided);
  bool (*add_weighted)(const voxtile_weighted_rows *);
  void (*take_larger)(const float *, int32_t, ptrdiff_t, float *, int32_t *);
  /// By `voxtile_row_values`.
  void (*mean_of_rows[3])(const voxtile_row_mean *);
  void (*pick_columns)(const voxtile_picked_columns *);
} voxtile_kernels;

extern const voxtile_kernels voxtile_kernels_baseline;
#if defined(__x86_64__)
extern const voxtile_kernels voxtile_kernels_avx2;
#endif

#endif
