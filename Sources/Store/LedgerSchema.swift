/// The tables of `ledger.db`.
///
/// Each append touches the end of `prediction`, its unique index and one leaf per line of `prediction_line`; outcomes,
/// and what training asks of them, live in tables of their own, so that no random index grows on the hot path.
let ledgerSchema = Schema(
  // "kzLG"
  applicationID: 0x6B7A_4C47,
  name: "ledger",
  migrations: [ledgerVersion1, ledgerVersion2, ledgerVersion3],
  // WAL and NORMAL: a killed process loses nothing that was committed; a power cut may lose the last moments.
  // 16384 pages (64 MB) of log: it is copied beside the writer each second (`LogCopier`), and this bounds the log of a
  // writer that never pauses, who then waits for the disk. journal_size_limit gives the disk back after a burst.
  // cache_size: 2 MB, resident memory counts.
  settings: """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA foreign_keys = ON;
    PRAGMA wal_autocheckpoint = 16384;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA cache_size = -2048;
    PRAGMA temp_store = MEMORY;
    """,
  rewriting: [3]
)

private let ledgerVersion1 = """
  -- A line's number, and its totals: kept with each transaction, so that status never counts rows.
  CREATE TABLE line (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    prediction_count INTEGER NOT NULL DEFAULT 0 CHECK (prediction_count >= 0),
    outcome_count INTEGER NOT NULL DEFAULT 0 CHECK (outcome_count >= 0),
    held_count INTEGER NOT NULL DEFAULT 0 CHECK (held_count >= 0),
    latest_time INTEGER
  ) STRICT;

  -- Attribute values in schema order, as a JSON array of texts. UNIQUE: a cell's number from its line and values.
  CREATE TABLE cell (
    id INTEGER PRIMARY KEY,
    line INTEGER NOT NULL REFERENCES line (id),
    attribute_values TEXT NOT NULL,
    UNIQUE (line, attribute_values)
  ) STRICT;

  -- Starts of the machine: monotonic times compare only within one.
  CREATE TABLE boot (
    id INTEGER PRIMARY KEY,
    boot_id TEXT NOT NULL UNIQUE
  ) STRICT;

  -- One answered part. Row order is the order of answers; times are microseconds since 1970 in UTC.
  -- UNIQUE (line, part): a repeated request finds its first answer, an outcome its part.
  CREATE TABLE prediction (
    id INTEGER PRIMARY KEY,
    line INTEGER NOT NULL REFERENCES line (id),
    part TEXT NOT NULL,
    cell INTEGER NOT NULL REFERENCES cell (id),
    version INTEGER NOT NULL CHECK (version >= 1),
    predicted_class INTEGER NOT NULL CHECK (predicted_class >= 0),
    confidence REAL NOT NULL,
    time INTEGER NOT NULL,
    wall_clock INTEGER NOT NULL,
    monotonic INTEGER NOT NULL,
    boot INTEGER NOT NULL REFERENCES boot (id),
    peer_uid INTEGER NOT NULL,
    inputs BLOB NOT NULL CHECK (length(inputs) % 4 = 0),
    logits BLOB NOT NULL CHECK (length(logits) % 4 = 0),
    UNIQUE (line, part)
  ) STRICT;
  -- matured: rows of one line after a row. SQLite ends every index entry with the row's number, so this is
  -- (line, id): each line appends at its own end, and a quiet line never reads the busy lines' rows.
  CREATE INDEX prediction_line ON prediction (line);

  -- What is known of a stored prediction now; the same row number, so reading both in order is one merge.
  CREATE TABLE outcome (
    prediction INTEGER PRIMARY KEY REFERENCES prediction (id),
    label INTEGER NOT NULL CHECK (label >= 0),
    observed_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    wall_clock INTEGER NOT NULL,
    monotonic INTEGER NOT NULL,
    boot INTEGER NOT NULL REFERENCES boot (id),
    peer_uid INTEGER NOT NULL
  ) STRICT;

  -- Outcomes whose prediction has not come. PRIMARY KEY: found by the prediction when it comes.
  CREATE TABLE held_outcome (
    line INTEGER NOT NULL REFERENCES line (id),
    part TEXT NOT NULL,
    label INTEGER NOT NULL CHECK (label >= 0),
    observed_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    wall_clock INTEGER NOT NULL,
    monotonic INTEGER NOT NULL,
    boot INTEGER NOT NULL REFERENCES boot (id),
    peer_uid INTEGER NOT NULL,
    PRIMARY KEY (line, part)
  ) STRICT, WITHOUT ROWID;

  -- What was said of a part before it was amended.
  CREATE TABLE outcome_history (
    id INTEGER PRIMARY KEY,
    line INTEGER NOT NULL REFERENCES line (id),
    part TEXT NOT NULL,
    label INTEGER NOT NULL,
    observed_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    wall_clock INTEGER NOT NULL,
    monotonic INTEGER NOT NULL,
    boot INTEGER NOT NULL REFERENCES boot (id),
    peer_uid INTEGER NOT NULL
  ) STRICT;
  -- amendments: the history of one part.
  CREATE INDEX outcome_history_part ON outcome_history (line, part);

  -- Written when an outcome meets its prediction. PRIMARY KEY: labelledRows and labelledCounts read a cell's rows of a
  -- span of time in order, and nothing else; the index grows with outcomes, off the hot path.
  CREATE TABLE labelled (
    cell INTEGER NOT NULL REFERENCES cell (id),
    time INTEGER NOT NULL,
    prediction INTEGER NOT NULL REFERENCES prediction (id),
    label INTEGER NOT NULL CHECK (label >= 0),
    PRIMARY KEY (cell, time, prediction)
  ) STRICT, WITHOUT ROWID;

  -- The monitor's memory of a line, in its own encoding.
  CREATE TABLE evidence (
    line INTEGER PRIMARY KEY REFERENCES line (id),
    bytes BLOB NOT NULL
  ) STRICT;
  """

/// What is not usual about an answer: a table beside `prediction`, for a column more in a STRICT table makes SQLite read
/// every row (`ALTER TABLE ADD COLUMN` runs quick_check on it), and ten million rows are read in seconds.
private let ledgerVersion2 = """
  -- Parts that were not simply accepted in time; the others have no row. The same row number as the prediction, so that
  -- the table grows at its end. advice: bits of Domain.Advice. late: 1 where the request's deadline had passed.
  CREATE TABLE remark (
    prediction INTEGER PRIMARY KEY REFERENCES prediction (id),
    advice INTEGER NOT NULL CHECK (advice BETWEEN 0 AND 255),
    late INTEGER NOT NULL CHECK (late IN (0, 1))
  ) STRICT;
  """
