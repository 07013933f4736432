// Copies rows to memory that is not read soon.

#include "CVoxtileKernels.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>

/// Whether rows can be streamed. Other stores to the same line of a cache would make it many times slower, and short rows are, too.
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
#endif

void voxtile_copy_rows_past_caches(
  const void *source, ptrdiff_t source_stride, void *target, ptrdiff_t target_stride, ptrdiff_t bytes, ptrdiff_t rows) {
  const char *from = source;
  char *to = target;
#if defined(__SSE2__)
  if (can_stream(target, target_stride, bytes)) {
    for (ptrdiff_t row = 0; row < rows; row++) stream_row(from + row * source_stride, to + row * target_stride, bytes);
    // Other threads that hear of the copy see all of it.
    _mm_sfence();
    return;
  }
#endif
  for (ptrdiff_t row = 0; row < rows; row++) {
    memcpy(to + row * target_stride, from + row * source_stride, (size_t)bytes);
  }
}
