// The largest of the values of one type: include it with VALUE (the type) and NAME (its name) defined.

#define LANES (32 / (int)sizeof(VALUE))
typedef VECTOR(VALUE, LANES) PASTE(maximum_vector, NAME);

INLINE void PASTE(maximum_of, NAME)(const voxtile_rectangle *r, int n) {
  FIRST_ROWS(VALUE, n, r)
  for (ptrdiff_t row = 0; row < r->rows; row++) {
// Start with the last patch, so that its bits win among equal values (0 and -0). A comparison with NaN is false, so NaN
// replaces a number, and is kept once it is there.
#define BLOCK(at, count) \
  { \
    PASTE(maximum_vector, NAME) highest = {0}, value = {0}; \
    LOAD(highest, sources[n - 1] + (at), count); \
    UNROLL for (int k = 0; k < n - 1; k++) { \
      LOAD(value, sources[k] + (at), count); \
      highest = ((value <= highest) | (highest != highest)) ? highest : value; \
    } \
    STORE(highest, target + (at), count); \
  }
    FOR_EACH_VECTOR(r->columns, LANES, BLOCK)
#undef BLOCK
    NEXT_ROWS(n, r)
  }
}

static void PASTE(maximum, NAME)(const voxtile_rectangle *r) {
  switch (patch_count(r)) {
    case 2: PASTE(maximum_of, NAME)(r, 2); break;
    case 4: PASTE(maximum_of, NAME)(r, 4); break;
    case 8: PASTE(maximum_of, NAME)(r, 8); break;
    default: PASTE(maximum_of, NAME)(r, patch_count(r));
  }
}

#undef LANES
