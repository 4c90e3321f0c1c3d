#include "load.h"

#include "answer.h"
#include "grpc.h"
#include "socket.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

// The longest answer: a batch of hundreds of parts.
enum { ANSWER_BYTES_MAX = 1 << 18 };
// Silence after which an answer no longer comes.
enum { SILENCE_SECONDS_MAX = 30 };
enum { EVENTS_AT_ONCE = 64 };

typedef struct {
  int file;
  const kb_request *kind;
  uint64_t id;
  uint64_t sent_at;
  size_t filled;
  uint8_t *answer;
  int is_waiting;
  // With gRPC, of the request under way.
  uint32_t stream;
} connection;

typedef struct {
  const kb_load *load;
  kb_load_result *result;
  uint64_t *histogram;
  uint64_t *answered_of_kind;
  // Of each kind, for the id to be written into.
  uint8_t **requests;
  connection *connections;
  uint64_t next;
  uint64_t deadline;
  uint64_t last_answer;
  // When the next request goes out, where there is a pace.
  uint64_t due;
  int waiting;
  int poller;
  int failure;
} client;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t kb_scattered(uint64_t number) {
  // The golden section of 2^39, and odd.
  return number * UINT64_C(0x4F1BBCDCBF) & ((UINT64_C(1) << 39) - 1);
}

static void wait_until(uint64_t time) {
  const struct timespec until = {.tv_sec = (time_t)(time / 1000000000u), .tv_nsec = (long)(time % 1000000000u)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
  }
}

static void put_digits(uint8_t *digits, int count, uint64_t value) {
  for (int place = count - 1; place >= 0; place--, value /= 10) digits[place] = (uint8_t)('0' + value % 10);
}

static int open_connection(client *client, connection *connection) {
  struct sockaddr_un address;
  int failure = kb_address(client->load->socket_path, &address);
  if (failure) return failure;
  connection->filled = 0;
  connection->file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection->file < 0) return errno;
  if (connect(connection->file, (struct sockaddr *)&address, sizeof address) != 0) return errno;
  const struct timeval silence = {.tv_sec = SILENCE_SECONDS_MAX};
  setsockopt(connection->file, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
  connection->stream = 0;
  if (client->load->protocol == KB_GRPC && (failure = kb_grpc_begin(connection->file)) != 0) return failure;
  if (client->poller < 0) return 0;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  return epoll_ctl(client->poller, EPOLL_CTL_ADD, connection->file, &event) == 0 ? 0 : errno;
}

// The next request of the schedule, with its id.
static const kb_request *take_next(client *client, connection *connection) {
  const kb_load *load = client->load;
  const uint64_t number = client->next++;
  const kb_request *kind = &load->kinds[load->schedule[number % (uint64_t)load->schedule_count]];
  if (kind->id_lag > 0 && number < load->oldest_id + (uint64_t)kind->id_lag) kind = load->kinds;
  connection->kind = kind;
  connection->id = (uint64_t)((int64_t)number - kind->id_lag);
  if (load->scatters_ids) connection->id = kb_scattered(connection->id);
  return kind;
}

// Nothing is sent once time is up; answers under way are still waited for, so that what was stored is what we counted.
static int send_next(client *client, connection *connection, uint64_t time) {
  const uint64_t pace = client->load->pace_nanoseconds;
  if (pace) time = client->due;
  if (time >= client->deadline || client->next >= client->load->first_id + client->load->requests_max) return 0;
  const kb_request *kind = take_next(client, connection);
  uint8_t *bytes = client->requests[kind - client->load->kinds];
  if (kind->id_offset >= 0) put_digits(bytes + kind->id_offset, client->load->id_digits, connection->id);
  if (client->load->protocol == KB_GRPC) {
    connection->stream = kb_grpc_next_stream(connection->stream);
    kb_grpc_put_stream(bytes, connection->stream);
  }
  connection->is_waiting = 1;
  client->waiting++;
  if (pace) wait_until(time);
  client->due += pace;
  // Taken anew, or the time between an answer and the next request would count as the server's.
  connection->sent_at = pace ? time : now();
  return kb_write_all(connection->file, bytes, (size_t)kind->length);
}

// Counts a broken connection and opens it anew, unless nobody listens any more.
static void mend(client *client, connection *connection, int failure) {
  client->result->broken++;
  if (client->result->first_error == 0) client->result->first_error = failure;
  if (connection->is_waiting) client->waiting--;
  connection->is_waiting = 0;
  close(connection->file);
  int next = open_connection(client, connection);
  if (next == 0) next = send_next(client, connection, now());
  if (next != 0) client->failure = next;
}

static int has_id(client *client, const connection *connection, const kb_answer *answer) {
  uint8_t digits[32];
  const int count = client->load->id_digits;
  put_digits(digits, count, connection->id);
  return memmem(answer->body, (size_t)answer->body_length, digits, (size_t)count) != NULL;
}

static void judge(client *client, const connection *connection, const kb_answer *answer) {
  const kb_request *kind = connection->kind;
  kb_load_result *result = client->result;
  if (kind->status != 0 && answer->status != kind->status) {
    result->refused++;
    if (result->first_refusal == 0) result->first_refusal = answer->status;
    return;
  }
  if (kind->ending) {
    const int64_t before = answer->body_length - kind->ending_length;
    if (before < 0 || memcmp(answer->body + before, kind->ending, (size_t)kind->ending_length) != 0
        || (kind->id_offset >= 0 && !has_id(client, connection, answer))) {
      result->wrong++;
      return;
    }
  }
  result->answered++;
  client->answered_of_kind[kind - client->load->kinds]++;
}

