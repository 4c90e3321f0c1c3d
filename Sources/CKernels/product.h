// kz_product. Included by body.h once per instruction set.
//
// A tile of R rows x V vectors of columns keeps all its sums in registers while the steps run; R, V and `partial` are
// constants wherever it is inlined, so that its loops unroll and its arrays become registers.

typedef float KZ(vector) __attribute__((ext_vector_type(KZ_LANES), aligned(4), may_alias));
typedef int32_t KZ(integers) __attribute__((ext_vector_type(KZ_LANES), aligned(4), may_alias));

// The first `count` lanes, the others 0.
static inline KZ(vector) KZ(kz_load_part)(const float *from, size_t count) {
  float lanes[KZ_LANES] = {0};
  for (size_t i = 0; i < count; i++) lanes[i] = from[i];
  return *(const KZ(vector) *)lanes;
}

static inline void KZ(kz_store_part)(KZ(vector) value, float *to, size_t count) {
  float lanes[KZ_LANES];
  *(KZ(vector) *)lanes = value;
  for (size_t i = 0; i < count; i++) to[i] = lanes[i];
}

typedef struct {
  const kz_step *steps;
  size_t depth;
  // Steps whose row of b can be read a whole vector at a time: those before the end of b.
  size_t whole_depth;
  const kz_row *rows;
  const float *a, *b, *bias, *mask;
  float *c;
  // Columns of the last vector where they are fewer than lanes.
  size_t part;
  int32_t ending;
} KZ(product);

static inline __attribute__((always_inline)) void KZ(kz_tile)(
    const KZ(product) *p, const size_t first, const int R, const int V, const int partial) {
  const kz_row *rows = p->rows + first;
  const float *a[KZ_MOST_ROWS];
  KZ(vector) sums[KZ_MOST_ROWS][KZ_ROW_VECTORS];
  KZ_UNROLL for (int r = 0; r < R; r++) a[r] = p->a + rows[r].a;
  KZ_UNROLL for (int v = 0; v < V; v++) {
    KZ(vector) start = 0.0f;
    if (p->bias)
      start = partial ? KZ(kz_load_part)(p->bias, p->part) : *(const KZ(vector) *)(p->bias + v * KZ_LANES);
    KZ_UNROLL for (int r = 0; r < R; r++) sums[r][v] = start;
  }
  const size_t whole = partial ? p->whole_depth : p->depth;
  for (const kz_step *step = p->steps, *end = step + whole; step < end; step++) {
    const float *b = p->b + step->b;
    const ptrdiff_t offset = step->a;
    KZ(vector) loaded[KZ_ROW_VECTORS];
    KZ_UNROLL for (int v = 0; v < V; v++) loaded[v] = *(const KZ(vector) *)(b + v * KZ_LANES);
    KZ_UNROLL for (int r = 0; r < R; r++) {
      const float factor = a[r][offset];
      KZ_UNROLL for (int v = 0; v < V; v++) sums[r][v] += loaded[v] * factor;
    }
  }
  if (partial)
    for (const kz_step *step = p->steps + whole, *end = p->steps + p->depth; step < end; step++) {
      const KZ(vector) loaded = KZ(kz_load_part)(p->b + step->b, p->part);
      KZ_UNROLL for (int r = 0; r < R; r++) sums[r][0] += loaded * a[r][step->a];
    }
  KZ_UNROLL for (int r = 0; r < R; r++) {
    float *c = p->c + rows[r].c;
    KZ_UNROLL for (int v = 0; v < V; v++) {
      KZ(vector) sum = sums[r][v];
      if (p->ending & KZ_RELU) sum = sum < 0.0f ? (KZ(vector))(0.0f) : sum;
      if (p->mask) {
        const float *from = p->mask + rows[r].mask + v * KZ_LANES;
        const KZ(vector) mask = partial ? KZ(kz_load_part)(from, p->part) : *(const KZ(vector) *)from;
        sum = mask > 0.0f ? sum : (KZ(vector))(0.0f);
      }
      if (partial) {
        if (p->ending & KZ_ADD) sum += KZ(kz_load_part)(c, p->part);
        KZ(kz_store_part)(sum, c, p->part);
      } else {
        KZ(vector) *to = (KZ(vector) *)(c + v * KZ_LANES);
        *to = p->ending & KZ_ADD ? *to + sum : sum;
      }
    }
  }
}

