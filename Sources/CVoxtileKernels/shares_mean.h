// Weighted means of two, four or eight patches whose weights add up to one: include it with VALUE (the type), NAME (its
// name), WEIGHT (the type in which values are weighted), LANES, and COLUMN_WEIGHTS (the weights of columns in that type)
// defined.
//
// Patches over the same columns are added first, each weighted by its row, and then weighted by their column.

INLINE void PASTE(shares_of, NAME)(const voxtile_rectangle *r, int across, int per_column) {
  WEIGHT weights[4];
  row_weights found;
  FIRST_ROWS(VALUE, across * per_column, r)
  if (per_column > 1) find_row_weights(r, &found);
  const WEIGHT *left = COLUMN_WEIGHTS, *right = left + r->columns;
  for (ptrdiff_t row = 0; row < r->rows; row++) {
    if (per_column > 1) {
      UNROLL for (int k = 0; k < per_column; k++) weights[k] = (WEIGHT)row_weight(&found, k, row);
    }
#define BLOCK(at, count) \
  { \
    PASTE(share_vector, NAME) mean = {0}; \
    UNROLL for (int x = 0; x < across; x++) { \
      PASTE(share_vector, NAME) sum = PASTE(to_share, NAME)(sources[x] + (at), count); \
      if (per_column > 1) sum *= weights[0]; \
      UNROLL for (int k = 1; k < per_column; k++) \
        sum += PASTE(to_share, NAME)(sources[k * across + x] + (at), count) * weights[k]; \
      if (across > 1) { \
        PASTE(share_vector, NAME) column = {0}; \
        LOAD(column, (x == 0 ? left : right) + (at), count); \
        sum *= column; \
      } \
      mean = x == 0 ? sum : mean + sum; \
    } \
    PASTE(from_share, NAME)(mean, target + (at), count); \
  }
    FOR_EACH_VECTOR(r->columns, LANES, BLOCK)
#undef BLOCK
    NEXT_ROWS(across * per_column, r)
  }
}

static void PASTE(mean_by_shares, NAME)(const voxtile_rectangle *r) {
  switch (r->patches_x * 16 + r->patches_y * r->patches_z) {
    case 16 + 2: PASTE(shares_of, NAME)(r, 1, 2); break;
    case 16 + 4: PASTE(shares_of, NAME)(r, 1, 4); break;
    case 32 + 1: PASTE(shares_of, NAME)(r, 2, 1); break;
    case 32 + 2: PASTE(shares_of, NAME)(r, 2, 2); break;
    case 32 + 4: PASTE(shares_of, NAME)(r, 2, 4); break;
    default: __builtin_trap();
  }
}
