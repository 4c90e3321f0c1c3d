#include "socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int kb_address(const char *path, struct sockaddr_un *address) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (strlen(path) >= sizeof address->sun_path) return ENAMETOOLONG;
  strcpy(address->sun_path, path);
  return 0;
}

int kb_write_all(int file, const uint8_t *bytes, size_t count) {
  while (count > 0) {
    const ssize_t written = send(file, bytes, count, MSG_NOSIGNAL);
    if (written > 0) {
      bytes += written;
      count -= (size_t)written;
    } else if (errno == EAGAIN) {
      // Only requests larger than the socket's buffer come here.
      struct pollfd room = {.fd = file, .events = POLLOUT};
      if (poll(&room, 1, 30000) == 0) return ETIMEDOUT;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}
