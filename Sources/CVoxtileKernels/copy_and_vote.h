// Copies and votes of values of one size: include it with VALUE (an unsigned integer) and NAME (its name) defined.

#define LANES (32 / (int)sizeof(VALUE))
typedef VECTOR(VALUE, LANES) PASTE(row_vector, NAME);
#define ROW_VECTOR PASTE(row_vector, NAME)

static void PASTE(copy, NAME)(const voxtile_rectangle *r) {
  FIRST_ROWS(VALUE, 1, r)
  ptrdiff_t columns = r->columns;
  for (ptrdiff_t row = 0; row < r->rows; row++) {
    if (columns * (ptrdiff_t)sizeof(VALUE) > 512 || columns < LANES) {
      memcpy(target, sources[0], (size_t)columns * sizeof(VALUE));
    } else {
      for (ptrdiff_t column = 0; column < columns; column += LANES) {
        ptrdiff_t at = overlapping(column, columns, LANES);
        ROW_VECTOR values;
        LOAD(values, sources[0] + at, LANES);
        STORE(values, target + at, LANES);
      }
    }
    NEXT_ROWS(1, r)
  }
}

/// Finds the label with the most votes where patches have two labels; false where they have more, or as many votes for both.
///
/// Votes are added in the order of the patches.
INLINE bool PASTE(decide, NAME)(
  const VALUE *const *sources, int n, ptrdiff_t column, const voxtile_rectangle *r, const double *weights, VALUE *label) {
  VALUE first = sources[0][column], second = first;
  double for_first = 0, for_second = 0;
  for (int k = 0, x = 0, place = 0; k < n; k++) {
    VALUE vote = sources[k][column];
    double weight = r->column_weights[x * r->columns + column] * weights[place];
    if (vote == first) {
      for_first += weight;
    } else {
      if (second == first) second = vote;
      if (vote != second) return false;
      for_second += weight;
    }
    if (++x == r->patches_x) {
      x = 0;
      place++;
    }
  }
  *label = for_first > for_second ? first : second;
  // Undecided if a sum is NaN: weights may overflow.
  return for_first > for_second || for_first < for_second;
}

INLINE ptrdiff_t PASTE(vote_of, NAME)(
  const voxtile_rectangle *r, bool equal_means_same_bits, int32_t *undecided, int n) {
  double weights[VOXTILE_MOST_PATCHES];
  FIRST_ROWS(VALUE, n, r)
  // A copy: for all that the compiler knows, writing bytes to the target may change the rectangle.
  ptrdiff_t columns = r->columns;
  ptrdiff_t found = 0;
  for (ptrdiff_t row = 0; row < r->rows; row++) {
    ptrdiff_t found_before = found;
    // The columns before this one have been compared: vectors overlap.
    ptrdiff_t compared = 0;
// Eight bytes at a time tell whether anything differs, which is rare.
#define BLOCK(at, count) \
  { \
    VECTOR(uint64_t, 4) last = {0}, other = {0}, difference = {0}; \
    memcpy(&last, sources[n - 1] + (at), (size_t)(count) * sizeof(VALUE)); \
    UNROLL for (int k = 0; k < n - 1; k++) { \
      memcpy(&other, sources[k] + (at), (size_t)(count) * sizeof(VALUE)); \
      difference |= last ^ other; \
    } \
    memcpy(target + (at), &last, (size_t)(count) * sizeof(VALUE)); \
    if (difference[0] | difference[1] | difference[2] | difference[3]) { \
      VALUE bits[LANES]; \
      memcpy(bits, &difference, sizeof bits); \
      for (ptrdiff_t lane = compared - (at); lane < (count); lane++) { \
        undecided[found] = (int32_t)((at) + lane); \
        found += bits[lane] != 0; \
      } \
    } \
    compared = (at) + (count); \
  }
    FOR_EACH_VECTOR(columns, LANES, BLOCK)
#undef BLOCK
    if (found > found_before) {
      row_weights of_rows;
      find_row_weights(r, &of_rows);
      for (int k = 0; k < n / r->patches_x; k++) weights[k] = row_weight(&of_rows, k, row);
      ptrdiff_t kept = found_before;
      for (ptrdiff_t number = found_before; number < found; number++) {
        int32_t column = undecided[number];
        if (!equal_means_same_bits || !PASTE(decide, NAME)(sources, n, column, r, weights, target + column)) {
          undecided[kept++] = (int32_t)(row * columns) + column;
        }
      }
      found = kept;
    }
    NEXT_ROWS(n, r)
  }
  return found;
}

static ptrdiff_t PASTE(vote, NAME)(const voxtile_rectangle *r, bool equal_means_same_bits, int32_t *undecided) {
  switch (patch_count(r)) {
    case 2: return PASTE(vote_of, NAME)(r, equal_means_same_bits, undecided, 2);
    case 4: return PASTE(vote_of, NAME)(r, equal_means_same_bits, undecided, 4);
    case 8: return PASTE(vote_of, NAME)(r, equal_means_same_bits, undecided, 8);
    default: return PASTE(vote_of, NAME)(r, equal_means_same_bits, undecided, patch_count(r));
  }
}

#undef ROW_VECTOR
#undef LANES
