// Rows of resampled planes, in double: include it with NAME defined.

#define LANES 8
typedef VECTOR(double, LANES) PASTE(row_vector, NAME);
typedef VECTOR(float, LANES) PASTE(narrow_row_vector, NAME);

/// A weighted mean of two rows, or the first one alone; READ and WRITE convert a vector.
#define MEAN_OF_ROWS(kernel, SOURCE, TARGET, READ, WRITE) \
  static void PASTE(kernel, NAME)(const voxtile_row_mean *r) { \
    const SOURCE *first = r->first, *second = r->second; \
    TARGET *target = r->target; \
    double u = r->first_weight, v = r->second_weight; \
    ptrdiff_t column = 0; \
    for (; column + LANES <= r->columns; column += LANES) { \
      PASTE(row_vector, NAME) mean, other; \
      READ(mean, first + column); \
      if (second) { \
        READ(other, second + column); \
        mean = u * mean + v * other; \
      } \
      WRITE(mean, target + column); \
    } \
    for (; column < r->columns; column++) { \
      double mean = first[column]; \
      target[column] = (TARGET)(second ? u * mean + v * (double)second[column] : mean); \
    } \
  }

#define READ_DOUBLES(vector, source) LOAD(vector, source, LANES)
#define READ_FLOATS(vector, source) \
  { \
    PASTE(narrow_row_vector, NAME) narrow; \
    LOAD(narrow, source, LANES); \
    vector = CONVERT(narrow, PASTE(row_vector, NAME)); \
  }
#define WRITE_DOUBLES(vector, target) STORE(vector, target, LANES)
#define WRITE_FLOATS(vector, target) \
  { \
    PASTE(narrow_row_vector, NAME) narrow = CONVERT(vector, PASTE(narrow_row_vector, NAME)); \
    STORE(narrow, target, LANES); \
  }

MEAN_OF_ROWS(mean_of_floats, float, double, READ_FLOATS, WRITE_DOUBLES)
MEAN_OF_ROWS(mean_of_doubles, double, double, READ_DOUBLES, WRITE_DOUBLES)
MEAN_OF_ROWS(narrowed_mean, double, float, READ_DOUBLES, WRITE_FLOATS)

static void PASTE(pick_columns, NAME)(const voxtile_picked_columns *r) {
  const double *source = r->source, *u = r->first_weights, *v = r->second_weights;
  const int32_t *first = r->first, *second = r->second;
  double *restrict target = r->target;
  ptrdiff_t columns = r->columns;
  if (second) {
    for (ptrdiff_t column = 0; column < columns; column++) {
      target[column] = u[column] * source[first[column]] + v[column] * source[second[column]];
    }
  } else {
    for (ptrdiff_t column = 0; column < columns; column++) target[column] = source[first[column]];
  }
}

#undef MEAN_OF_ROWS
#undef READ_DOUBLES
#undef READ_FLOATS
#undef WRITE_DOUBLES
#undef WRITE_FLOATS
#undef LANES
