#ifndef CBENCH_SOCKET_H
#define CBENCH_SOCKET_H

#include <stddef.h>
#include <stdint.h>

// Not for Swift: what client and echo server share.

// The address of a Unix socket; the number of why a path cannot be one, else 0.
struct sockaddr_un;
int kb_address(const char *path, struct sockaddr_un *address);

// Writes all of it, waiting where the other side is slow. 0, or why not.
int kb_write_all(int file, const uint8_t *bytes, size_t count);

#endif
