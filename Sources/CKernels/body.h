// Included once per instruction set, hence no include guard. Needs KZ_SUFFIX, KZ_LANES, KZ_TILE_ROWS, KZ_TILE_VECTORS.

#define KZ_VECTOR(lanes, name) \
  typedef float KZ(name) __attribute__((ext_vector_type(lanes), aligned(4), may_alias));
KZ_VECTOR(KZ_LANES, full)
#if KZ_LANES > 8
KZ_VECTOR(8, eight)
#endif
#if KZ_LANES > 4
KZ_VECTOR(4, four)
#endif
KZ_VECTOR(2, two)
typedef float KZ(one);

// c[R, V * lanes] = bias + sum over k < depth of a[r * a_row + k * a_step] * b[k * n ...]: all sums stay in registers.
#define KZ_TILE(name, R, V, vector, lanes) \
  static inline __attribute__((always_inline)) void name( \
      size_t depth, const float *a, size_t a_row, size_t a_step, const float *b, const float *bias, float *c, \
      size_t n, int32_t relu) { \
    vector sums[R][V]; \
    for (int r = 0; r < R; r++) \
      for (int v = 0; v < V; v++) \
        sums[r][v] = bias ? *(const vector *)(bias + v * lanes) : (vector)(0.0f); \
    for (size_t k = 0; k < depth; k++) { \
      vector loaded[V]; \
      for (int v = 0; v < V; v++) loaded[v] = *(const vector *)(b + k * n + v * lanes); \
      for (int r = 0; r < R; r++) { \
        const float factor = a[r * a_row + k * a_step]; \
        for (int v = 0; v < V; v++) sums[r][v] += loaded[v] * factor; \
      } \
    } \
    for (int r = 0; r < R; r++) \
      for (int v = 0; v < V; v++) { \
        const vector sum = sums[r][v]; \
        *(vector *)(c + r * n + v * lanes) = relu ? (sum < (vector)(0.0f) ? (vector)(0.0f) : sum) : sum; \
      } \
  }

// A strip of V vectors of columns, all rows: full tiles, then pairs, then single rows.
#define KZ_STRIP(name, V, vector, lanes) \
  KZ_TILE(KZ_JOIN(name, tile), KZ_TILE_ROWS, V, vector, lanes) \
  KZ_TILE(KZ_JOIN(name, pair), 2, V, vector, lanes) \
  KZ_TILE(KZ_JOIN(name, single), 1, V, vector, lanes) \
  static void name( \
      size_t depth, const float *a, size_t a_row, size_t a_step, const float *b, const float *bias, float *c, \
      size_t rows, size_t n, int32_t relu) { \
    size_t r = 0; \
    for (; r + KZ_TILE_ROWS <= rows; r += KZ_TILE_ROWS) \
      KZ_JOIN(name, tile)(depth, a + r * a_row, a_row, a_step, b, bias, c + r * n, n, relu); \
    for (; r + 2 <= rows; r += 2) \
      KZ_JOIN(name, pair)(depth, a + r * a_row, a_row, a_step, b, bias, c + r * n, n, relu); \
    for (; r < rows; r++) \
      KZ_JOIN(name, single)(depth, a + r * a_row, a_row, a_step, b, bias, c + r * n, n, relu); \
  }

KZ_STRIP(KZ(kz_strip_wide), KZ_TILE_VECTORS, KZ(full), KZ_LANES)
#if KZ_TILE_VECTORS > 2
KZ_STRIP(KZ(kz_strip_double), 2, KZ(full), KZ_LANES)
#endif
KZ_STRIP(KZ(kz_strip_full), 1, KZ(full), KZ_LANES)
#if KZ_LANES > 8
KZ_STRIP(KZ(kz_strip_eight), 1, KZ(eight), 8)
#endif
#if KZ_LANES > 4
KZ_STRIP(KZ(kz_strip_four), 1, KZ(four), 4)
#endif
KZ_STRIP(KZ(kz_strip_two), 1, KZ(two), 2)
KZ_STRIP(KZ(kz_strip_one), 1, KZ(one), 1)

#define KZ_RUN(strip, width) \
  for (; column + (width) <= n; column += (width)) \
    KZ(strip)(depth, a, a_row, a_step, b + column, bias ? bias + column : bias, c + column, rows, n, relu);

// c[rows, n] = a * b[depth, n] + bias, where a[r, k] stands at a[r * a_row + k * a_step]; bias may be null.
static void KZ(kz_product)(
    size_t depth, const float *a, size_t a_row, size_t a_step, const float *b, const float *bias, float *c,
    size_t rows, size_t n, int32_t relu) {
  size_t column = 0;
  KZ_RUN(kz_strip_wide, KZ_LANES * KZ_TILE_VECTORS)
#if KZ_TILE_VECTORS > 2
  KZ_RUN(kz_strip_double, KZ_LANES * 2)
#endif
  KZ_RUN(kz_strip_full, KZ_LANES)
#if KZ_LANES > 8
  KZ_RUN(kz_strip_eight, 8)
#endif
#if KZ_LANES > 4
  KZ_RUN(kz_strip_four, 4)
#endif
  KZ_RUN(kz_strip_two, 2)
  KZ_RUN(kz_strip_one, 1)
}

static void KZ(kz_weight_gradient)(
    const float *x, const float *dy, float *dw, float *dbias, size_t rows, size_t in, size_t out) {
  KZ(kz_product)(rows, x, 1, in, dy, (const float *)0, dw, in, out, 0);
  for (size_t o = 0; o < out; o++) dbias[o] = 0.0f;
  for (size_t r = 0; r < rows; r++)
    for (size_t o = 0; o < out; o++) dbias[o] += dy[r * out + o];
}

static void KZ(kz_input_gradient)(
    const float *x, const float *w, const float *dy, float *dx, float *transposed, size_t rows, size_t in,
    size_t out) {
  for (size_t i = 0; i < in; i++)
    for (size_t o = 0; o < out; o++) transposed[o * in + i] = w[i * out + o];
  KZ(kz_product)(out, dy, out, 1, transposed, (const float *)0, dx, rows, in, 0);
  for (size_t i = 0; i < rows * in; i++) dx[i] = x[i] > 0.0f ? dx[i] : 0.0f;
}

static void KZ(kz_standardize)(
    const float *x, const float *mean, const float *scale, float *y, size_t rows, size_t count, float limit) {
  for (size_t r = 0; r < rows; r++)
    for (size_t i = 0; i < count; i++) {
      float value = (x[r * count + i] - mean[i]) * scale[i];
      value = value > limit ? limit : value;
      value = value < -limit ? -limit : value;
      y[r * count + i] = value == value ? value : 0.0f;
    }
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
  double sums[8] = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (int lane = 0; lane < 8; lane++) sums[lane] += (double)values[i + lane] * (double)values[i + lane];
  double sum = 0;
  for (int lane = 0; lane < 8; lane++) sum += sums[lane];
  for (; i < count; i++) sum += (double)values[i] * (double)values[i];
  return sum;
}

#undef KZ_VECTOR
#undef KZ_TILE
#undef KZ_STRIP
#undef KZ_RUN
#undef KZ_SUFFIX
#undef KZ_LANES
#undef KZ_TILE_ROWS
#undef KZ_TILE_VECTORS
