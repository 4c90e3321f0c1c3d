// Included once per instruction set, hence no include guard. Needs KB_SUFFIX, KB_LANES and KB_SUMS.

typedef float KB(vector) __attribute__((ext_vector_type(KB_LANES)));

static float KB(multiply_add)(uint64_t rounds) {
  KB(vector) sums[KB_SUMS];
  for (int i = 0; i < KB_SUMS; i++) sums[i] = (KB(vector))((float)i);
  // Sums stay between 0 and 1, far from the numbers a processor is slow with.
  KB(vector) factor = (KB(vector))(0.5f), addend = (KB(vector))(0.25f);
  // Not to be seen through: the compiler may not compute the end from the beginning.
  __asm__ volatile("" : "+" KB_REGISTER(factor), "+" KB_REGISTER(addend));
  for (uint64_t round = 0; round < rounds; round++)
#pragma clang loop unroll(full)
    for (int i = 0; i < KB_SUMS; i++) sums[i] = sums[i] * factor + addend;
  float total = 0;
  for (int i = 0; i < KB_SUMS; i++) total += sums[i].x;
  return total;
}

#undef KB_SUFFIX
#undef KB_LANES
#undef KB_SUMS
