// kz_distillation. Included by body.h once per instruction set.
//
// One lane a row: no sum runs across a vector, and a row's classes may be any number.

// e^x to 2 units in the last place: Cephes' expf. Below the smallest normal result it is 0; what is not a number stays.
KZ_INLINE KZ(vector) KZ(kz_exp)(KZ(vector) x) {
  const KZ(vector) magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number.
  const KZ(vector) least = -87.33654f;
  const KZ(vector) held = x < least ? least : x;
  const KZ(vector) shifted = held * 1.44269504088896341f + magic;
  const KZ(vector) whole = shifted - magic;
  KZ(vector) r = held - whole * 0.693359375f;
  r = r - whole * -2.12194440e-4f;
  KZ(vector) y = r * 1.9875691500e-4f + 1.3981999507e-3f;
  y = y * r + 8.3334519073e-3f;
  y = y * r + 4.1665795894e-2f;
  y = y * r + 1.6666665459e-1f;
  y = y * r + 5.0000001201e-1f;
  y = y * (r * r) + r + 1.0f;
  // The whole number stands in the low bits of `shifted`; it goes into the exponent.
  const KZ(integers) power = (*(const KZ(integers) *)&shifted << 23) + (127 << 23);
  y = y * *(const KZ(vector) *)&power;
  return x < least ? (KZ(vector))(0.0f) : y;
}

// Natural logarithm of a positive normal number to 2 units in the last place: Cephes' logf.
KZ_INLINE KZ(vector) KZ(kz_log)(KZ(vector) x) {
  const KZ(integers) bits = *(const KZ(integers) *)&x;
  // Mantissa in sqrt(1/2) ..< sqrt(2).
  const KZ(integers) exponent = (bits - 0x3F3504F3) >> 23;
  const KZ(integers) mantissa = bits - (exponent << 23);
  const KZ(vector) m = *(const KZ(vector) *)&mantissa - 1.0f;
  const KZ(vector) e = __builtin_convertvector(exponent, KZ(vector));
  KZ(vector) y = m * 7.0376836292e-2f - 1.1514610310e-1f;
  y = y * m + 1.1676998740e-1f;
  y = y * m - 1.2420140846e-1f;
  y = y * m + 1.4249322787e-1f;
  y = y * m - 1.6668057665e-1f;
  y = y * m + 2.0000714765e-1f;
  y = y * m - 2.4999993993e-1f;
  y = y * m + 3.3333331174e-1f;
  const KZ(vector) square = m * m;
  y = y * m * square;
  y = y + e * -2.12194440e-4f - square * 0.5f;
  return m + y + e * 0.693359375f;
}

// Up to KZ_LANES rows into lanes[classes, KZ_LANES], missing rows 0; returns each lane's largest.
KZ_INLINE KZ(vector) KZ(kz_gather)(
    const float *values, size_t rows, size_t classes, float limit, float *lanes) {
  for (size_t lane = 0; lane < KZ_LANES; lane++)
    for (size_t i = 0; i < classes; i++)
      lanes[i * KZ_LANES + lane] = lane < rows ? values[lane * classes + i] : 0.0f;
  KZ(vector) largest = -__builtin_inff();
  for (size_t i = 0; i < classes; i++) {
    KZ(vector) *at = (KZ(vector) *)(lanes + i * KZ_LANES);
    KZ(vector) value = *at;
    value = value > limit ? (KZ(vector))(limit) : value;
    value = value < -limit ? (KZ(vector))(-limit) : value;
    *at = value;
    largest = value > largest ? value : largest;
  }
  return largest;
}

