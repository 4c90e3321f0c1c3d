// kz_multiply. Included by body.h once per instruction set.
//
// A tile of R rows x V vectors of columns keeps all its sums in registers while the steps run; R, V and other small
// numbers are constants wherever a function is inlined, so that loops unroll and arrays become registers.

typedef float KZ(vector) __attribute__((ext_vector_type(KZ_LANES), aligned(4), may_alias));
typedef int32_t KZ(integers) __attribute__((ext_vector_type(KZ_LANES), aligned(4), may_alias));
typedef uint16_t KZ(cells) __attribute__((ext_vector_type(KZ_LANES), aligned(2), may_alias));
typedef float KZ(eight) __attribute__((ext_vector_type(8), aligned(4), may_alias));
typedef float KZ(four) __attribute__((ext_vector_type(4), aligned(4), may_alias));
typedef float KZ(two) __attribute__((ext_vector_type(2), aligned(4), may_alias));
typedef float KZ(one) __attribute__((may_alias));

#define KZ_INLINE static inline __attribute__((always_inline))
// Apart from each other the strips keep their pointers in registers.
#define KZ_APART static __attribute__((noinline))

// Does `piece(type)` with `at` = 0, 8, ... for vectors that together have `count` lanes, fewer than KZ_LANES.
#define KZ_PIECES(count, piece) \
  size_t at = 0; \
  if (KZ_LANES > 8 && (count & 8)) { piece(KZ(eight)) at += 8; } \
  if (KZ_LANES > 4 && (count & 4)) { piece(KZ(four)) at += 4; } \
  if (count & 2) { piece(KZ(two)) at += 2; } \
  if (count & 1) { piece(KZ(one)) }

// The first `count` lanes, the others 0.
KZ_INLINE KZ(vector) KZ(kz_load)(const float *from, size_t count) {
  if (count >= KZ_LANES) return *(const KZ(vector) *)from;
  KZ(vector) lanes = 0.0f;
#define KZ_PIECE(type) *(type *)((float *)&lanes + at) = *(const type *)(from + at);
  KZ_PIECES(count, KZ_PIECE)
#undef KZ_PIECE
  return lanes;
}

// Stores the first `count` lanes; with `adds` adds them to what is there; with `mask` 0 where that is not positive.
KZ_INLINE void KZ(kz_store)(KZ(vector) value, float *to, size_t count, int32_t adds, const float *mask) {
  if (count >= KZ_LANES) {
    if (mask) value = *(const KZ(vector) *)mask > 0.0f ? value : (KZ(vector))(0.0f);
    *(KZ(vector) *)to = adds ? *(KZ(vector) *)to + value : value;
    return;
  }
  float lanes[KZ_LANES];
  *(KZ(vector) *)lanes = value;
  // Through memory: taking a vector apart in registers costs more.
  __asm__ volatile("" : : "r"(lanes) : "memory");
#define KZ_PIECE(type) \
  type piece = *(const type *)(lanes + at); \
  if (mask) piece = *(const type *)(mask + at) > 0.0f ? piece : (type)(0.0f); \
  *(type *)(to + at) = adds ? *(type *)(to + at) + piece : piece;
  KZ_PIECES(count, KZ_PIECE)
#undef KZ_PIECE
}

KZ_INLINE void KZ(kz_store_cells)(KZ(integers) value, uint16_t *to, size_t count) {
  const KZ(cells) cells = __builtin_convertvector(value, KZ(cells));
  if (count < KZ_LANES)
    for (size_t i = 0; i < count; i++) to[i] = cells[i];
  else
    *(KZ(cells) *)to = cells;
}

// One row's sums of one vector of columns into `c`.
KZ_INLINE void KZ(kz_finish_row)(
    const kz_product *p, const kz_row *row, KZ(vector) sum, size_t column, size_t count) {
  if (p->ending & KZ_RELU) sum = sum < 0.0f ? (KZ(vector))(0.0f) : sum;
  const float *mask = p->mask ? p->mask + row->side + column : p->mask;
  KZ(kz_store)(sum, p->c + row->c + column, count, p->ending & KZ_ADD, mask);
}

