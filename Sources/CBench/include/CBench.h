#ifndef CBENCH_H
#define CBENCH_H

#include <stdint.h>

#include "ledger.h"
#include "load.h"

// What measurements need of the machine below Swift. Only kaizen-bench uses it.

// Names of instruction sets, as CKernels numbers them.
enum {
  KB_BASELINE = 0,
  KB_AVX2 = 1,
  KB_AVX512 = 2,
};

// Floating-point operations of one round of `kb_multiply_add`.
uint64_t kb_operations_per_round(int32_t set);

// Runs `rounds` rounds of multiply-adds on as many independent vectors as hide the latency, all in registers: nothing
// that multiplies and adds on one core of this machine is faster. The processor must have the set. The answer says
// nothing; it keeps the compiler from leaving the work out.
float kb_multiply_add(int32_t set, uint64_t rounds);

// Bytes that are allocated on this process's heap now.
long long kb_heap_byte_count(void);

// Keeps the calling thread, and the threads and processes it will start, on one core: the first of those it may run on.
// Returns that core's number, or -1 where the system does not allow it.
int kb_stay_on_one_core(void);

// Makes the kernel forget this process's highest resident memory, so that it can be measured anew.
void kb_reset_peak_memory(void);

#endif