static void KZ(kz_loss_block)(
    kz_loss loss, const float *logits, const ptrdiff_t *labels, const float *teacher, size_t rows, size_t classes,
    float *losses, float *gradient, float *room) {
  float *student = room, *soft = room + classes * KZ_LANES, *target = soft + classes * KZ_LANES;
  KZ(vector) hard_share = 0.0f, soft_share = 0.0f;
  int any_hard = 0, any_soft = 0;
  for (size_t lane = 0; lane < rows; lane++) {
    hard_share[lane] = labels[lane] < 0 ? 0.0f : 1.0f - loss.alpha;
    soft_share[lane] = labels[lane] < 0 ? 1.0f : loss.alpha;
    any_hard |= hard_share[lane] > 0.0f;
    any_soft |= soft_share[lane] > 0.0f;
  }
  const KZ(vector) largest = KZ(kz_gather)(logits, rows, classes, __builtin_inff(), student);
  KZ(vector) value = 0.0f, soft_factor = 0.0f, target_factor = 0.0f, hard_factor = 0.0f;
  if (any_soft) {
    const float scale = 1.0f / loss.temperature;
    const KZ(vector) teacher_largest = KZ(kz_gather)(teacher, rows, classes, loss.teacher_limit, target);
    KZ(vector) soft_sum = 0.0f, target_sum = 0.0f, divergence = 0.0f;
    for (size_t i = 0; i < classes; i++) {
      const KZ(vector) s = (((KZ(vector) *)student)[i] - largest) * scale;
      const KZ(vector) t = (((KZ(vector) *)target)[i] - teacher_largest) * scale;
      const KZ(vector) soft_power = KZ(kz_exp)(s), target_power = KZ(kz_exp)(t);
      ((KZ(vector) *)soft)[i] = soft_power;
      ((KZ(vector) *)target)[i] = target_power;
      soft_sum += soft_power;
      target_sum += target_power;
      divergence += target_power * (t - s);
    }
    divergence = divergence / target_sum + KZ(kz_log)(soft_sum) - KZ(kz_log)(target_sum);
    const KZ(vector) share = soft_share * loss.temperature;
    value = soft_share > 0.0f ? share * loss.temperature * divergence : value;
    soft_factor = soft_share > 0.0f ? share / soft_sum : soft_factor;
    target_factor = soft_share > 0.0f ? share / target_sum : target_factor;
  }
  if (any_hard) {
    KZ(vector) labelled = 0.0f, sum = 0.0f;
    for (size_t lane = 0; lane < rows; lane++)
      if (labels[lane] >= 0) labelled[lane] = student[(size_t)labels[lane] * KZ_LANES + lane];
    for (size_t i = 0; i < classes; i++) {
      const KZ(vector) power = KZ(kz_exp)(((KZ(vector) *)student)[i] - largest);
      ((KZ(vector) *)student)[i] = power;
      sum += power;
    }
    value = hard_share > 0.0f ? value + hard_share * (KZ(kz_log)(sum) - (labelled - largest)) : value;
    hard_factor = hard_share > 0.0f ? hard_share / sum : hard_factor;
  }
  for (size_t i = 0; i < classes; i++) {
    KZ(vector) slope = 0.0f;
    if (any_soft) slope += soft_factor * ((KZ(vector) *)soft)[i] - target_factor * ((KZ(vector) *)target)[i];
    if (any_hard) slope += hard_factor * ((KZ(vector) *)student)[i];
    ((KZ(vector) *)student)[i] = slope;
  }
  for (size_t lane = 0; lane < rows; lane++) {
    for (size_t i = 0; i < classes; i++) gradient[lane * classes + i] = student[i * KZ_LANES + lane];
    if (labels[lane] >= 0) gradient[lane * classes + (size_t)labels[lane]] -= hard_share[lane];
    losses[lane] = value[lane];
  }
}

static void KZ(kz_distillation)(
    kz_loss loss, const float *logits, const ptrdiff_t *labels, const float *teacher, size_t rows, size_t classes,
    float *losses, float *gradient, float *room) {
  for (size_t row = 0; row < rows; row += KZ_LANES) {
    const size_t count = rows - row < KZ_LANES ? rows - row : KZ_LANES;
    KZ(kz_loss_block)(
        loss, logits + row * classes, labels + row, teacher ? teacher + row * classes : (const float *)0, count,
        classes, losses + row, gradient + row * classes, room);
  }
}
