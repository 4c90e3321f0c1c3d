#ifndef CBENCH_ANSWER_H
#define CBENCH_ANSWER_H

#include "load.h"

#include <stddef.h>

// An answer as far as it was read.
typedef struct {
  // 0 while it is not there yet, -1 where it is no answer this client can read.
  int64_t length;
  int32_t status;
  const uint8_t *body;
  int64_t body_length;
} kb_answer;

kb_answer kb_read_answer(const uint8_t *bytes, size_t count);

#endif
