// Copies rows to memory that is not read soon.

#include "CVoxtileKernels.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>

/// Copies one row with stores that do not read the memory first and leave the caches alone.
static void copy_row(const char *source, char *target, ptrdiff_t bytes) {
  ptrdiff_t head = (ptrdiff_t)(-(uintptr_t)target & 15);
  if (head > bytes) head = bytes;
  memcpy(target, source, (size_t)head);
  ptrdiff_t at = head;
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
  for (; at + 16 <= bytes; at += 16) {
    _mm_stream_si128((__m128i *)(target + at), _mm_loadu_si128((const __m128i *)(source + at)));
  }
  memcpy(target + at, source + at, (size_t)(bytes - at));
}

/// Makes the stores visible to other threads that hear of them.
static void finish_copying(void) { _mm_sfence(); }
#else
static void copy_row(const char *source, char *target, ptrdiff_t bytes) { memcpy(target, source, (size_t)bytes); }
static void finish_copying(void) {}
#endif

void voxtile_copy_rows_past_caches(
  const void *source, ptrdiff_t source_stride, void *target, ptrdiff_t target_stride, ptrdiff_t bytes, ptrdiff_t rows) {
  for (ptrdiff_t row = 0; row < rows; row++) {
    copy_row((const char *)source + row * source_stride, (char *)target + row * target_stride, bytes);
  }
  finish_copying();
}
