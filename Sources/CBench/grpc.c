#include "grpc.h"

#include "socket.h"

#include <errno.h>
#include <string.h>

enum { FRAME_HEAD = 9, MESSAGE_HEAD = 5 };
enum { DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, PING = 6, GOAWAY = 7 };
enum { END_STREAM = 1, ACKNOWLEDGED = 1 };

typedef struct {
  uint32_t length;
  uint8_t type;
  uint8_t flags;
  uint32_t stream;
  const uint8_t *payload;
} frame;

static uint32_t word(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

int kb_grpc_begin(int file) {
  static const uint8_t opening[] =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
      // SETTINGS: no push (2 = 0), a stream's window (4) of 2^30 bytes.
      "\x00\x00\x0c\x04\x00\x00\x00\x00\x00" "\x00\x02\x00\x00\x00\x00" "\x00\x04\x40\x00\x00\x00"
      // WINDOW_UPDATE of the connection, to nearly 2^31: two million answers.
      "\x00\x00\x04\x08\x00\x00\x00\x00\x00" "\x7f\xfe\x00\x00";
  return kb_write_all(file, opening, sizeof opening - 1);
}

uint32_t kb_grpc_next_stream(uint32_t stream) { return stream == 0 ? 1 : stream + 2; }

static void put_word(uint8_t *bytes, uint32_t value) {
  for (int place = 0; place < 4; place++) bytes[place] = (uint8_t)(value >> (24 - 8 * place));
}

void kb_grpc_put_stream(uint8_t *frames, uint32_t stream) {
  put_word(frames + 5, stream);
  put_word(frames + FRAME_HEAD + (word(frames) >> 8) + 5, stream);
}

// 0 where it is not there yet.
static size_t next_frame(const uint8_t *bytes, size_t count, frame *frame) {
  if (count < FRAME_HEAD) return 0;
  frame->length = word(bytes) >> 8;
  frame->type = bytes[3];
  frame->flags = bytes[4];
  frame->stream = word(bytes + 5) & 0x7fffffff;
  frame->payload = bytes + FRAME_HEAD;
  const size_t whole = FRAME_HEAD + (size_t)frame->length;
  return count < whole ? 0 : whole;
}

// SETTINGS and PING want an answer, once; the frame's flag then says that it had it.
static int acknowledge(int file, const frame *frame) {
  uint8_t answer[FRAME_HEAD + 8] = {0};
  answer[3] = frame->type;
  answer[4] = ACKNOWLEDGED;
  if (frame->type == SETTINGS) return kb_write_all(file, answer, FRAME_HEAD);
  if (frame->length != 8) return EPROTO;
  answer[2] = 8;
  memcpy(answer + FRAME_HEAD, frame->payload, 8);
  return kb_write_all(file, answer, sizeof answer);
}

int kb_grpc_read(int file, uint8_t *bytes, size_t count, uint32_t stream, kb_answer *answer) {
  *answer = (kb_answer){.status = 500};
  size_t place = 0, whole;
  frame frame;
  while ((whole = next_frame(bytes + place, count - place, &frame)) > 0) {
    if (frame.type == GOAWAY || (frame.type == RST_STREAM && frame.stream == stream)) return ECONNRESET;
    if ((frame.type == SETTINGS || frame.type == PING) && !(frame.flags & ACKNOWLEDGED)) {
      const int failure = acknowledge(file, &frame);
      if (failure) return failure;
      // It stays in the buffer until the answer is whole, and is not to be answered again.
      bytes[place + 4] |= ACKNOWLEDGED;
    }
    place += whole;
    if (stream == 0 || frame.stream != stream) continue;
    if (frame.type == DATA && frame.length > MESSAGE_HEAD && !answer->body) {
      answer->status = 200;
      answer->body = frame.payload + MESSAGE_HEAD;
      answer->body_length = (int64_t)frame.length - MESSAGE_HEAD;
    }
    // DATA and HEADERS have that flag at the same place.
    if ((frame.type == DATA || frame.type == HEADERS) && frame.flags & END_STREAM) {
      answer->length = (int64_t)place;
      return 0;
    }
  }
  return 0;
}