// Counts an answer that is there and sends the next request. 0, or why the connection is of no more use.
static int take(client *client, connection *connection, const kb_answer *answer) {
  if (answer->length == 0) return connection->filled < ANSWER_BYTES_MAX ? 0 : EMSGSIZE;
  const uint64_t time = now();
  client->histogram[kb_bucket(time - connection->sent_at)]++;
  client->last_answer = time;
  judge(client, connection, answer);
  connection->filled -= (size_t)answer->length;
  memmove(connection->answer, connection->answer + answer->length, connection->filled);
  connection->is_waiting = 0;
  client->waiting--;
  return send_next(client, connection, time);
}

// Reads what is there. 0, or why the connection is of no more use.
static int receive(client *client, connection *connection) {
  const ssize_t count =
      recv(connection->file, connection->answer + connection->filled, ANSWER_BYTES_MAX - connection->filled, 0);
  if (count == 0) return ECONNRESET;
  if (count < 0) return errno == EINTR ? 0 : errno == EAGAIN ? ETIMEDOUT : errno;
  connection->filled += (size_t)count;
  kb_answer answer = {0};
  if (client->load->protocol == KB_GRPC) {
    // Frames of the connection itself come between requests too.
    const int failure = kb_grpc_read(connection->file, connection->answer, connection->filled,
                                     connection->is_waiting ? connection->stream : 0, &answer);
    if (failure) return failure;
    return take(client, connection, &answer);
  }
  if (!connection->is_waiting) return EPROTO;
  answer.length = connection->kind->answer_length;
  if (connection->kind->status != 0)
    answer = kb_read_answer(connection->answer, connection->filled);
  else if ((int64_t)connection->filled < answer.length)
    answer.length = 0;
  if (answer.length != 0 && answer.length != (int64_t)connection->filled) return EPROTO;
  return take(client, connection, &answer);
}

static void ping_pong(client *client) {
  connection *only = client->connections;
  while (client->waiting > 0 && client->failure == 0) {
    const int failure = receive(client, only);
    if (failure) mend(client, only, failure);
  }
}

static void many(client *client) {
  struct epoll_event events[EVENTS_AT_ONCE];
  while (client->waiting > 0 && client->failure == 0) {
    const int count = epoll_wait(client->poller, events, EVENTS_AT_ONCE, SILENCE_SECONDS_MAX * 1000);
    if (count == 0) client->failure = ETIMEDOUT;
    if (count < 0 && errno != EINTR) client->failure = errno;
    for (int index = 0; index < count && client->failure == 0; index++) {
      connection *ready = events[index].data.ptr;
      const int failure = receive(client, ready);
      if (failure) mend(client, ready, failure);
    }
  }
}

static void run(client *client) {
  const kb_load *load = client->load;
  for (int index = 0; index < load->connections && client->failure == 0; index++)
    client->failure = open_connection(client, &client->connections[index]);
  const uint64_t start = now();
  client->last_answer = start;
  client->due = start;
  client->deadline = start + (uint64_t)(load->seconds * 1e9);
  for (int index = 0; index < load->connections && client->failure == 0; index++)
    client->failure = send_next(client, &client->connections[index], now());
  if (client->failure == 0) {
    if (client->poller < 0)
      ping_pong(client);
    else
      many(client);
  }
  for (int index = 0; index < load->connections; index++)
    if (client->connections[index].file > 0) close(client->connections[index].file);
  client->result->seconds = (double)(client->last_answer - start) * 1e-9;
  client->result->next_id = client->next;
}

static void *on_thread(void *context) {
  client *client = context;
  const kb_load *load = client->load;
  if (load->core >= 0) client->failure = kb_place_thread(load->core);
  client->result->was_real_time = load->real_time && kb_make_real_time() == 0;
  if (client->failure == 0) run(client);
  return NULL;
}

int32_t kb_run_load(const kb_load *load, kb_load_result *result, uint64_t *histogram, uint64_t *answered_of_kind) {
  memset(result, 0, sizeof *result);
  int32_t kind_count = 0;
  for (int64_t turn = 0; turn < load->schedule_count; turn++)
    if (load->schedule[turn] >= kind_count) kind_count = load->schedule[turn] + 1;
  client client = {
      .load = load, .result = result, .histogram = histogram, .answered_of_kind = answered_of_kind,
      .next = load->first_id, .poller = -1};
  if (load->connections > 1) client.poller = epoll_create1(EPOLL_CLOEXEC);
  client.requests = calloc((size_t)kind_count, sizeof *client.requests);
  client.connections = calloc((size_t)load->connections, sizeof *client.connections);
  for (int32_t kind = 0; kind < kind_count; kind++) {
    client.requests[kind] = malloc((size_t)load->kinds[kind].length);
    memcpy(client.requests[kind], load->kinds[kind].bytes, (size_t)load->kinds[kind].length);
  }
  for (int32_t index = 0; index < load->connections; index++)
    client.connections[index].answer = malloc(ANSWER_BYTES_MAX);

  pthread_t thread;
  const int started = pthread_create(&thread, NULL, on_thread, &client);
  if (started == 0)
    pthread_join(thread, NULL);
  else
    client.failure = started;

  for (int32_t index = 0; index < load->connections; index++) free(client.connections[index].answer);
  for (int32_t kind = 0; kind < kind_count; kind++) free(client.requests[kind]);
  free(client.connections);
  free(client.requests);
  if (client.poller >= 0) close(client.poller);
  return client.failure;
}
