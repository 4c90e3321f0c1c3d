#include "load.h"

#include "socket.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { EVENTS_AT_ONCE = 64, WAITING_MAX = 128 };

// One client's connection.
typedef struct {
  int file;
  int64_t request_length;
  int64_t answer_length;
  int64_t filled;
  uint8_t *bytes;
} peer;

static peer *make_peer(int file, int64_t request_length, int64_t answer_length) {
  peer *made = malloc(sizeof *made);
  *made = (peer){.file = file, .request_length = request_length, .answer_length = answer_length};
  made->bytes = calloc(1, (size_t)(request_length > answer_length ? request_length : answer_length));
  return made;
}

static void forget(peer *peer) {
  close(peer->file);
  free(peer->bytes);
  free(peer);
}

// Reads once and answers if that was the rest of a request. 0 when the client has gone.
static int serve(peer *peer) {
  const ssize_t count = recv(peer->file, peer->bytes, (size_t)(peer->request_length - peer->filled), 0);
  if (count <= 0) return count < 0 && errno == EINTR;
  peer->filled += count;
  if (peer->filled < peer->request_length) return 1;
  peer->filled = 0;
  return kb_write_all(peer->file, peer->bytes, (size_t)peer->answer_length) == 0;
}

static void *serve_alone(void *context) {
  while (serve(context)) {
  }
  forget(context);
  return NULL;
}

static int serve_on_threads(int listener, int64_t request_length, int64_t answer_length) {
  for (;;) {
    const int file = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (file < 0) return errno;
    pthread_t thread;
    const int failure = pthread_create(&thread, NULL, serve_alone, make_peer(file, request_length, answer_length));
    if (failure) return failure;
    pthread_detach(thread);
  }
}

static int serve_with_epoll(int listener, int64_t request_length, int64_t answer_length) {
  const int poller = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event events[EVENTS_AT_ONCE], added = {.events = EPOLLIN};
  if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, listener, &added) != 0) return errno;
  for (;;) {
    const int count = epoll_wait(poller, events, EVENTS_AT_ONCE, -1);
    if (count < 0 && errno != EINTR) return errno;
    for (int index = 0; index < count; index++) {
      peer *ready = events[index].data.ptr;
      if (ready) {
        if (!serve(ready)) forget(ready);
        continue;
      }
      const int file = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
      if (file < 0) return errno;
      added.data.ptr = make_peer(file, request_length, answer_length);
      if (epoll_ctl(poller, EPOLL_CTL_ADD, file, &added) != 0) return errno;
    }
  }
}

int32_t kb_serve_echo(const char *socket_path, int64_t request_length, int64_t answer_length, int32_t with_epoll) {
  struct sockaddr_un address;
  const int failure = kb_address(socket_path, &address);
  if (failure) return failure;
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0
      || listen(listener, WAITING_MAX) != 0)
    return errno;
  return with_epoll ? serve_with_epoll(listener, request_length, answer_length)
                    : serve_on_threads(listener, request_length, answer_length);
}
