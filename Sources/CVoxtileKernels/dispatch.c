// Chooses kernels by what the processor has, and calls them for each run of a slice.

#include "kernels.h"

voxtile_instructions voxtile_best_instructions(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) return VOXTILE_AVX2;
#endif
  return VOXTILE_BASELINE;
}

static const voxtile_kernels *kernels_of(voxtile_instructions use) {
#if defined(__x86_64__)
  if (use == VOXTILE_AVX2) return &voxtile_kernels_avx2;
#endif
  (void)use;
  return &voxtile_kernels_baseline;
}

static const ptrdiff_t no_next_slices[VOXTILE_MOST_PATCHES];

/// The part of one slice that a run has.
///
/// \param sources gets where each patch begins; its memory is used as long as the rectangle.
static voxtile_rectangle rectangle_of(
  const voxtile_box *box, const voxtile_run *run, ptrdiff_t slice, void *target, const void **sources) {
  ptrdiff_t size = box->value_size;
  bool by_shares = run->operation == VOXTILE_MEAN_BY_SHARES;
  int patches = run->patches_x * box->patches_y * box->patches_z;
  for (int k = 0; k < patches; k++) {
    sources[k] = (const char *)run->sources[k] + slice * run->slice_strides[k] * size;
  }
  return (voxtile_rectangle){
    .sources = sources,
    .source_strides = run->row_strides,
    .next_slices = slice + 1 < box->slices ? run->slice_strides : no_next_slices,
    .patches_x = run->patches_x,
    .patches_y = box->patches_y,
    .patches_z = box->patches_z,
    .target = (char *)target + run->first_column * size,
    .target_stride = box->target_stride,
    .rows = box->rows,
    .columns = run->columns,
    .column_divisors = run->column_divisors,
    .row_divisors = box->row_divisors,
    .slice_divisor = box->slice_divisors[slice],
    .divides = box->divides,
    .slice_weights = (by_shares ? box->slice_shares : box->slice_weights) + slice * box->patches_z,
    .row_weights = by_shares ? box->row_shares : box->row_weights,
    .column_weights = run->column_weights,
    .column_weights_float = run->column_weights_float,
  };
}

void voxtile_merge_slice(
  const voxtile_box *box, voxtile_instructions use, ptrdiff_t slice, void *target, int32_t *undecided,
  ptrdiff_t *undecided_counts) {
  const voxtile_kernels *kernels = kernels_of(use);
  voxtile_type type = box->type;
  const void *sources[VOXTILE_MOST_PATCHES];
  for (ptrdiff_t number = 0; number < box->run_count; number++) {
    const voxtile_run *run = &box->runs[number];
    voxtile_rectangle rectangle = rectangle_of(box, run, slice, target, sources);
    ptrdiff_t found = 0;
    switch (run->operation) {
      case VOXTILE_COPY: kernels->copy[type](&rectangle); break;
      case VOXTILE_PLAIN_MEAN: kernels->plain_mean[type](&rectangle); break;
      case VOXTILE_MEAN_BY_SHARES: kernels->mean_by_shares[type](&rectangle); break;
      case VOXTILE_WEIGHTED_MEAN: kernels->weighted_mean[type](&rectangle); break;
      case VOXTILE_MAXIMUM: kernels->maximum[type](&rectangle); break;
      case VOXTILE_VOTE: {
        // 0 and -0 are equal with other bits, and NaN is not equal with the same.
        bool equal_means_same_bits = type != VOXTILE_FLOAT32 && type != VOXTILE_FLOAT64;
        found = kernels->vote[type](&rectangle, equal_means_same_bits, undecided);
        break;
      }
    }
    if (undecided) {
      undecided_counts[number] = found;
      undecided += found;
    }
  }
}

bool voxtile_add_weighted(voxtile_instructions use, const voxtile_weighted_rows *rows) {
  return kernels_of(use)->add_weighted(rows);
}

void voxtile_take_larger(
  voxtile_instructions use, const float *values, int32_t number, ptrdiff_t count, float *best, int32_t *numbers) {
  kernels_of(use)->take_larger(values, number, count, best, numbers);
}

void voxtile_mean_of_rows(
  voxtile_instructions use, voxtile_row_values values, const voxtile_row_mean *rows) {
  kernels_of(use)->mean_of_rows[values](rows);
}

void voxtile_pick_columns(voxtile_instructions use, const voxtile_picked_columns *columns) {
  kernels_of(use)->pick_columns(columns);
}
