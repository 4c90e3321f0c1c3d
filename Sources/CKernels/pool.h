// Pooling layers. Included by body.h once per instruction set; a vector holds channels of one position.

KZ_INLINE KZ(integers) KZ(kz_load_cells)(const uint16_t *from, size_t count) {
  KZ(cells) cells = 0;
  if (count < KZ_LANES)
    for (size_t i = 0; i < count; i++) cells[i] = from[i];
  else
    cells = *(const KZ(cells) *)from;
  return __builtin_convertvector(cells, KZ(integers));
}

// One window of `count` channels.
KZ_INLINE void KZ(kz_max_window)(
    const kz_pool *pool, const float *window, size_t count, float *y, uint16_t *cells, int32_t positive) {
  KZ(vector) largest = KZ(kz_load)(window, count);
  KZ(integers) found = 0;
  int32_t cell = 0;
  for (size_t high = 0; high < pool->high; high++)
    for (size_t wide = 0; wide < pool->wide; wide++, cell++) {
      const KZ(vector) value = KZ(kz_load)(window + high * pool->x_row + wide * pool->channels, count);
      // What is not a number is larger than all, so that a broken network shows.
      const KZ(integers) larger = (value > largest) | (value != value);
      largest = larger ? value : largest;
      found = larger ? (KZ(integers))(cell) : found;
    }
  KZ(kz_store)(largest, y, count, 0, (const float *)0);
  if (!cells) return;
  if (positive) found = largest > 0.0f ? found : (KZ(integers))(KZ_NO_CELL);
  KZ(kz_store_cells)(found, cells, count);
}

static void KZ(kz_max_pool)(kz_pool pool, const float *x, float *y, uint16_t *cells, int32_t positive) {
  for (size_t row = 0; row < pool.down; row++)
    for (size_t column = 0; column < pool.across; column++) {
      const float *window = x + row * pool.high * pool.x_row + column * pool.wide * pool.channels;
      float *to = y + row * pool.y_row + column * pool.channels;
      size_t i = 0;
      for (; i + KZ_LANES <= pool.channels; i += KZ_LANES)
        KZ(kz_max_window)(&pool, window + i, KZ_LANES, to + i, cells ? cells + i : cells, positive);
      if (i < pool.channels)
        KZ(kz_max_window)(&pool, window + i, pool.channels - i, to + i, cells ? cells + i : cells, positive);
      if (cells) cells += pool.channels;
    }
}

KZ_INLINE void KZ(kz_max_window_gradient)(
    const kz_pool *pool, const uint16_t *cells, const float *dy, size_t count, float *window) {
  const KZ(integers) found = KZ(kz_load_cells)(cells, count);
  const KZ(vector) slope = KZ(kz_load)(dy, count);
  int32_t cell = 0;
  for (size_t high = 0; high < pool->high; high++)
    for (size_t wide = 0; wide < pool->wide; wide++, cell++)
      KZ(kz_store)(
          found == cell ? slope : (KZ(vector))(0.0f), window + high * pool->x_row + wide * pool->channels, count, 0,
          (const float *)0);
}

static void KZ(kz_max_pool_gradient)(kz_pool pool, const uint16_t *cells, const float *dy, float *dx) {
  for (size_t row = 0; row < pool.down; row++)
    for (size_t column = 0; column < pool.across; column++) {
      const float *from = dy + row * pool.y_row + column * pool.channels;
      float *window = dx + row * pool.high * pool.x_row + column * pool.wide * pool.channels;
      size_t i = 0;
      for (; i + KZ_LANES <= pool.channels; i += KZ_LANES)
        KZ(kz_max_window_gradient)(&pool, cells + i, from + i, KZ_LANES, window + i);
      if (i < pool.channels)
        KZ(kz_max_window_gradient)(&pool, cells + i, from + i, pool.channels - i, window + i);
      cells += pool.channels;
    }
}

static void KZ(kz_mean_pool)(kz_pool pool, const float *x, float *y) {
  const size_t channels = pool.channels;
  const float share = 1.0f / (float)(pool.high * pool.wide);
  for (size_t row = 0; row < pool.down; row++)
    for (size_t column = 0; column < pool.across; column++) {
      const float *restrict window = x + row * pool.high * pool.x_row + column * pool.wide * channels;
      float *restrict to = y + row * pool.y_row + column * channels;
      for (size_t i = 0; i < channels; i++) to[i] = 0.0f;
      for (size_t high = 0; high < pool.high; high++)
        for (size_t wide = 0; wide < pool.wide; wide++) {
          const float *restrict from = window + high * pool.x_row + wide * channels;
          for (size_t i = 0; i < channels; i++) to[i] += from[i];
        }
      for (size_t i = 0; i < channels; i++) to[i] *= share;
    }
}

static void KZ(kz_mean_pool_gradient)(
    kz_pool pool, const float *dy, float *dx, const float *mask, size_t mask_row) {
  const size_t channels = pool.channels;
  const float share = 1.0f / (float)(pool.high * pool.wide);
  for (size_t row = 0; row < pool.down * pool.high; row++)
    for (size_t column = 0; column < pool.across * pool.wide; column++) {
      const float *restrict from = dy + row / pool.high * pool.y_row + column / pool.wide * channels;
      float *restrict to = dx + row * pool.x_row + column * channels;
      if (mask) {
        const float *restrict open = mask + row * mask_row + column * channels;
        for (size_t i = 0; i < channels; i++) to[i] = open[i] > 0.0f ? from[i] * share : 0.0f;
      } else {
        for (size_t i = 0; i < channels; i++) to[i] = from[i] * share;
      }
    }
}
