// One body (body.h), compiled once per instruction set and chosen per call.
//
// Why not intrinsics or a JIT library: the body stays one text for four instruction sets, and the service runs under
// MemoryDenyWriteExecute, where code generated at run time cannot start.

#include "CKernels.h"

// A product and its sum become one fused instruction where the set has one.
#pragma clang fp contract(fast)

#define KZ_JOIN2(name, suffix) name##_##suffix
#define KZ_JOIN(name, suffix) KZ_JOIN2(name, suffix)
#define KZ(name) KZ_JOIN(name, KZ_SUFFIX)

// 16 vector registers: 6 x 2 sums, 2 loaded, 1 broadcast.
#define KZ_SUFFIX baseline
#define KZ_LANES 4
#define KZ_TILE_ROWS 6
#define KZ_TILE_VECTORS 2
#include "body.h"

#if defined(__x86_64__)
#define KZ_SUFFIX avx2
#define KZ_LANES 8
#define KZ_TILE_ROWS 6
#define KZ_TILE_VECTORS 2
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "body.h"
#pragma clang attribute pop

// 32 vector registers: 6 x 4 sums, 4 loaded, 1 broadcast.
#define KZ_SUFFIX avx512
#define KZ_LANES 16
#define KZ_TILE_ROWS 6
#define KZ_TILE_VECTORS 4
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)
#include "body.h"
#pragma clang attribute pop

#define KZ_CALL(name, ...) \
  switch (set) { \
  case KZ_AVX512: return name##_avx512(__VA_ARGS__); \
  case KZ_AVX2: return name##_avx2(__VA_ARGS__); \
  default: return name##_baseline(__VA_ARGS__); \
  }
#else
#define KZ_CALL(name, ...) \
  (void)set; \
  return name##_baseline(__VA_ARGS__);
#endif

int kz_supports(int32_t set) {
  switch (set) {
  case KZ_BASELINE: return 1;
#if defined(__x86_64__)
  case KZ_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  case KZ_AVX512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") && kz_supports(KZ_AVX2);
#endif
  default: return 0;
  }
}

const char *kz_baseline_name(void) {
#if defined(__x86_64__)
  return "sse2";
#elif defined(__aarch64__)
  return "neon";
#else
  return "plain";
#endif
}

void kz_dense_forward(
    int32_t set, const float *x, const float *w, const float *bias, float *y, size_t rows, size_t in, size_t out,
    int32_t relu) {
  KZ_CALL(kz_product, in, x, in, 1, w, bias, y, rows, out, relu)
}

void kz_dense_weight_gradient(
    int32_t set, const float *x, const float *dy, float *dw, float *dbias, size_t rows, size_t in, size_t out) {
  KZ_CALL(kz_weight_gradient, x, dy, dw, dbias, rows, in, out)
}

void kz_dense_input_gradient(
    int32_t set, const float *x, const float *w, const float *dy, float *dx, float *transposed, size_t rows,
    size_t in, size_t out) {
  KZ_CALL(kz_input_gradient, x, w, dy, dx, transposed, rows, in, out)
}

void kz_standardize(
    int32_t set, const float *x, const float *mean, const float *scale, float *y, size_t rows, size_t count,
    float limit) {
  KZ_CALL(kz_standardize, x, mean, scale, y, rows, count, limit)
}

void kz_adamw(
    int32_t set, kz_adamw_step step, const float *gradient, float *parameters, float *first, float *second,
    size_t count) {
  KZ_CALL(kz_adamw, step, gradient, parameters, first, second, count)
}

double kz_sum_of_squares(int32_t set, const float *values, size_t count) {
  KZ_CALL(kz_sum_of_squares, values, count)
}
