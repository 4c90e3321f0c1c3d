#ifndef CBENCH_LEDGER_H
#define CBENCH_LEDGER_H

#include <stdint.h>
#include <time.h>

// The least that SQLite costs for the rows of a ledger: its own interface in a loop, on a file that the ledger made, with
// the ledger's statements. Names of lines, cells and clocks are known beforehand, nothing is copied or checked twice.

enum { KB_ID_BYTES = 37 };

// How parts are named. KB_IDS_SORTED: random, but in ascending order over `id_count` rows, as an index of random ids is
// filled quickly.
enum { KB_IDS_COUNTER = 0, KB_IDS_RANDOM = 1, KB_IDS_SORTED = 2 };

// What the rows hold: row n belongs to line n % line_count and to its cell n / line_count % cell_count, and is the part
// n % part_count of those given. Its time is first_time and a millisecond for each row before it.
typedef struct {
  const char *path;
  // PRAGMA lines of the connection.
  const char *settings;
  int32_t line_count;
  int32_t cell_count;
  int32_t part_count;
  int32_t feature_count;
  int32_t class_count;
  // [part_count, feature_count] and [part_count, class_count].
  const float *features;
  const float *logits;
  int64_t first_time;
  uint64_t seed;
} kb_ledger_plan;

typedef struct {
  uint64_t rows;
  double seconds;
  // What SQLite said; empty when all went well.
  char error[256];
} kb_ledger_result;

typedef struct kb_ledger kb_ledger;

// Opens a ledger that has each line with each of its cells, made in their order. NULL: `result` says why.
kb_ledger *kb_ledger_open(const kb_ledger_plan *plan, kb_ledger_result *result);

// Appends the rows from `first` on in transactions of `batch`, until `count` of them are there or their transactions have
// taken `seconds`. A transaction's time goes into `histogram` (KB_BUCKETS); what prepares its rows is outside of it.
// `id_count`: how many rows there will be, for KB_IDS_SORTED. Returns 0, or SQLite's code.
int32_t kb_ledger_append(
    kb_ledger *ledger, int32_t ids, uint64_t id_count, uint64_t first, uint64_t count, int32_t batch, double seconds,
    uint64_t *histogram, kb_ledger_result *result);

// Runs statements without rows. Returns 0, or SQLite's code.
int32_t kb_ledger_execute(kb_ledger *ledger, const char *sql, kb_ledger_result *result);

void kb_ledger_close(kb_ledger *ledger);

// The name of row `number`, with its final zero.
void kb_part_id(int32_t ids, uint64_t number, uint64_t id_count, uint64_t seed, char id[KB_ID_BYTES]);

static inline uint64_t kb_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif
