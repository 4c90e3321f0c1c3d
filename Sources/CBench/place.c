#include "load.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>

// Below the kernel's own threads that matter, above everything ordinary.
enum { REAL_TIME_PRIORITY = 10 };

int32_t kb_place_thread(int32_t core) {
  // Threads that Swift's runtime makes block all signals, and a program started from one could not be asked to end.
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, NULL);
  if (core < 0) return 0;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(core, &one);
  return sched_setaffinity(0, sizeof one, &one) == 0 ? 0 : errno;
}

int32_t kb_make_real_time(void) {
  const struct sched_param parameters = {.sched_priority = REAL_TIME_PRIORITY};
  return sched_setscheduler(0, SCHED_FIFO, &parameters) == 0 ? 0 : errno;
}

int32_t kb_may_be_real_time(void) {
  if (kb_make_real_time() != 0) return 0;
  const struct sched_param ordinary = {.sched_priority = 0};
  sched_setscheduler(0, SCHED_OTHER, &ordinary);
  return 1;
}
