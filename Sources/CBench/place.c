#include "load.h"

#include <errno.h>
#include <sched.h>

// Below the kernel's own threads that matter, above everything ordinary.
enum { REAL_TIME_PRIORITY = 10 };

int32_t kb_place_thread(int32_t core, int32_t real_time) {
  if (core >= 0) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0) return errno;
  }
  const struct sched_param parameters = {.sched_priority = real_time ? REAL_TIME_PRIORITY : 0};
  return sched_setscheduler(0, real_time ? SCHED_FIFO : SCHED_OTHER, &parameters) == 0 ? 0 : errno;
}
