#ifndef CBENCH_GRPC_H
#define CBENCH_GRPC_H

#include "answer.h"

// As much of HTTP/2 (RFC 9113) as a client needs that has one call under way and reads no header fields.

// Says the preface and opens the windows so far that answers are never held back. 0, or why not.
int kb_grpc_begin(int file);

// Clients' streams have odd numbers.
uint32_t kb_grpc_next_stream(uint32_t stream);

// Writes the stream's number into a HEADERS frame and the DATA frame behind it.
void kb_grpc_put_stream(uint8_t *frames, uint32_t stream);

// Walks the frames from the beginning. Once the last of `stream` is there `answer` has the bytes up to its end, status
// 200 where it brought a message (else 500: all of an error is in its trailers), and the message as its body; until
// then its length is 0. Frames of the connection itself are answered on `file` where they must be, and stay where they are.
// 0, or why the connection is of no more use.
int kb_grpc_read(int file, uint8_t *bytes, size_t count, uint32_t stream, kb_answer *answer);

#endif
