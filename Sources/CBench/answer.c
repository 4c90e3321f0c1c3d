#include "answer.h"

#include <string.h>
#include <strings.h>

static const char *const length_name = "content-length:";
static const char *const version = "HTTP/1.1 ";

// Header fields end within this, or it is no answer of a server measured here.
enum { HEAD_BYTES_MAX = 16384 };

// The value of Content-Length between the status line and the empty line, or -1.
static int64_t body_length(const uint8_t *line, const uint8_t *end) {
  const size_t name = strlen(length_name);
  while (line < end) {
    if ((size_t)(end - line) > name && strncasecmp((const char *)line, length_name, name) == 0) {
      const uint8_t *digit = line + name;
      while (digit < end && *digit == ' ') digit++;
      int64_t value = digit < end && *digit >= '0' && *digit <= '9' ? 0 : -1;
      for (; digit < end && *digit >= '0' && *digit <= '9' && value < (1 << 30); digit++)
        value = value * 10 + (*digit - '0');
      return value;
    }
    const uint8_t *next = memchr(line, '\n', (size_t)(end - line));
    if (!next) return -1;
    line = next + 1;
  }
  return -1;
}

kb_answer kb_read_answer(const uint8_t *bytes, size_t count) {
  kb_answer answer = {0};
  const size_t head_min = strlen(version) + 3;
  if (count < head_min) return answer;
  const uint8_t *end = memmem(bytes, count, "\r\n\r\n", 4);
  if (!end) {
    if (count > HEAD_BYTES_MAX) answer.length = -1;
    return answer;
  }
  answer.length = -1;
  if (memcmp(bytes, version, strlen(version)) != 0) return answer;
  for (int place = 0; place < 3; place++) answer.status = answer.status * 10 + (bytes[strlen(version) + place] - '0');
  answer.body_length = body_length(bytes, end + 2);
  if (answer.body_length < 0) return answer;
  answer.body = end + 4;
  const int64_t whole = (end + 4 - bytes) + answer.body_length;
  answer.length = (int64_t)count < whole ? 0 : whole;
  return answer;
}
