// Weighted means of any number of patches, in double: include it with VALUE (the type), NAME (its name), and for integers
// LOWEST and HIGHEST defined.

typedef VECTOR(VALUE, 8) PASTE(weighted_vector, NAME);

INLINE double_vector PASTE(to_double, NAME)(const VALUE *source, ptrdiff_t count) {
  PASTE(weighted_vector, NAME) values = {0};
  LOAD(values, source, count);
  return CONVERT(values, double_vector);
}

/// Writes the values nearest to some numbers: integers with ties to even, and saturated.
INLINE void PASTE(from_double, NAME)(double_vector numbers, VALUE *target, ptrdiff_t count) {
#ifdef LOWEST
  double_vector lowest = {0}, highest = {0};
  lowest += (double)LOWEST;
  highest += (double)HIGHEST;
  numbers = numbers < lowest ? lowest : numbers;
  numbers = numbers > highest ? highest : numbers;
  // Adding 1.5 * 2^52 leaves the rounded number in the low bits.
  numbers += 0x1.8p52;
  VECTOR(int64_t, 8) bits;
  memcpy(&bits, &numbers, sizeof bits);
  PASTE(weighted_vector, NAME) values = CONVERT(bits, PASTE(weighted_vector, NAME));
#else
  PASTE(weighted_vector, NAME) values = CONVERT(numbers, PASTE(weighted_vector, NAME));
#endif
  STORE(values, target, count);
}

INLINE void PASTE(weighted_mean_of, NAME)(const voxtile_rectangle *r, int across, int per_column) {
  double weights[VOXTILE_MOST_PATCHES];
  row_weights found;
  find_row_weights(r, &found);
  int n = across * per_column;
  FIRST_ROWS(VALUE, n, r)
  for (ptrdiff_t row = 0; row < r->rows; row++) {
    UNROLL for (int k = 0; k < per_column; k++) weights[k] = row_weight(&found, k, row);
    double divisor = r->row_divisors[row] * r->slice_divisor;
// The patches over the same columns are added four, two or one at a time, and weighted by their column once.
#define WEIGHTED(k, at, count) (PASTE(to_double, NAME)(sources[(k) * across + x] + (at), count) * weights[k])
#define BLOCK(at, count) \
  { \
    double_vector sum = {-0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0}; \
    UNROLL for (int x = 0; x < across; x++) { \
      double_vector column = {0}; \
      LOAD(column, r->column_weights + x * r->columns + (at), count); \
      int k = 0; \
      UNROLL for (; per_column - k >= 4; k += 4) \
        sum += (WEIGHTED(k, at, count) + WEIGHTED(k + 1, at, count) + WEIGHTED(k + 2, at, count) \
          + WEIGHTED(k + 3, at, count)) * column; \
      if (per_column - k >= 2) { \
        sum += (WEIGHTED(k, at, count) + WEIGHTED(k + 1, at, count)) * column; \
        k += 2; \
      } \
      if (per_column - k >= 1) sum += WEIGHTED(k, at, count) * column; \
    } \
    sum = divided(sum, r->column_divisors + (at), divisor, r->divides, count); \
    PASTE(from_double, NAME)(sum, target + (at), count); \
  }
    FOR_EACH_VECTOR(r->columns, 8, BLOCK)
#undef BLOCK
#undef WEIGHTED
    NEXT_ROWS(n, r)
  }
}

static void PASTE(weighted_mean, NAME)(const voxtile_rectangle *r) {
  int across = r->patches_x, per_column = patch_count(r) / across;
#ifdef SUM
  // Small integers wait for the processor rather than for memory. Three patches along an axis are where the last one was shifted.
  switch (across * 16 + per_column) {
    case 16 + 3: PASTE(weighted_mean_of, NAME)(r, 1, 3); return;
    case 16 + 6: PASTE(weighted_mean_of, NAME)(r, 1, 6); return;
    case 32 + 3: PASTE(weighted_mean_of, NAME)(r, 2, 3); return;
    case 32 + 6: PASTE(weighted_mean_of, NAME)(r, 2, 6); return;
  }
#endif
  PASTE(weighted_mean_of, NAME)(r, across, per_column);
}
