// Included once per instruction set, hence no include guard. Needs KZ_SUFFIX, KZ_LANES, KZ_TILE_ROWS x KZ_TILE_VECTORS
// (a product's tile), KZ_MOST_ROWS (rows of a tile of one vector), KZ_ROW_VECTORS (vectors of a tile of one row) and
// KZ_MOST_SUMS (the largest number of sums among them).

#include "product.h"

#include "loss.h"
#include "pool.h"

static void KZ(kz_transpose)(const float *x, float *y, size_t rows, size_t columns) {
  size_t row = 0;
  for (; row + 4 <= rows; row += 4) {
    size_t column = 0;
    for (; column + 4 <= columns; column += 4) {
      const float *from = x + row * columns + column;
      const KZ(four) r0 = *(const KZ(four) *)from, r1 = *(const KZ(four) *)(from + columns);
      const KZ(four) r2 = *(const KZ(four) *)(from + 2 * columns), r3 = *(const KZ(four) *)(from + 3 * columns);
      const KZ(four) low01 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5);
      const KZ(four) low23 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5);
      const KZ(four) high01 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
      const KZ(four) high23 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
      float *to = y + column * rows + row;
      *(KZ(four) *)to = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
      *(KZ(four) *)(to + rows) = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
      *(KZ(four) *)(to + 2 * rows) = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
      *(KZ(four) *)(to + 3 * rows) = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
    }
    for (; column < columns; column++)
      for (size_t i = 0; i < 4; i++) y[column * rows + row + i] = x[(row + i) * columns + column];
  }
  for (; row < rows; row++)
    for (size_t column = 0; column < columns; column++) y[column * rows + row] = x[row * columns + column];
}

KZ_INLINE float KZ(kz_standard)(float x, float mean, float scale, float limit) {
  float value = (x - mean) * scale;
  value = value > limit ? limit : value;
  value = value < -limit ? -limit : value;
  return value == value ? value : 0.0f;
}

static void KZ(kz_standardize)(
    const float *restrict x, const float *restrict mean, const float *restrict scale, float *restrict y, size_t count,
    size_t y_step, float limit) {
  if (y_step == 1) {
    for (size_t i = 0; i < count; i++) y[i] = KZ(kz_standard)(x[i], mean[i], scale[i], limit);
  } else {
    for (size_t i = 0; i < count; i++) y[i * y_step] = KZ(kz_standard)(x[i], mean[i], scale[i], limit);
  }
}

static void KZ(kz_scale_rows)(float *values, const float *factors, size_t rows, size_t columns) {
  for (size_t row = 0; row < rows; row++)
    for (size_t i = 0; i < columns; i++) values[row * columns + i] *= factors[row];
}

static void KZ(kz_adamw)(
    kz_adamw_step step, const float *restrict gradient, float *restrict parameters, float *restrict first,
    float *restrict second, size_t count) {
  const float keep = 1.0f - step.learning_rate * step.weight_decay;
  const float rate = step.learning_rate / step.correction1;
  const float correction = 1.0f / step.correction2;
  for (size_t i = 0; i < count; i++) {
    const float g = gradient[i] * step.gradient_scale;
    const float m = step.beta1 * first[i] + (1.0f - step.beta1) * g;
    const float v = step.beta2 * second[i] + (1.0f - step.beta2) * g * g;
    first[i] = m;
    second[i] = v;
    parameters[i] = parameters[i] * keep - rate * m / (__builtin_sqrtf(v * correction) + step.epsilon);
  }
}

static double KZ(kz_sum_of_squares)(const float *values, size_t count) {
  double sums[32] = {0};
  size_t i = 0;
  for (; i + 32 <= count; i += 32)
    for (int lane = 0; lane < 32; lane++) sums[lane] += (double)values[i + lane] * (double)values[i + lane];
  double sum = 0;
  for (int lane = 0; lane < 32; lane++) sum += sums[lane];
  for (; i < count; i++) sum += (double)values[i] * (double)values[i];
  return sum;
}

static double KZ(kz_peak)(size_t rounds, float *sink) {
  // 12 sums: more than the processor's latency times its units, fewer than the smallest register file.
  KZ(vector) sums[12];
  KZ(vector) factor = *sink;
  for (int i = 0; i < 12; i++) sums[i] = (float)i;
  for (size_t round = 0; round < rounds; round++) {
    KZ_UNROLL for (int turn = 0; turn < 32; turn++)
      KZ_UNROLL for (int i = 0; i < 12; i++) sums[i] = sums[i] * factor + factor;
  }
  for (int i = 1; i < 12; i++) sums[0] += sums[i];
  *sink = sums[0][0];
  return (double)rounds * 32 * 12 * KZ_LANES * 2;
}

#undef KZ_SUFFIX
#undef KZ_LANES
#undef KZ_TILE_ROWS
#undef KZ_MOST_ROWS
#undef KZ_MOST_SUMS
#undef KZ_INLINE
#undef KZ_APART
#undef KZ_PIECES
#undef KZ_TILE_VECTORS
#undef KZ_ROW_VECTORS