// `size` rows' sums of one vector of columns, `stride` vectors apart: their largest, and which it was.
KZ_INLINE void KZ(kz_finish_window)(
    const kz_product *p, const kz_row *row, const KZ(vector) *sums, const int stride, const int size, size_t column,
    size_t count) {
  KZ(vector) largest = sums[0];
  KZ(integers) cell = 0;
  KZ_UNROLL for (int i = 1; i < size; i++) {
    const KZ(vector) value = sums[i * stride];
    // What is not a number is larger than all, so that a broken network shows.
    const KZ(integers) larger = (value > largest) | (value != value);
    largest = larger ? value : largest;
    cell = larger ? (KZ(integers))(i) : cell;
  }
  if (p->ending & KZ_RELU) {
    cell = largest > 0.0f ? cell : (KZ(integers))(KZ_NO_CELL);
    largest = largest < 0.0f ? (KZ(vector))(0.0f) : largest;
  }
  KZ(kz_store)(largest, p->c + row->c + column, count, 0, (const float *)0);
  if (p->cells) KZ(kz_store_cells)(cell, p->cells + row->side + column, count);
}

// The sums of R rows: sums[r * V + v].
KZ_INLINE void KZ(kz_finish)(
    const kz_product *p, const kz_row *rows, const KZ(vector) *sums, const int R, const int V, size_t column,
    size_t count) {
  if (p->window == 4) {
    KZ_UNROLL for (int r = 0; r + 4 <= R; r += 4)
      KZ_UNROLL for (int v = 0; v < V; v++)
        KZ(kz_finish_window)(p, rows + r, sums + r * V + v, V, 4, column + v * KZ_LANES, count);
  } else if (p->window == 2) {
    KZ_UNROLL for (int r = 0; r + 2 <= R; r += 2)
      KZ_UNROLL for (int v = 0; v < V; v++)
        KZ(kz_finish_window)(p, rows + r, sums + r * V + v, V, 2, column + v * KZ_LANES, count);
  } else {
    KZ_UNROLL for (int r = 0; r < R; r++)
      KZ_UNROLL for (int v = 0; v < V; v++)
        KZ(kz_finish_row)(p, rows + r, sums[r * V + v], column + v * KZ_LANES, count);
  }
}

KZ_INLINE void KZ(kz_tile)(const kz_product *p, const size_t first, const int R, const int V, size_t column) {
  const kz_row *rows = p->rows + first;
  const float *a[KZ_MOST_ROWS], *column_b = p->b + column;
  KZ(vector) sums[KZ_MOST_SUMS];
  KZ_UNROLL for (int r = 0; r < R; r++) a[r] = p->a + rows[r].a;
  KZ_UNROLL for (int v = 0; v < V; v++) {
    KZ(vector) start = 0.0f;
    if (p->bias) start = *(const KZ(vector) *)(p->bias + column + v * KZ_LANES);
    KZ_UNROLL for (int r = 0; r < R; r++) sums[r * V + v] = start;
  }
  for (const kz_step *step = p->steps, *end = step + p->depth; step < end; step++) {
    const float *b = column_b + step->b;
    const ptrdiff_t offset = step->a;
    KZ(vector) loaded[KZ_ROW_VECTORS];
    KZ_UNROLL for (int v = 0; v < V; v++) loaded[v] = *(const KZ(vector) *)(b + v * KZ_LANES);
    KZ_UNROLL for (int r = 0; r < R; r++) {
      const float factor = a[r][offset];
      KZ_UNROLL for (int v = 0; v < V; v++) sums[r * V + v] += loaded[v] * factor;
    }
  }
  KZ(kz_finish)(p, rows, sums, R, V, column, KZ_LANES);
}

// The last columns, fewer than a vector has lanes.
typedef struct {
  size_t column, count;
  // Steps whose row of b can be read as whole vectors; those after it would reach over its end and stand in `last`.
  size_t whole_depth;
  KZ(vector) bias;
  KZ(vector) last[KZ_LANES];
} KZ(part);

// Four sums a row take turns, because few rows and one vector would else wait for each other; every number of rows
// takes them alike.
KZ_INLINE void KZ(kz_part_tile)(const kz_product *p, const KZ(part) *part, const size_t first, const int R) {
  const kz_row *rows = p->rows + first;
  const float *a[4], *b = p->b + part->column;
  KZ(vector) sums[4][4], ends[4];
  KZ_UNROLL for (int r = 0; r < R; r++) {
    a[r] = p->a + rows[r].a;
    KZ_UNROLL for (int turn = 0; turn < 4; turn++) sums[r][turn] = 0.0f;
  }
  const kz_step *step = p->steps, *const whole = step + part->whole_depth, *const end = step + p->depth;
  for (; step + 4 <= whole; step += 4)
    KZ_UNROLL for (int turn = 0; turn < 4; turn++) {
      const KZ(vector) loaded = *(const KZ(vector) *)(b + step[turn].b);
      const ptrdiff_t offset = step[turn].a;
      KZ_UNROLL for (int r = 0; r < R; r++) sums[r][turn] += loaded * a[r][offset];
    }
  for (; step < whole; step++) {
    const KZ(vector) loaded = *(const KZ(vector) *)(b + step->b);
    KZ_UNROLL for (int r = 0; r < R; r++) sums[r][0] += loaded * a[r][step->a];
  }
  for (const KZ(vector) *last = part->last; step < end; step++, last++)
    KZ_UNROLL for (int r = 0; r < R; r++) sums[r][1] += *last * a[r][step->a];
  KZ_UNROLL for (int r = 0; r < R; r++)
    ends[r] = part->bias + ((sums[r][0] + sums[r][1]) + (sums[r][2] + sums[r][3]));
  KZ(kz_finish)(p, rows, ends, R, 1, part->column, part->count);
}

