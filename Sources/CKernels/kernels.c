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
#define KZ_UNROLL _Pragma("clang loop unroll(full)")

// Tiles fill the vector registers: R x V sums, V loaded, 1 broadcast.
#define KZ_SUFFIX baseline
#define KZ_LANES 4
#if defined(__aarch64__)
#define KZ_TILE_ROWS 8
#define KZ_MOST_ROWS 12
#define KZ_MOST_SUMS 16
#else
#define KZ_TILE_ROWS 4
#define KZ_MOST_ROWS 8
#define KZ_MOST_SUMS 12
#endif
#define KZ_TILE_VECTORS 2
#define KZ_ROW_VECTORS 8
#include "body.h"

#if defined(__x86_64__)
#define KZ_SUFFIX avx2
#define KZ_LANES 8
#define KZ_TILE_ROWS 6
#define KZ_MOST_ROWS 8
#define KZ_MOST_SUMS 12
#define KZ_TILE_VECTORS 2
#define KZ_ROW_VECTORS 8
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "body.h"
#pragma clang attribute pop

#define KZ_SUFFIX avx512
#define KZ_LANES 16
#define KZ_TILE_ROWS 8
#define KZ_MOST_ROWS 12
#define KZ_MOST_SUMS 16
#define KZ_TILE_VECTORS 2
#define KZ_ROW_VECTORS 8
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

void kz_multiply(int32_t set, const kz_product *product) {
  KZ_CALL(kz_multiply, product)
}

void kz_add_rows(int32_t set, const kz_step *steps, size_t depth, const float *b, size_t columns, float *sums) {
  KZ_CALL(kz_add_rows, steps, depth, b, columns, sums)
}

void kz_transpose(int32_t set, const float *x, float *y, size_t rows, size_t columns) {
  KZ_CALL(kz_transpose, x, y, rows, columns)
}

void kz_max_pool(int32_t set, kz_pool pool, const float *x, float *y, uint16_t *cells, int32_t positive) {
  KZ_CALL(kz_max_pool, pool, x, y, cells, positive)
}

void kz_max_pool_gradient(int32_t set, kz_pool pool, const uint16_t *cells, const float *dy, float *dx) {
  KZ_CALL(kz_max_pool_gradient, pool, cells, dy, dx)
}

void kz_mean_pool(int32_t set, kz_pool pool, const float *x, float *y) {
  KZ_CALL(kz_mean_pool, pool, x, y)
}

void kz_mean_pool_gradient(int32_t set, kz_pool pool, const float *dy, float *dx, const float *mask, size_t mask_row) {
  KZ_CALL(kz_mean_pool_gradient, pool, dy, dx, mask, mask_row)
}

void kz_standardize(
    int32_t set, const float *x, const float *mean, const float *scale, float *y, size_t count, size_t y_step,
    float limit) {
  KZ_CALL(kz_standardize, x, mean, scale, y, count, y_step, limit)
}

void kz_distillation(
    int32_t set, kz_loss loss, const float *logits, const ptrdiff_t *labels, const float *teacher, size_t rows,
    size_t classes, float *losses, float *gradient, float *room) {
  KZ_CALL(kz_distillation, loss, logits, labels, teacher, rows, classes, losses, gradient, room)
}

void kz_scale_rows(int32_t set, float *values, const float *factors, size_t rows, size_t columns) {
  KZ_CALL(kz_scale_rows, values, factors, rows, columns)
}

void kz_adamw(
    int32_t set, kz_adamw_step step, const float *gradient, float *parameters, float *first, float *second,
    size_t count) {
  KZ_CALL(kz_adamw, step, gradient, parameters, first, second, count)
}

double kz_sum_of_squares(int32_t set, const float *values, size_t count) {
  KZ_CALL(kz_sum_of_squares, values, count)
}

double kz_peak(int32_t set, size_t rounds, float *sink) {
  KZ_CALL(kz_peak, rounds, sink)
}
