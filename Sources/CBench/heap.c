#include "CBench.h"

#include <malloc.h>

long long kb_heap_byte_count(void) {
  struct mallinfo2 info = mallinfo2();
  return (long long)info.uordblks + (long long)info.hblkhd;
}
