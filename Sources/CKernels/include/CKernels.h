#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Dense kernels of a small multilayer perceptron, single precision, row-major, one thread.
//
// Every function takes the instruction set to run on, so that nothing here is global state and one process can compare
// them. Sums are taken in one fixed order per instruction set: the same call gives the same bits.

enum {
  // What every machine of the architecture has: sse2 on x86-64, neon on arm64.
  KZ_BASELINE = 0,
  KZ_AVX2 = 1,
  KZ_AVX512 = 2,
};

// 1 when this processor can run the set.
int kz_supports(int32_t set);

// "sse2" or "neon": what KZ_BASELINE is on this architecture.
const char *_Nonnull kz_baseline_name(void);

// y[rows, out] = x[rows, in] * w[in, out] + bias[out], negative values replaced by 0 where `relu` is not 0.
void kz_dense_forward(
    int32_t set, const float *_Nonnull x, const float *_Nonnull w, const float *_Nonnull bias, float *_Nonnull y,
    size_t rows, size_t in, size_t out, int32_t relu);

// dw[in, out] = x[rows, in]^T * dy[rows, out]; dbias[out] = column sums of dy. Both overwritten.
void kz_dense_weight_gradient(
    int32_t set, const float *_Nonnull x, const float *_Nonnull dy, float *_Nonnull dw, float *_Nonnull dbias,
    size_t rows, size_t in, size_t out);

// dx[rows, in] = (dy[rows, out] * w[in, out]^T), set to 0 where x is not positive (x is what a ReLU gave out).
// `transposed` is room for in * out floats.
void kz_dense_input_gradient(
    int32_t set, const float *_Nonnull x, const float *_Nonnull w, const float *_Nonnull dy, float *_Nonnull dx,
    float *_Nonnull transposed, size_t rows, size_t in, size_t out);

// y = (x - mean) * scale, clamped to -limit...limit; what is not a number becomes 0.
void kz_standardize(
    int32_t set, const float *_Nonnull x, const float *_Nonnull mean, const float *_Nonnull scale, float *_Nonnull y,
    size_t rows, size_t count, float limit);

typedef struct {
  float learning_rate;
  float beta1, beta2;
  float epsilon;
  float weight_decay;
  // 1 - beta^step.
  float correction1, correction2;
  // Multiplies the gradient first: clipping.
  float gradient_scale;
} kz_adamw_step;

// One AdamW step (Loshchilov and Hutter 2019, algorithm 2) over `count` parameters and their two moments.
void kz_adamw(
    int32_t set, kz_adamw_step step, const float *_Nonnull gradient, float *_Nonnull parameters,
    float *_Nonnull first, float *_Nonnull second, size_t count);

// Sum of squares in double precision.
double kz_sum_of_squares(int32_t set, const float *_Nonnull values, size_t count);

#endif
