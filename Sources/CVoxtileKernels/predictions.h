// Sums of predictions, in float: include it with NAME defined.

#define LANES 16
typedef VECTOR(float, LANES) PASTE(prediction_vector, NAME);

INLINE bool PASTE(add_rows, NAME)(const voxtile_weighted_rows *r, bool sets) {
  const float *values = r->values, *columns = r->column_weights;
  float *sums = r->sums;
  // Infinity and NaN minus themselves are NaN.
  VECTOR(int32_t, LANES) strange = {0};
  bool is_strange = false;
  for (ptrdiff_t row = 0; row < r->rows; row++) {
    float factor = r->row_weights[row];
    // Rows of sums lie far from each other, which the processor does not foresee.
    const char *ahead = (const char *)(sums + 4 * r->sum_stride);
    for (ptrdiff_t byte = 0; byte < r->columns * 4; byte += 64) __builtin_prefetch(ahead + byte, 1);
    ptrdiff_t column = 0;
    for (; column + LANES <= r->columns; column += LANES) {
      // A sum that is set is 0 plus the product, too: the product may be -0.
      PASTE(prediction_vector, NAME) value, weight, sum = {0};
      LOAD(value, values + column, LANES);
      LOAD(weight, columns + column, LANES);
      if (!sets) LOAD(sum, sums + column, LANES);
      strange |= value - value != 0;
      sum += value * (weight * factor);
      STORE(sum, sums + column, LANES);
    }
    for (; column < r->columns; column++) {
      float value = values[column];
      is_strange |= value - value != 0;
      sums[column] = (sets ? 0 : sums[column]) + value * (columns[column] * factor);
    }
    values += r->value_stride;
    columns += r->column_weight_stride;
    sums += r->sum_stride;
  }
  return !is_strange && !__builtin_reduce_or(strange);
}

static bool PASTE(add_weighted, NAME)(const voxtile_weighted_rows *r) {
  return r->sets ? PASTE(add_rows, NAME)(r, true) : PASTE(add_rows, NAME)(r, false);
}

static void PASTE(take_larger, NAME)(
  const float *values, int32_t number, ptrdiff_t count, float *best, int32_t *numbers) {
  typedef VECTOR(int32_t, LANES) number_vector;
  ptrdiff_t index = 0;
  for (; index + LANES <= count; index += LANES) {
    PASTE(prediction_vector, NAME) value, highest;
    number_vector winner;
    LOAD(value, values + index, LANES);
    LOAD(highest, best + index, LANES);
    LOAD(winner, numbers + index, LANES);
    number_vector larger = value > highest;
    highest = larger ? value : highest;
    winner = larger ? (number_vector){} + number : winner;
    STORE(highest, best + index, LANES);
    STORE(winner, numbers + index, LANES);
  }
  for (; index < count; index++) {
    if (values[index] > best[index]) {
      best[index] = values[index];
      numbers[index] = number;
    }
  }
}

#undef LANES
