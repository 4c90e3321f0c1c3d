#include "CBench.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

// A product and its sum become one fused instruction where the set has one.
#pragma clang fp contract(fast)

#define KB_JOIN2(name, suffix) name##_##suffix
#define KB_JOIN(name, suffix) KB_JOIN2(name, suffix)
#define KB(name) KB_JOIN(name, KB_SUFFIX)
#if defined(__x86_64__)
#define KB_REGISTER(value) "v"(value)
#else
#define KB_REGISTER(value) "w"(value)
#endif

// Ten multiply-adds are under way at once where two units take five cycles each; 16 registers leave room for 12.
#define KB_SUFFIX baseline
#define KB_LANES 4
#define KB_SUMS 12
#include "peak.h"

#if defined(__x86_64__)
#define KB_SUFFIX avx2
#define KB_LANES 8
#define KB_SUMS 12
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "peak.h"
#pragma clang attribute pop

#define KB_SUFFIX avx512
#define KB_LANES 16
#define KB_SUMS 16
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)
#include "peak.h"
#pragma clang attribute pop
#endif

uint64_t kb_operations_per_round(int32_t set) {
  switch (set) {
#if defined(__x86_64__)
  case KB_AVX512: return 2 * 16 * 16;
  case KB_AVX2: return 2 * 12 * 8;
#endif
  default: return 2 * 12 * 4;
  }
}

float kb_multiply_add(int32_t set, uint64_t rounds) {
  switch (set) {
#if defined(__x86_64__)
  case KB_AVX512: return multiply_add_avx512(rounds);
  case KB_AVX2: return multiply_add_avx2(rounds);
#endif
  default: return multiply_add_baseline(rounds);
  }
}

int kb_stay_on_one_core(void) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return -1;
  for (int core = 0; core < CPU_SETSIZE; core++) {
    if (!CPU_ISSET(core, &allowed)) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    return sched_setaffinity(0, sizeof one, &one) == 0 ? core : -1;
  }
  return -1;
}

void kb_reset_peak_memory(void) {
  const int file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  // A kernel that does not know this keeps the old peak, which is then the larger figure.
  if (write(file, "5", 1) != 1) { /* nothing to do */
  }
  close(file);
}
