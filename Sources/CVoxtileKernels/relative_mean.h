// Means of doubles, whose sums would lose what makes equal values equal: the value of the last patch, moved by the mean
// difference of all from it. Include it after `row_weight` is defined.

INLINE double_vector difference(double_vector value, double_vector base) {
  // The difference of equal values is exactly zero, also of infinities; -0.0 changes no sum.
  double_vector zero = {-0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0};
  return value == base ? zero : value - base;
}

INLINE void relative_mean_of(const voxtile_rectangle *r, int across, int per_column) {
  double weights[VOXTILE_MOST_PATCHES];
  row_weights found;
  find_row_weights(r, &found);
  int n = across * per_column;
  FIRST_ROWS(double, n, r)
  for (ptrdiff_t row = 0; row < r->rows; row++) {
    for (int k = 0; k < per_column; k++) weights[k] = row_weight(&found, k, row);
    double divisor = r->row_divisors[row] * r->slice_divisor;
#define BLOCK(at, count) \
  { \
    double_vector base = {0}, value = {0}, column = {0}; \
    double_vector sum = {-0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0}; \
    LOAD(base, sources[n - 1] + (at), count); \
    UNROLL for (int k = 0; k < n; k++) { \
      LOAD(value, sources[k] + (at), count); \
      LOAD(column, r->column_weights + k % across * r->columns + (at), count); \
      sum += difference(value, base) * (column * weights[k / across]); \
    } \
    sum = divided(sum, r->column_divisors + (at), divisor, true, count); \
    double_vector moved = base + sum; \
    VECTOR(int64_t, 8) is_infinite = (base - base != base - base) & (base == base); \
    if (__builtin_reduce_or(is_infinite)) { \
      /* The mean of infinity and a number is infinity, though their difference leads nowhere; of both infinities, it is NaN. */ \
      VECTOR(int64_t, 8) are_opposite = {0}; \
      for (int k = 0; k < n - 1; k++) { \
        LOAD(value, sources[k] + (at), count); \
        are_opposite |= is_infinite & (value == -base); \
      } \
      moved = (is_infinite & ~are_opposite & (sum == sum)) ? base : moved; \
      moved = are_opposite ? base - base : moved; \
    } \
    STORE(moved, target + (at), count); \
  }
    FOR_EACH_VECTOR(r->columns, 8, BLOCK)
#undef BLOCK
    NEXT_ROWS(n, r)
  }
}

static void weighted_mean_float64(const voxtile_rectangle *r) {
  int across = r->patches_x, per_column = r->patches_y * r->patches_z;
  switch (across * 16 + per_column) {
    case 16 + 2: relative_mean_of(r, 1, 2); break;
    case 16 + 4: relative_mean_of(r, 1, 4); break;
    case 32 + 1: relative_mean_of(r, 2, 1); break;
    case 32 + 2: relative_mean_of(r, 2, 2); break;
    case 32 + 4: relative_mean_of(r, 2, 4); break;
    default: relative_mean_of(r, across, per_column);
  }
}
