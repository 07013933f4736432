// Copies rows, into the caches or past them.

#include "CVoxtileKernels.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>

/// How many rows ahead memory is fetched. The rows of a box lie apart from each other, so that the processor does not fetch the
/// next ones by itself.
enum { rows_ahead = 4 };

/// The longest row, in bytes, that is copied here; the system's own copy is as fast for longer ones.
enum { long_row = 1024 };

/// Whether rows can be streamed. Other stores to the same line of a cache would make it many times slower, and short rows
/// are, too.
static bool can_stream(const void *target, ptrdiff_t stride, ptrdiff_t bytes) {
  return bytes >= 64 && (((uintptr_t)target | (uintptr_t)stride | (uintptr_t)bytes) & 15) == 0;
}

/// Copies one row with stores that do not read the memory first and leave the caches alone.
static void stream_row(const char *source, char *target, ptrdiff_t bytes) {
  ptrdiff_t at = 0;
  for (; at + 64 <= bytes; at += 64) {
    __m128i first = _mm_loadu_si128((const __m128i *)(source + at));
    __m128i second = _mm_loadu_si128((const __m128i *)(source + at + 16));
    __m128i third = _mm_loadu_si128((const __m128i *)(source + at + 32));
    __m128i fourth = _mm_loadu_si128((const __m128i *)(source + at + 48));
    _mm_stream_si128((__m128i *)(target + at), first);
    _mm_stream_si128((__m128i *)(target + at + 16), second);
    _mm_stream_si128((__m128i *)(target + at + 32), third);
    _mm_stream_si128((__m128i *)(target + at + 48), fourth);
  }
  for (; at < bytes; at += 16) {
    _mm_stream_si128((__m128i *)(target + at), _mm_loadu_si128((const __m128i *)(source + at)));
  }
}

/// Copies 16 bytes.
static inline void copy_block(const char *source, char *target) {
  _mm_storeu_si128((__m128i *)target, _mm_loadu_si128((const __m128i *)source));
}

/// Copies one row of at least 16 bytes. Most rows start at a multiple of 16 bytes, but not of 64, so that blocks of 16 bytes
/// lie in one line of the cache, where the longer blocks of the system's own copy would lie in two.
static void copy_row(const char *source, char *target, ptrdiff_t bytes) {
  ptrdiff_t at = 0;
  for (; at + 64 <= bytes; at += 64) {
    copy_block(source + at, target + at);
    copy_block(source + at + 16, target + at + 16);
    copy_block(source + at + 32, target + at + 32);
    copy_block(source + at + 48, target + at + 48);
  }
  for (; at + 16 <= bytes; at += 16) copy_block(source + at, target + at);
  if (at < bytes) copy_block(source + bytes - 16, target + bytes - 16);
}

/// Fetches a row into the caches before it is read.
static void fetch_row(const char *source, ptrdiff_t bytes) {
  for (ptrdiff_t at = 0; at < bytes; at += 64) _mm_prefetch(source + at, _MM_HINT_T0);
}
#endif

void voxtile_copy_rows(
  const void *source, ptrdiff_t source_stride, void *target, ptrdiff_t target_stride, ptrdiff_t bytes, ptrdiff_t rows,
  bool past_caches) {
  const char *from = source;
  char *to = target;
#if defined(__SSE2__)
  if (past_caches && can_stream(target, target_stride, bytes)) {
    for (ptrdiff_t row = 0; row < rows; row++) stream_row(from + row * source_stride, to + row * target_stride, bytes);
    // Other threads that hear of the copy see all of it.
    _mm_sfence();
    return;
  }
  if (bytes >= 16 && bytes <= long_row) {
    for (ptrdiff_t row = 0; row < rows; row++) {
      if (row + rows_ahead < rows) fetch_row(from + (row + rows_ahead) * source_stride, bytes);
      copy_row(from + row * source_stride, to + row * target_stride, bytes);
    }
    return;
  }
#endif
  for (ptrdiff_t row = 0; row < rows; row++) {
    memcpy(to + row * target_stride, from + row * source_stride, (size_t)bytes);
  }
}
