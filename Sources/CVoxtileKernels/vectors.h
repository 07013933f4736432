// Vectors of a fixed number of values, as clang knows them: each operation works on all lanes.
//
// A row is worked through one vector at a time. The last vector of a row overlaps the one before it, so that no values are
// left over; a row that is shorter than a vector is read into one whose other lanes are 0.

#include <string.h>

#include "kernels.h"

// Products and sums are rounded one after another, on every processor.
#pragma STDC FP_CONTRACT OFF
// Functions with vectors are always inlined, so it does not matter how they would be passed.
#pragma clang diagnostic ignored "-Wpsabi"
// Loops over a number of patches that is only known at run time are not unrolled.
#pragma clang diagnostic ignored "-Wpass-failed"

#define INLINE static inline __attribute__((always_inline))
#define VECTOR(type, lanes) __attribute__((ext_vector_type(lanes))) type
#define CONVERT(vector, type) __builtin_convertvector(vector, type)
#define UNROLL _Pragma("clang loop unroll(full)")

// Pastes names after their parts have been expanded.
#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)

/// Where the vector begins that is to cover the columns from `column` on.
INLINE ptrdiff_t overlapping(ptrdiff_t column, ptrdiff_t columns, ptrdiff_t lanes) {
  return column > columns - lanes ? columns - lanes : column;
}

/// Reads the first `count` lanes of a vector.
#define LOAD(vector, source, count) memcpy(&(vector), (source), (size_t)(count) * sizeof((vector)[0]))
/// Writes the first `count` lanes of a vector.
#define STORE(vector, target, count) memcpy((target), &(vector), (size_t)(count) * sizeof((vector)[0]))

/// Runs `BLOCK(at, count)` for some columns at a time, a fixed number of them, of a row that has as many.
#define FOR_EACH_PART(columns, lanes, BLOCK) \
  for (ptrdiff_t column = 0; column < (columns); column += (lanes)) { \
    ptrdiff_t at = overlapping(column, (columns), (lanes)); \
    BLOCK(at, (lanes)); \
  }

/// Runs `BLOCK(at, count)` for each vector of a row: `count` values from column `at` on.
///
/// Parts of four of a shorter row are read at once, too; a number that is not known beforehand takes a call.
#define FOR_EACH_VECTOR(columns, lanes, BLOCK) \
  if ((columns) >= (lanes)) { \
    FOR_EACH_PART(columns, lanes, BLOCK) \
  } else if ((columns) >= 4) { \
    FOR_EACH_PART(columns, 4, BLOCK) \
  } else { \
    BLOCK(0, (columns)); \
  }

/// Declares where the first row of each patch and of the target begins.
#define FIRST_ROWS(type, n, r) \
  const type *sources[VOXTILE_MOST_PATCHES]; \
  for (int k = 0; k < (n); k++) sources[k] = (r)->sources[k]; \
  type *target = (r)->target;

/// Goes to the next row of each patch and of the target, and fetches the same row of the next slice into the caches: a rectangle
/// is short pieces of many rows, so that the processor does not fetch the next ones by itself.
#define NEXT_ROWS(n, r) \
  for (int k = 0; k < (n); k++) { \
    __builtin_prefetch(sources[k] + (r)->next_slices[k]); \
    sources[k] += (r)->source_strides[k]; \
  } \
  target += (r)->target_stride;

/// The patches over a rectangle, all of them.
INLINE int patch_count(const voxtile_rectangle *r) { return r->patches_x * r->patches_y * r->patches_z; }