// All rows of a strip of V vectors of columns, R at a time.
KZ_INLINE void KZ(kz_strip)(const kz_product *p, const int R, const int V, size_t column) {
  size_t r = 0;
  // A window's rows stay in one tile.
  if (R % 4 == 0 || p->window != 4)
    for (; r + R <= p->row_count; r += R) KZ(kz_tile)(p, r, R, V, column);
  if (R > 8)
    for (; r + 8 <= p->row_count; r += 8) KZ(kz_tile)(p, r, 8, V, column);
  for (; r + 4 <= p->row_count; r += 4) KZ(kz_tile)(p, r, 4, V, column);
  for (; r + 2 <= p->row_count; r += 2) KZ(kz_tile)(p, r, 2, V, column);
  for (; r < p->row_count; r++) KZ(kz_tile)(p, r, 1, V, column);
}

KZ_APART void KZ(kz_strip_wide)(const kz_product *p, size_t column) {
  KZ(kz_strip)(p, KZ_TILE_ROWS, KZ_TILE_VECTORS, column);
}

KZ_APART void KZ(kz_strip_narrow)(const kz_product *p, size_t column) { KZ(kz_strip)(p, KZ_MOST_ROWS, 1, column); }

KZ_APART void KZ(kz_strip_part)(const kz_product *p, size_t column) {
  KZ(part) part = {.column = column, .count = p->columns - column, .whole_depth = p->depth, .bias = 0.0f};
  if (p->bias) part.bias = KZ(kz_load)(p->bias + column, part.count);
  while (part.whole_depth > 0 && (size_t)p->steps[part.whole_depth - 1].b + column + KZ_LANES > p->b_count)
    part.whole_depth--;
  for (size_t k = part.whole_depth; k < p->depth; k++)
    part.last[k - part.whole_depth] = KZ(kz_load)(p->b + p->steps[k].b + column, part.count);
  size_t r = 0;
  for (; r + 4 <= p->row_count; r += 4) KZ(kz_part_tile)(p, &part, r, 4);
  for (; r + 2 <= p->row_count; r += 2) KZ(kz_part_tile)(p, &part, r, 2);
  for (; r < p->row_count; r++) KZ(kz_part_tile)(p, &part, r, 1);
}

// One row: many columns at once, because the additions to one sum wait for each other.
KZ_APART void KZ(kz_row_wide)(const kz_product *p, size_t column) { KZ(kz_tile)(p, 0, 1, KZ_ROW_VECTORS, column); }

KZ_APART void KZ(kz_row_middle)(const kz_product *p, size_t column) {
  KZ(kz_tile)(p, 0, 1, KZ_ROW_VECTORS / 2, column);
}

static void KZ(kz_multiply)(const kz_product *p) {
  size_t column = 0;
  if (p->row_count == 1) {
    for (; column + KZ_ROW_VECTORS * KZ_LANES <= p->columns; column += KZ_ROW_VECTORS * KZ_LANES)
      KZ(kz_row_wide)(p, column);
    for (; column + KZ_ROW_VECTORS / 2 * KZ_LANES <= p->columns; column += KZ_ROW_VECTORS / 2 * KZ_LANES)
      KZ(kz_row_middle)(p, column);
  }
  for (; column + KZ_TILE_VECTORS * KZ_LANES <= p->columns; column += KZ_TILE_VECTORS * KZ_LANES)
    KZ(kz_strip_wide)(p, column);
  for (; column + KZ_LANES <= p->columns; column += KZ_LANES) KZ(kz_strip_narrow)(p, column);
  if (column < p->columns) KZ(kz_strip_part)(p, column);
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
