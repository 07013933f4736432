// Means of integers of 32 bits and floats, added as double: include it with VALUE (the type) and NAME (its name) defined,
// after weighted_mean.h.

INLINE void PASTE(plain_mean_of, NAME)(const voxtile_rectangle *r, int n) {
  FIRST_ROWS(VALUE, n, r)
  bool is_power_of_two = (n & (n - 1)) == 0;
  for (ptrdiff_t row = 0; row < r->rows; row++) {
    double divisor = is_power_of_two ? 0 : r->row_divisors[row] * r->slice_divisor;
#define BLOCK(at, count) \
  { \
    double_vector sum = PASTE(to_double, NAME)(sources[0] + (at), count); \
    UNROLL for (int k = 1; k < n; k++) sum += PASTE(to_double, NAME)(sources[k] + (at), count); \
    if (is_power_of_two) sum *= 1.0 / n; \
    else sum = divided(sum, r->column_divisors + (at), divisor, r->divides, count); \
    PASTE(from_double, NAME)(sum, target + (at), count); \
  }
    FOR_EACH_VECTOR(r->columns, 8, BLOCK)
#undef BLOCK
    NEXT_ROWS(n, r)
  }
}

static void PASTE(plain_mean, NAME)(const voxtile_rectangle *r) {
  switch (patch_count(r)) {
    case 2: PASTE(plain_mean_of, NAME)(r, 2); break;
    case 4: PASTE(plain_mean_of, NAME)(r, 4); break;
    case 8: PASTE(plain_mean_of, NAME)(r, 8); break;
    default: PASTE(plain_mean_of, NAME)(r, patch_count(r));
  }
}

typedef double_vector PASTE(share_vector, NAME);
INLINE double_vector PASTE(to_share, NAME)(const VALUE *source, ptrdiff_t count) {
  return PASTE(to_double, NAME)(source, count);
}
INLINE void PASTE(from_share, NAME)(double_vector mean, VALUE *target, ptrdiff_t count) {
  PASTE(from_double, NAME)(mean, target, count);
}
