#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

// The arithmetic of small dense and convolutional networks, single precision, row-major, one thread.
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

// One step of a sum: where its factor stands from the start of its row of `a`, and where its row of `b` stands.
typedef struct {
  int32_t a;
  int32_t b;
} kz_step;

// One row of the result: where its factors start in `a`, where its values go in `c`, and where its mask or cells stand.
typedef struct {
  int32_t a;
  int32_t c;
  int32_t side;
} kz_row;

// What happens to the sums before they are stored; may be combined.
enum {
  KZ_PLAIN = 0,
  // Negative sums become 0.
  KZ_RELU = 1,
  // Sums are added to what stands in `c`.
  KZ_ADD = 2,
};

// An index of no cell: a window whose largest value was not positive behind a ReLU.
enum { KZ_NO_CELL = 0xFFFF };

// c[rows[r].c + j] = bias[j] + sum over k of a[rows[r].a + steps[k].a] * b[steps[k].b + j], j < columns.
//
// The one product behind everything: the tables make it a dense layer, a convolution, or either one's gradients.
typedef struct {
  const kz_step *_Nonnull steps;
  size_t depth;
  const kz_row *_Nonnull rows;
  size_t row_count;
  size_t columns;
  const float *_Nonnull a;
  const float *_Nonnull b;
  // Floats in b; steps[k].b never falls as k grows.
  size_t b_count;
  const float *_Nullable bias;
  // Sums become 0 where mask[rows[r].side + j] is not positive.
  const float *_Nullable mask;
  float *_Nonnull c;
  int32_t ending;
  // 2 or 4: that many rows at a time are one window of max pooling, and only the largest of each column is stored, by
  // the first of them; row_count is a multiple. 0: none. Not with a mask or KZ_ADD.
  int32_t window;
  // With a window: cells[rows[r].side + j] gets the number of the row that had the largest, the first of equals, or
  // KZ_NO_CELL with KZ_RELU where that is not positive.
  uint16_t *_Nullable cells;
} kz_product;

void kz_multiply(int32_t set, const kz_product *_Nonnull product);

// sums[j] += sum over k of b[steps[k].b + j], j < columns: a bias's gradient.
void kz_add_rows(
    int32_t set, const kz_step *_Nonnull steps, size_t depth, const float *_Nonnull b, size_t columns,
    float *_Nonnull sums);

// y[columns, rows] = x[rows, columns] transposed.
void kz_transpose(int32_t set, const float *_Nonnull x, float *_Nonnull y, size_t rows, size_t columns);

// Where a pooling layer's cells stand: `across` columns and `down` rows of windows, each of `wide` x `high` cells.
//
// The cell (row, column) of the input starts at x + row * x_row + column * channels, the window (row, column) of the
// output at y + row * y_row + column * channels.
typedef struct {
  size_t down, across;
  size_t high, wide;
  size_t channels;
  size_t x_row, y_row;
} kz_pool;

// y = largest of each window, what is not a number included; `cells` [down, across, channels], unless null, gets the
// first cell that has it, counted row by row, or KZ_NO_CELL with `positive` where that is not positive.
void kz_max_pool(
    int32_t set, kz_pool pool, const float *_Nonnull x, float *_Nonnull y, uint16_t *_Nullable cells,
    int32_t positive);

// dx = dy [down, across, channels, from dy_row] in each window's cell, 0 in its others.
void kz_max_pool_gradient(
    int32_t set, kz_pool pool, const uint16_t *_Nonnull cells, const float *_Nonnull dy, float *_Nonnull dx);

// y = mean of each window.
void kz_mean_pool(int32_t set, kz_pool pool, const float *_Nonnull x, float *_Nonnull y);

// dx = dy / cells of a window; with `mask`, laid out as the rows of `mask_row` floats, 0 where it is not positive.
void kz_mean_pool_gradient(
    int32_t set, kz_pool pool, const float *_Nonnull dy, float *_Nonnull dx, const float *_Nullable mask,
    size_t mask_row);

// y[i * y_step] = (x - mean) * scale, clamped to -limit...limit; what is not a number becomes 0.
void kz_standardize(
    int32_t set, const float *_Nonnull x, const float *_Nonnull mean, const float *_Nonnull scale, float *_Nonnull y,
    size_t count, size_t y_step, float limit);

typedef struct {
  // Share of the divergence in a labelled row's loss; a row without label has the divergence alone.
  float alpha;
  float temperature;
  // Teacher logits are clamped to -teacher_limit...teacher_limit.
  float teacher_limit;
} kz_loss;

// (1 - alpha) cross-entropy + alpha temperature^2 KL(teacher || student) of each row and its gradient with respect to
// logits[rows, classes]; a label below 0 is none. `teacher` may be null where no row needs it. `room` is for
// 3 * KZ_LOSS_LANES * classes floats. A row of logits whose largest is not finite has a loss that is not a number.
void kz_distillation(
    int32_t set, kz_loss loss, const float *_Nonnull logits, const ptrdiff_t *_Nonnull labels,
    const float *_Nullable teacher, size_t rows, size_t classes, float *_Nonnull losses, float *_Nonnull gradient,
    float *_Nonnull room);

// Rows that kz_distillation handles at once, at most.
enum { KZ_LOSS_LANES = 16 };

// values[rows, columns] *= factors[rows].
void kz_scale_rows(
    int32_t set, float *_Nonnull values, const float *_Nonnull factors, size_t rows, size_t columns);

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

// Runs `rounds` x 384 independent multiplications with their additions a lane, fused where there are such, all in
// registers, and
// returns their number x 2: what this processor can do at best. `sink` is the factor, below 1, and gets a result.
double kz_peak(int32_t set, size_t rounds, float *_Nonnull sink);

#endif
