#include "ledger.h"

#include "load.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kb_ledger {
  kb_ledger_plan plan;
  sqlite3 *database;
  sqlite3_stmt *begin, *commit, *insert_prediction, *insert_input, *update_line, *update_cell;
  // [line_count] and [line_count, cell_count].
  int64_t *lines, *cells;
  int64_t *line_counts, *line_times, *cell_changes;
  int64_t clock;
  // [part_count]: what the logits say.
  int32_t *classes;
  char (*ids)[KB_ID_BYTES];
  int32_t id_room;
};

static int32_t failed(kb_ledger *ledger, int32_t code, kb_ledger_result *result) {
  const char *message = ledger->database ? sqlite3_errmsg(ledger->database) : "out of memory";
  snprintf(result->error, sizeof result->error, "%s (code %d)", message, code);
  return code;
}

static int32_t prepare(kb_ledger *ledger, const char *sql, sqlite3_stmt **statement) {
  return sqlite3_prepare_v3(ledger->database, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
}

// Reads `count` numbers of a query's first column.
static int32_t read_numbers(kb_ledger *ledger, const char *sql, int64_t *numbers, int64_t count) {
  sqlite3_stmt *statement;
  int32_t code = prepare(ledger, sql, &statement);
  if (code != SQLITE_OK) return code;
  for (int64_t index = 0; index < count; index++) {
    code = sqlite3_step(statement);
    if (code != SQLITE_ROW) break;
    numbers[index] = sqlite3_column_int64(statement, 0);
  }
  sqlite3_finalize(statement);
  return code == SQLITE_ROW ? SQLITE_OK : SQLITE_NOTFOUND;
}

static int32_t prepare_all(kb_ledger *ledger) {
  const struct {
    sqlite3_stmt **statement;
    const char *sql;
  } all[] = {
      {&ledger->begin, "BEGIN IMMEDIATE"},
      {&ledger->commit, "COMMIT"},
      {&ledger->insert_prediction,
       "INSERT INTO prediction (line, part, cell, version, predicted_class, confidence, time, wall_clock, monotonic,"
       " peer_uid, clock, logits)"
       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (line, part) DO NOTHING"},
      {&ledger->insert_input, "INSERT INTO input (prediction, features) VALUES (?1, ?2)"},
      {&ledger->update_line,
       "UPDATE line SET prediction_count = ?2, outcome_count = ?3, held_count = ?4, latest_time = ?5,"
       " dropped_predictions = ?6, dropped_outcomes = ?7, dropped_inputs = ?8 WHERE id = ?1"},
      {&ledger->update_cell,
       "UPDATE cell SET prediction_count = prediction_count + ?2, outcome_count = outcome_count + ?3,"
       " input_count = input_count + ?4, labelled_count = labelled_count + ?5 WHERE id = ?1"},
  };
  for (size_t index = 0; index < sizeof all / sizeof *all; index++) {
    const int32_t code = prepare(ledger, all[index].sql, all[index].statement);
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

static int32_t read_names(kb_ledger *ledger) {
  const int32_t lines = ledger->plan.line_count;
  int32_t code = read_numbers(ledger, "SELECT id FROM line ORDER BY id", ledger->lines, lines);
  if (code == SQLITE_OK) {
    code = read_numbers(ledger, "SELECT prediction_count FROM line ORDER BY id", ledger->line_counts, lines);
  }
  if (code == SQLITE_OK) code = read_numbers(ledger, "SELECT max(id) FROM clock", &ledger->clock, 1);
  for (int32_t line = 0; line < lines && code == SQLITE_OK; line++) {
    char sql[96];
    snprintf(sql, sizeof sql, "SELECT id FROM cell WHERE line = %lld ORDER BY id", (long long)ledger->lines[line]);
    code = read_numbers(
        ledger, sql, ledger->cells + (size_t)line * (size_t)ledger->plan.cell_count, ledger->plan.cell_count);
  }
  return code;
}

static void judge_parts(kb_ledger *ledger) {
  const int32_t classes = ledger->plan.class_count;
  for (int32_t part = 0; part < ledger->plan.part_count; part++) {
    const float *logits = ledger->plan.logits + (size_t)part * (size_t)classes;
    int32_t best = 0;
    for (int32_t label = 1; label < classes; label++) {
      if (logits[label] > logits[best]) best = label;
    }
    ledger->classes[part] = best;
  }
}

kb_ledger *kb_ledger_open(const kb_ledger_plan *plan, kb_ledger_result *result) {
  memset(result, 0, sizeof *result);
  kb_ledger *ledger = calloc(1, sizeof *ledger);
  if (!ledger) return NULL;
  ledger->plan = *plan;
  const size_t lines = (size_t)plan->line_count, cells = lines * (size_t)plan->cell_count;
  ledger->lines = calloc(lines, sizeof(int64_t));
  ledger->line_counts = calloc(lines, sizeof(int64_t));
  ledger->line_times = calloc(lines, sizeof(int64_t));
  ledger->cells = calloc(cells, sizeof(int64_t));
  ledger->cell_changes = calloc(cells, sizeof(int64_t));
  ledger->classes = calloc((size_t)plan->part_count, sizeof(int32_t));
  const int32_t flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  int32_t code = sqlite3_open_v2(plan->path, &ledger->database, flags, NULL);
  if (!ledger->lines || !ledger->line_counts || !ledger->line_times || !ledger->cells || !ledger->cell_changes ||
      !ledger->classes) {
    code = SQLITE_NOMEM;
  }
  if (code == SQLITE_OK) code = sqlite3_exec(ledger->database, plan->settings, NULL, NULL, NULL);
  if (code == SQLITE_OK) code = prepare_all(ledger);
  if (code == SQLITE_OK) code = read_names(ledger);
  if (code != SQLITE_OK) {
    failed(ledger, code, result);
    kb_ledger_close(ledger);
    return NULL;
  }
  judge_parts(ledger);
  return ledger;
}

void kb_ledger_close(kb_ledger *ledger) {
  sqlite3_finalize(ledger->begin);
  sqlite3_finalize(ledger->commit);
  sqlite3_finalize(ledger->insert_prediction);
  sqlite3_finalize(ledger->insert_input);
  sqlite3_finalize(ledger->update_line);
  sqlite3_finalize(ledger->update_cell);
  sqlite3_close_v2(ledger->database);
  free(ledger->lines);
  free(ledger->line_counts);
  free(ledger->line_times);
  free(ledger->cells);
  free(ledger->cell_changes);
  free(ledger->classes);
  free(ledger->ids);
  free(ledger);
}

int32_t kb_ledger_execute(kb_ledger *ledger, const char *sql, kb_ledger_result *result) {
  const int32_t code = sqlite3_exec(ledger->database, sql, NULL, NULL, NULL);
  return code == SQLITE_OK ? SQLITE_OK : failed(ledger, code, result);
}

// splitmix64 (Steele, Lea and Flood 2014): any number to a random one.
static uint64_t mixed(uint64_t value) {
  value += 0x9E3779B97F4A7C15u;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
  return value ^ (value >> 31);
}

void kb_part_id(int32_t ids, uint64_t number, uint64_t id_count, uint64_t seed, char id[KB_ID_BYTES]) {
  if (ids == KB_IDS_COUNTER) {
    snprintf(id, KB_ID_BYTES, "SN-%010llu", (unsigned long long)number);
    return;
  }
  // Two different ones for each row of a seed.
  const uint64_t random = mixed(mixed(seed ^ (uint64_t)ids << 60) + 2 * number);
  const uint64_t low = mixed(random ^ number);
  uint64_t high = random >> 16;
  if (ids == KB_IDS_SORTED) {
    const uint64_t step = (UINT64_C(1) << 48) / (id_count > 0 ? id_count : 1);
    high = number * step + high % step;
  }
  // RFC 9562 section 5.4: version 4, variant 2.
  snprintf(
      id, KB_ID_BYTES, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(high >> 16 & 0xFFFFFFFFu), (unsigned)(high & 0xFFFFu),
      (unsigned)(random & 0xFFFu), (unsigned)(low >> 50 & 0x3FFFu) | 0x8000u,
      (unsigned long long)(low & 0xFFFFFFFFFFFFu));
}

// A statement that gives no rows.
static int32_t run(sqlite3_stmt *statement) {
  const int32_t code = sqlite3_step(statement);
  sqlite3_reset(statement);
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int32_t append_row(kb_ledger *ledger, uint64_t number, const char *id) {
  const kb_ledger_plan *plan = &ledger->plan;
  const uint64_t line = number % (uint64_t)plan->line_count;
  const uint64_t cell =
      line * (uint64_t)plan->cell_count + number / (uint64_t)plan->line_count % (uint64_t)plan->cell_count;
  const size_t part = (size_t)(number % (uint64_t)plan->part_count);
  const int64_t time = plan->first_time + (int64_t)number * 1000;
  sqlite3_stmt *insert = ledger->insert_prediction;
  sqlite3_bind_int64(insert, 1, ledger->lines[line]);
  sqlite3_bind_text(insert, 2, id, -1, SQLITE_STATIC);
  sqlite3_bind_int64(insert, 3, ledger->cells[cell]);
  sqlite3_bind_int64(insert, 4, 1);
  sqlite3_bind_int64(insert, 5, ledger->classes[part]);
  // As many bytes as any confidence.
  sqlite3_bind_double(insert, 6, 0.7654321);
  sqlite3_bind_int64(insert, 7, time);
  sqlite3_bind_int64(insert, 8, time);
  sqlite3_bind_int64(insert, 9, (int64_t)number * 1000);
  sqlite3_bind_int64(insert, 10, 1000);
  sqlite3_bind_int64(insert, 11, ledger->clock);
  sqlite3_bind_blob(
      insert, 12, plan->logits + part * (size_t)plan->class_count, plan->class_count * (int32_t)sizeof(float),
      SQLITE_STATIC);
  int32_t code = run(insert);
  if (code != SQLITE_OK) return code;
  if (sqlite3_changes(ledger->database) != 1) return SQLITE_CONSTRAINT_UNIQUE;
  sqlite3_bind_int64(ledger->insert_input, 1, sqlite3_last_insert_rowid(ledger->database));
  sqlite3_bind_blob(
      ledger->insert_input, 2, plan->features + part * (size_t)plan->feature_count,
      plan->feature_count * (int32_t)sizeof(float), SQLITE_STATIC);
  code = run(ledger->insert_input);
  ledger->line_counts[line] += 1;
  ledger->line_times[line] = time;
  ledger->cell_changes[cell] += 1;
  return code;
}

// Totals of the lines and cells that the transaction touched.
static int32_t update_totals(kb_ledger *ledger) {
  const int32_t lines = ledger->plan.line_count, cells = ledger->plan.cell_count;
  for (int32_t line = 0; line < lines; line++) {
    if (ledger->line_times[line] == 0) continue;
    sqlite3_bind_int64(ledger->update_line, 1, ledger->lines[line]);
    sqlite3_bind_int64(ledger->update_line, 2, ledger->line_counts[line]);
    sqlite3_bind_int64(ledger->update_line, 3, 0);
    sqlite3_bind_int64(ledger->update_line, 4, 0);
    sqlite3_bind_int64(ledger->update_line, 5, ledger->line_times[line]);
    for (int32_t dropped = 6; dropped <= 8; dropped++) sqlite3_bind_int64(ledger->update_line, dropped, 0);
    ledger->line_times[line] = 0;
    const int32_t code = run(ledger->update_line);
    if (code != SQLITE_OK) return code;
  }
  for (int32_t cell = 0; cell < lines * cells; cell++) {
    if (ledger->cell_changes[cell] == 0) continue;
    sqlite3_bind_int64(ledger->update_cell, 1, ledger->cells[cell]);
    sqlite3_bind_int64(ledger->update_cell, 2, ledger->cell_changes[cell]);
    sqlite3_bind_int64(ledger->update_cell, 3, 0);
    sqlite3_bind_int64(ledger->update_cell, 4, ledger->cell_changes[cell]);
    sqlite3_bind_int64(ledger->update_cell, 5, 0);
    ledger->cell_changes[cell] = 0;
    const int32_t code = run(ledger->update_cell);
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

static int32_t transaction(kb_ledger *ledger, uint64_t first, int32_t batch) {
  int32_t code = run(ledger->begin);
  for (int32_t row = 0; row < batch && code == SQLITE_OK; row++) {
    code = append_row(ledger, first + (uint64_t)row, ledger->ids[row]);
  }
  if (code == SQLITE_OK) code = update_totals(ledger);
  if (code == SQLITE_OK) code = run(ledger->commit);
  return code;
}

int32_t kb_ledger_append(
    kb_ledger *ledger, int32_t ids, uint64_t id_count, uint64_t first, uint64_t count, int32_t batch, double seconds,
    uint64_t *histogram, kb_ledger_result *result) {
  memset(result, 0, sizeof *result);
  if (ledger->id_room < batch) {
    free(ledger->ids);
    ledger->ids = calloc((size_t)batch, KB_ID_BYTES);
    ledger->id_room = ledger->ids ? batch : 0;
    if (!ledger->ids) return failed(ledger, SQLITE_NOMEM, result);
  }
  uint64_t nanoseconds = 0;
  while (result->rows < count && (double)nanoseconds < seconds * 1e9) {
    const uint64_t left = count - result->rows;
    const int32_t rows = left < (uint64_t)batch ? (int32_t)left : batch;
    for (int32_t row = 0; row < rows; row++) {
      kb_part_id(ids, first + result->rows + (uint64_t)row, id_count, ledger->plan.seed, ledger->ids[row]);
    }
    const uint64_t start = kb_nanoseconds();
    const int32_t code = transaction(ledger, first + result->rows, rows);
    const uint64_t taken = kb_nanoseconds() - start;
    if (code != SQLITE_OK) {
      failed(ledger, code, result);
      sqlite3_exec(ledger->database, "ROLLBACK", NULL, NULL, NULL);
      return code;
    }
    nanoseconds += taken;
    histogram[kb_bucket(taken)] += 1;
    result->rows += (uint64_t)rows;
  }
  result->seconds = (double)nanoseconds * 1e-9;
  return SQLITE_OK;
}