// All rows of a strip of V vectors of columns, R at a time.
static inline __attribute__((always_inline)) void KZ(kz_strip)(
    const KZ(product) *p, const size_t row_count, const int R, const int V, const int partial) {
  size_t r = 0;
  for (; r + R <= row_count; r += R) KZ(kz_tile)(p, r, R, V, partial);
  if (R > 8)
    for (; r + 8 <= row_count; r += 8) KZ(kz_tile)(p, r, 8, V, partial);
  for (; r + 4 <= row_count; r += 4) KZ(kz_tile)(p, r, 4, V, partial);
  for (; r + 2 <= row_count; r += 2) KZ(kz_tile)(p, r, 2, V, partial);
  for (; r < row_count; r++) KZ(kz_tile)(p, r, 1, V, partial);
}

static __attribute__((noinline)) void KZ(kz_strip_wide)(const KZ(product) *p, size_t row_count) {
  KZ(kz_strip)(p, row_count, KZ_TILE_ROWS, KZ_TILE_VECTORS, 0);
}

static __attribute__((noinline)) void KZ(kz_strip_narrow)(const KZ(product) *p, size_t row_count) { KZ(kz_strip)(p, row_count, KZ_MOST_ROWS, 1, 0); }

static __attribute__((noinline)) void KZ(kz_strip_part)(const KZ(product) *p, size_t row_count) { KZ(kz_strip)(p, row_count, KZ_TILE_ROWS, 1, 1); }

// One row: many columns at once, because the additions to one sum wait for each other.
static __attribute__((noinline)) void KZ(kz_row_wide)(const KZ(product) *p) { KZ(kz_tile)(p, 0, 1, KZ_ROW_VECTORS, 0); }
static __attribute__((noinline)) void KZ(kz_row_middle)(const KZ(product) *p) { KZ(kz_tile)(p, 0, 1, KZ_ROW_VECTORS / 2, 0); }

static void KZ(kz_product)(
    const kz_step *steps, size_t depth, const kz_row *rows, size_t row_count, const float *a, const float *b,
    size_t b_count, size_t columns, const float *bias, const float *mask, float *c, int32_t ending) {
  KZ(product) p = {steps, depth, depth, rows, a, b, bias, mask, c, 0, ending};
  size_t column = 0;
#define KZ_ADVANCE(width) \
  column += (width), p.b += (width), p.c += (width), p.bias += bias ? (width) : 0, p.mask += mask ? (width) : 0
  if (row_count == 1) {
    for (; column + KZ_ROW_VECTORS * KZ_LANES <= columns; KZ_ADVANCE(KZ_ROW_VECTORS * KZ_LANES)) KZ(kz_row_wide)(&p);
    for (; column + KZ_ROW_VECTORS / 2 * KZ_LANES <= columns; KZ_ADVANCE(KZ_ROW_VECTORS / 2 * KZ_LANES))
      KZ(kz_row_middle)(&p);
  }
  for (; column + KZ_TILE_VECTORS * KZ_LANES <= columns; KZ_ADVANCE(KZ_TILE_VECTORS * KZ_LANES))
    KZ(kz_strip_wide)(&p, row_count);
  for (; column + KZ_LANES <= columns; KZ_ADVANCE(KZ_LANES)) KZ(kz_strip_narrow)(&p, row_count);
#undef KZ_ADVANCE
  if (column == columns) return;
  p.part = columns - column;
  while (p.whole_depth > 0 && (size_t)steps[p.whole_depth - 1].b + column + KZ_LANES > b_count) p.whole_depth--;
  KZ(kz_strip_part)(&p, row_count);
}

static void KZ(kz_add_rows)(const kz_step *steps, size_t depth, const float *b, size_t columns, float *sums) {
  size_t column = 0;
  for (; column + KZ_LANES <= columns; column += KZ_LANES) {
    KZ(vector) parts[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    size_t k = 0;
    for (; k + 4 <= depth; k += 4)
      KZ_UNROLL for (int i = 0; i < 4; i++) parts[i] += *(const KZ(vector) *)(b + steps[k + i].b + column);
    for (; k < depth; k++) parts[0] += *(const KZ(vector) *)(b + steps[k].b + column);
    *(KZ(vector) *)(sums + column) += (parts[0] + parts[1]) + (parts[2] + parts[3]);
  }
  for (; column < columns; column++) {
    float parts[4] = {0};
    size_t k = 0;
    for (; k + 4 <= depth; k += 4)
      KZ_UNROLL for (int i = 0; i < 4; i++) parts[i] += b[steps[k + i].b + column];
    for (; k < depth; k++) parts[0] += b[steps[k].b + column];
    sums[column] += (parts[0] + parts[1]) + (parts[2] + parts[3]);
  }
}
