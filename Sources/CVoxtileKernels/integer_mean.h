// Means of integers of 8 or 16 bits: include it with VALUE (the type), NAME (its name), SUM (a type that holds the sum of 64
// of them) and SUM_LANES defined.

typedef VECTOR(VALUE, SUM_LANES) PASTE(mean_vector, NAME);
typedef VECTOR(SUM, SUM_LANES) PASTE(sum_vector, NAME);

/// The mean of `n` values, ties to even.
INLINE PASTE(mean_vector, NAME) PASTE(mean_from_sum, NAME)(PASTE(sum_vector, NAME) sum, int n) {
  if ((n & (n - 1)) == 0) {
    // Add half of n, minus one if the quotient is even, so that ties go to even.
    int exponent = __builtin_ctz((unsigned)n);
    PASTE(sum_vector, NAME) odd = (sum >> (SUM)exponent) & (SUM)1;
    return CONVERT((sum + (SUM)((n >> 1) - 1) + odd) >> (SUM)exponent, PASTE(mean_vector, NAME));
  }
  // A float has at least 8 bits to spare: a quotient by at most 64 cannot be rounded onto a tie. Adding
  // 1.5 * 2^23 leaves the rounded number in the low bits.
  VECTOR(float, SUM_LANES) mean = CONVERT(sum, VECTOR(float, SUM_LANES)) / (float)n + 0x1.8p23f;
  VECTOR(int32_t, SUM_LANES) bits;
  memcpy(&bits, &mean, sizeof bits);
  return CONVERT(bits, PASTE(mean_vector, NAME));
}

INLINE void PASTE(plain_mean_of, NAME)(const voxtile_rectangle *r, int n) {
  FIRST_ROWS(VALUE, n, r)
  for (ptrdiff_t row = 0; row < r->rows; row++) {
#define BLOCK(at, count) \
  { \
    PASTE(mean_vector, NAME) values = {0}; \
    PASTE(sum_vector, NAME) sum = {0}; \
    UNROLL for (int k = 0; k < n; k++) { \
      LOAD(values, sources[k] + (at), count); \
      sum += CONVERT(values, PASTE(sum_vector, NAME)); \
    } \
    values = PASTE(mean_from_sum, NAME)(sum, n); \
    STORE(values, target + (at), count); \
  }
    FOR_EACH_VECTOR(r->columns, SUM_LANES, BLOCK)
#undef BLOCK
    NEXT_ROWS(n, r)
  }
}

static void PASTE(plain_mean, NAME)(const voxtile_rectangle *r) {
  switch (patch_count(r)) {
    case 2: PASTE(plain_mean_of, NAME)(r, 2); break;
    case 3: PASTE(plain_mean_of, NAME)(r, 3); break;
    case 4: PASTE(plain_mean_of, NAME)(r, 4); break;
    case 6: PASTE(plain_mean_of, NAME)(r, 6); break;
    case 8: PASTE(plain_mean_of, NAME)(r, 8); break;
    case 12: PASTE(plain_mean_of, NAME)(r, 12); break;
    default: PASTE(plain_mean_of, NAME)(r, patch_count(r));
  }
}

typedef VECTOR(float, 16) PASTE(share_vector, NAME);
typedef VECTOR(VALUE, 16) PASTE(shared_vector, NAME);

INLINE PASTE(share_vector, NAME) PASTE(to_share, NAME)(const VALUE *source, ptrdiff_t count) {
  PASTE(shared_vector, NAME) values = {0};
  LOAD(values, source, count);
  return CONVERT(values, PASTE(share_vector, NAME));
}

INLINE void PASTE(from_share, NAME)(PASTE(share_vector, NAME) mean, VALUE *target, ptrdiff_t count) {
  // As above: the rounded number is in the low bits.
  mean += 0x1.8p23f;
  VECTOR(int32_t, 16) bits;
  memcpy(&bits, &mean, sizeof bits);
  PASTE(shared_vector, NAME) values = CONVERT(bits, PASTE(shared_vector, NAME));
  STORE(values, target, count);
}
