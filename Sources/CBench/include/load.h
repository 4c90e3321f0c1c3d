#ifndef CBENCH_LOAD_H
#define CBENCH_LOAD_H

#include <stdint.h>

// A client that asks as fast as it is answered, and the fastest server there can be to measure it with.
//
// In C because the client must cost less than what it measures: prebuilt requests in which only an id changes, answers
// read no further than their status and length, and nothing allocated between two of them.

// One request as it goes over the socket, and what its answer must be.
typedef struct {
  const uint8_t *bytes;
  int64_t length;
  // Where `id_digits` decimal digits are put in; -1 where the request has no id.
  int64_t id_offset;
  // Request n carries the id n - id_lag: 0 for a part of its own, above for an earlier part, below for a later one.
  // While there is no such earlier part the first kind of request is sent instead.
  int64_t id_lag;
  // HTTP status expected; with gRPC 200 stands for an answer with a message. 0: the answer is `answer_length` bytes of anything (the echo server).
  int32_t status;
  int64_t answer_length;
  // What the body must end with; null where it is not looked at.
  const uint8_t *ending;
  int64_t ending_length;
} kb_request;

// Powers of two divided by 128, so a bucket is less than 1 % wide; nanoseconds up to 18 minutes.
enum { KB_BUCKETS = 4352 };
int32_t kb_bucket(uint64_t nanoseconds);
// The least value of a bucket.
uint64_t kb_bucket_floor(int32_t bucket);

enum {
  // Or fixed lengths, where `status` is 0.
  KB_HTTP = 0,
  // gRPC over HTTP/2 without TLS: each request is a HEADERS and a DATA frame, in which the stream's number is put.
  KB_GRPC = 1,
};

typedef struct {
  const char *socket_path;
  int32_t protocol;
  const kb_request *kinds;
  // Which kind request n is of: `schedule[n % schedule_count]`.
  const int32_t *schedule;
  int64_t schedule_count;
  int32_t id_digits;
  uint64_t first_id;
  // The first id of all runs with this schedule: an earlier part than that was never sent.
  uint64_t oldest_id;
  // Each with one request under way. One alone blocks in read; more are waited for with epoll.
  int32_t connections;
  // Ends at whichever comes first.
  double seconds;
  uint64_t requests_max;
  // The core to stay on, or -1; whether to run before all ordinary programs, if the system lets us.
  int32_t core;
  int32_t real_time;
  // Whether ids are `kb_scattered` of what they would be otherwise.
  int32_t scatters_ids;
  // With one connection: between a request and the next, however long the answer takes; times are then from when a
  // request was due, so that a stall counts for each that comes meanwhile. 0: as soon as the last was answered.
  uint64_t pace_nanoseconds;
} kb_load;

// Each number below 2^39 (which has 12 digits) once, far from the one before: ids in no order.
uint64_t kb_scattered(uint64_t number);

typedef struct {
  // Answered as expected.
  uint64_t answered;
  // Answered with another status, and the first such status.
  uint64_t refused;
  int32_t first_refusal;
  // Answered with the right status and a body with another ending or another id.
  uint64_t wrong;
  // Connections that broke, each with a request that was not answered; the system's number of the first reason.
  uint64_t broken;
  int32_t first_error;
  // From the first request to the last answer.
  double seconds;
  // The first id that was not sent.
  uint64_t next_id;
  int32_t was_real_time;
} kb_load_result;

// Runs to the end on a thread of its own. `histogram` has KB_BUCKETS counters of times from writing a request to having
// its whole answer; `answered_of_kind` one counter a kind; both are added to.
// Returns 0, or the system's number of why it could not begin.
int32_t kb_run_load(const kb_load *load, kb_load_result *result, uint64_t *histogram, uint64_t *answered_of_kind);

// Answers every `request_length` bytes with `answer_length` bytes until the process ends: a thread for each connection
// that blocks in read, or all of them on one thread with epoll. Returns only where it could not begin: the reason.
int32_t kb_serve_echo(const char *socket_path, int64_t request_length, int64_t answer_length, int32_t with_epoll);

// Puts the calling thread, and the threads and programs it starts, on a core (-1: leaves it where it is), and lets it
// and them be ended by signals. Returns 0, or the system's number of why it was not allowed.
int32_t kb_place_thread(int32_t core);

// Puts the calling thread before ordinary programs. For threads that nothing is started from: who inherits it may keep
// a core from everybody else. Returns 0, or the system's number of why it was not allowed.
int32_t kb_make_real_time(void);

// 1 where the system lets the calling thread run before ordinary programs, as it then does for a moment.
int32_t kb_may_be_real_time(void);

#endif
