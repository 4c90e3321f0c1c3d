// Pooling layers. Included by body.h once per instruction set; the loops over channels are what the compiler makes
// vectors of.

static void KZ(kz_max_pool)(kz_pool pool, const float *x, float *y, uint16_t *cells, int32_t positive) {
  const size_t channels = pool.channels;
  for (size_t row = 0; row < pool.down; row++)
    for (size_t column = 0; column < pool.across; column++) {
      const float *restrict window = x + row * pool.high * pool.x_row + column * pool.wide * channels;
      float *restrict to = y + row * pool.y_row + column * channels;
      for (size_t i = 0; i < channels; i++) to[i] = window[i];
      if (!cells) {
        for (size_t cell = 1; cell < pool.high * pool.wide; cell++) {
          const float *restrict from = window + cell / pool.wide * pool.x_row + cell % pool.wide * channels;
          for (size_t i = 0; i < channels; i++)
            to[i] = ((from[i] > to[i]) | (from[i] != from[i])) ? from[i] : to[i];
        }
        continue;
      }
      uint16_t *restrict best = cells + (row * pool.across + column) * channels;
      for (size_t i = 0; i < channels; i++) best[i] = 0;
      for (size_t cell = 1; cell < pool.high * pool.wide; cell++) {
        const float *restrict from = window + cell / pool.wide * pool.x_row + cell % pool.wide * channels;
        for (size_t i = 0; i < channels; i++) {
          const int32_t larger = (from[i] > to[i]) | (from[i] != from[i]);
          to[i] = larger ? from[i] : to[i];
          best[i] = larger ? (uint16_t)cell : best[i];
        }
      }
      if (positive)
        for (size_t i = 0; i < channels; i++) best[i] = to[i] > 0.0f ? best[i] : (uint16_t)KZ_NO_CELL;
    }
}

static void KZ(kz_max_pool_gradient)(kz_pool pool, const uint16_t *cells, const float *dy, float *dx) {
  const size_t channels = pool.channels;
  for (size_t row = 0; row < pool.down; row++)
    for (size_t column = 0; column < pool.across; column++) {
      const uint16_t *restrict best = cells + (row * pool.across + column) * channels;
      const float *restrict from = dy + row * pool.y_row + column * channels;
      float *restrict window = dx + row * pool.high * pool.x_row + column * pool.wide * channels;
      for (size_t cell = 0; cell < pool.high * pool.wide; cell++) {
        float *restrict to = window + cell / pool.wide * pool.x_row + cell % pool.wide * channels;
        for (size_t i = 0; i < channels; i++) to[i] = best[i] == cell ? from[i] : 0.0f;
      }
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
