#include "load.h"

// A bucket keeps the seven bits below the highest one.
enum { FRACTION_BITS = 7, FRACTIONS = 1 << FRACTION_BITS };

int32_t kb_bucket(uint64_t nanoseconds) {
  if (nanoseconds < FRACTIONS) return (int32_t)nanoseconds;
  const int shift = 63 - __builtin_clzll(nanoseconds) - FRACTION_BITS;
  const int64_t bucket = (int64_t)shift * FRACTIONS + (int64_t)(nanoseconds >> shift);
  return bucket < KB_BUCKETS ? (int32_t)bucket : KB_BUCKETS - 1;
}

uint64_t kb_bucket_floor(int32_t bucket) {
  if (bucket < 2 * FRACTIONS) return (uint64_t)bucket;
  const int shift = bucket / FRACTIONS - 1;
  return (uint64_t)(bucket - shift * FRACTIONS) << shift;
}
