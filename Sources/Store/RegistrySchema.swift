/// The tables of `state.db`: lines, students, routes, runs and the audit trail.
let registrySchema = Schema(
  // "kzST"
  applicationID: 0x6B7A_5354,
  name: "state",
  migrations: [registryVersion1, registryVersion2, registryVersion3, registryVersion4, registryVersion5],
  // FULL: a change is on the disk before it takes effect; changes are rare, so each may cost a millisecond.
  settings: """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA wal_autocheckpoint = 256;
    PRAGMA cache_size = -1024;
    PRAGMA temp_store = MEMORY;
    """
)

private let registryVersion1 = """
  -- definition, settings, teacher: JSON. A champion that is not there stops the commit: line and student are added in
  -- one transaction, in either order.
  CREATE TABLE line (
    name TEXT PRIMARY KEY,
    definition TEXT NOT NULL CHECK (json_valid(definition)),
    settings TEXT NOT NULL CHECK (json_valid(settings)),
    champion INTEGER NOT NULL,
    teacher TEXT NOT NULL CHECK (json_valid(teacher)),
    added_at INTEGER NOT NULL,
    FOREIGN KEY (name, champion) REFERENCES model (line, version) DEFERRABLE INITIALLY DEFERRED
  ) STRICT, WITHOUT ROWID;

  -- Cells served by a student of their own; the key reads a line's routes together. cell: JSON array of values.
  CREATE TABLE route (
    line TEXT NOT NULL REFERENCES line (name) DEFERRABLE INITIALLY DEFERRED,
    cell TEXT NOT NULL CHECK (json_valid(cell)),
    version INTEGER NOT NULL,
    PRIMARY KEY (line, cell),
    FOREIGN KEY (line, version) REFERENCES model (line, version) DEFERRABLE INITIALLY DEFERRED
  ) STRICT, WITHOUT ROWID;

  -- The key reads a line's students in order. A rowid table, for bytes may be large; they stand last, so that listing
  -- students never reads them.
  CREATE TABLE model (
    line TEXT NOT NULL REFERENCES line (name) DEFERRABLE INITIALLY DEFERRED,
    version INTEGER NOT NULL CHECK (version >= 1),
    run INTEGER NOT NULL,
    arm TEXT,
    parent INTEGER,
    parameter_count INTEGER NOT NULL CHECK (parameter_count >= 0),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    created_at INTEGER NOT NULL,
    by_uid INTEGER NOT NULL,
    by_login TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (line, version)
  ) STRICT;

  -- AUTOINCREMENT: a run's number is never used again. cells, groups, causes, report, verdict: JSON.
  CREATE TABLE run (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    line TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('first', 'retrain')),
    state TEXT NOT NULL CHECK (
      state IN ('training', 'evaluating', 'promoted', 'kept', 'failed', 'interrupted')),
    cells TEXT NOT NULL CHECK (json_valid(cells)),
    groups TEXT NOT NULL CHECK (json_valid(groups)),
    causes TEXT NOT NULL CHECK (json_valid(causes)),
    since INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    by_uid INTEGER NOT NULL,
    by_login TEXT NOT NULL,
    report TEXT CHECK (report IS NULL OR json_valid(report)),
    verdict TEXT NOT NULL CHECK (json_valid(verdict)),
    promoted INTEGER
  ) STRICT;
  -- runs: the newest of one line.
  CREATE INDEX run_line ON run (line, number);

  -- The hash chain; hash is SHA-256 over the previous hash and this row's fields.
  CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    login TEXT NOT NULL,
    event TEXT NOT NULL,
    line TEXT,
    group_text TEXT,
    run INTEGER,
    sentence TEXT NOT NULL,
    hash TEXT NOT NULL CHECK (length(hash) = 64)
  ) STRICT;
  -- auditEntries of a line: the newest first; partial, for many entries name no line or run.
  CREATE INDEX audit_line ON audit (line, sequence) WHERE line IS NOT NULL;
  -- auditEntries of a run.
  CREATE INDEX audit_run ON audit (run, sequence) WHERE run IS NOT NULL;

  -- The last link again, so that entries cut off the end are missed.
  CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sequence INTEGER NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, '');

  CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
  CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
  -- Also keeps INSERT OR REPLACE from removing an entry, which fires no delete trigger.
  CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
  WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM audit)
  BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
  """

/// Students that an operator gives in, and what they took the place of.
private let registryVersion2 = """
  -- A CHECK cannot be changed in place; nothing refers to this table.
  CREATE TABLE run_2 (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    line TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('first', 'retrain', 'import')),
    state TEXT NOT NULL CHECK (
      state IN ('training', 'evaluating', 'promoted', 'kept', 'failed', 'interrupted')),
    cells TEXT NOT NULL CHECK (json_valid(cells)),
    groups TEXT NOT NULL CHECK (json_valid(groups)),
    causes TEXT NOT NULL CHECK (json_valid(causes)),
    since INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    by_uid INTEGER NOT NULL,
    by_login TEXT NOT NULL,
    report TEXT CHECK (report IS NULL OR json_valid(report)),
    verdict TEXT NOT NULL CHECK (json_valid(verdict)),
    promoted INTEGER
  ) STRICT;
  INSERT INTO run_2 SELECT * FROM run;
  DROP TABLE run;
  ALTER TABLE run_2 RENAME TO run;
  CREATE INDEX run_line ON run (line, number);

  -- What served a line before an operator put this student in the place of all, for a rollback. routes: JSON.
  CREATE TABLE takeover (
    line TEXT NOT NULL,
    version INTEGER NOT NULL,
    champion INTEGER NOT NULL,
    routes TEXT NOT NULL CHECK (json_valid(routes)),
    PRIMARY KEY (line, version),
    FOREIGN KEY (line, version) REFERENCES model (line, version) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (line, champion) REFERENCES model (line, version) DEFERRABLE INITIALLY DEFERRED
  ) STRICT, WITHOUT ROWID;
  """

/// What a student's advice rests on.
private let registryVersion3 = """
  -- JSON; NULL where it was not measured: imported students, and those of versions before this one.
  ALTER TABLE model ADD COLUMN advice TEXT CHECK (advice IS NULL OR json_valid(advice));
  """

/// What operators say about monitoring.
private let registryVersion4 = """
  -- Slices that somebody wants monitored; slice: a conjunction as `LineDefinition.text` prints it. found_row: the
  -- ledger's last row when it was adopted, for only later parts may confirm it.
  CREATE TABLE adopted_slice (
    line TEXT NOT NULL REFERENCES line (name),
    slice TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('candidate', 'monitored', 'rejected')),
    found_row INTEGER NOT NULL,
    found_at INTEGER NOT NULL,
    adopted_at INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    login TEXT NOT NULL,
    reason TEXT NOT NULL,
    parts_needed INTEGER NOT NULL CHECK (parts_needed >= 1),
    decided_at INTEGER CHECK ((decided_at IS NULL) = (state = 'candidate')),
    detail TEXT NOT NULL,
    PRIMARY KEY (line, slice)
  ) STRICT, WITHOUT ROWID;

  -- What operators say of a monitored set of parts; until: NULL for good.
  CREATE TABLE group_mark (
    line TEXT NOT NULL REFERENCES line (name),
    slice TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('acknowledged', 'silenced', 'retired')),
    until INTEGER,
    uid INTEGER NOT NULL,
    login TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (line, slice, kind)
  ) STRICT, WITHOUT ROWID;

  -- Other spellings of attributes' values.
  CREATE TABLE alias (
    line TEXT NOT NULL REFERENCES line (name),
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    stands_for TEXT NOT NULL CHECK (stands_for <> value),
    uid INTEGER NOT NULL,
    login TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (line, attribute, value)
  ) STRICT, WITHOUT ROWID;
  """

/// Challengers on their way into service.
private let registryVersion5 = """
  -- A CHECK cannot be changed in place; nothing refers to this table. rows: labelled parts of its cells at the start;
  -- NULL in runs of versions before this one.
  CREATE TABLE run_5 (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    line TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('first', 'retrain', 'import')),
    state TEXT NOT NULL CHECK (
      state IN ('training', 'evaluating', 'awaiting', 'shadow', 'canary', 'promoted', 'kept', 'rejected',
        'rolled_back', 'failed', 'interrupted')),
    cells TEXT NOT NULL CHECK (json_valid(cells)),
    groups TEXT NOT NULL CHECK (json_valid(groups)),
    causes TEXT NOT NULL CHECK (json_valid(causes)),
    since INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    by_uid INTEGER NOT NULL,
    by_login TEXT NOT NULL,
    report TEXT CHECK (report IS NULL OR json_valid(report)),
    verdict TEXT NOT NULL CHECK (json_valid(verdict)),
    promoted INTEGER,
    scope TEXT NOT NULL DEFAULT 'scoped' CHECK (scope IN ('scoped', 'whole')),
    rows INTEGER CHECK (rows >= 0)
  ) STRICT;
  INSERT INTO run_5 (number, line, kind, state, cells, groups, causes, since, started_at, ended_at, by_uid, by_login,
    report, verdict, promoted)
  SELECT number, line, kind, state, cells, groups, causes, since, started_at, ended_at, by_uid, by_login, report,
    verdict, promoted FROM run;
  DROP TABLE run;
  ALTER TABLE run_5 RENAME TO run;
  CREATE INDEX run_line ON run (line, number);

  -- lagging, cells, routes: JSON. first_row: later rows of the ledger tell of it. champion, routes: what served when it
  -- was made.
  CREATE TABLE trial (
    run INTEGER PRIMARY KEY REFERENCES run (number),
    line TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('scoped', 'whole')),
    version INTEGER NOT NULL,
    lagging TEXT NOT NULL CHECK (json_valid(lagging)),
    cells TEXT NOT NULL CHECK (json_valid(cells)),
    stage TEXT NOT NULL,
    stage_since INTEGER NOT NULL,
    first_row INTEGER NOT NULL,
    champion INTEGER NOT NULL,
    routes TEXT NOT NULL CHECK (json_valid(routes)),
    FOREIGN KEY (line, version) REFERENCES model (line, version),
    FOREIGN KEY (line, champion) REFERENCES model (line, version)
  ) STRICT;
  -- trials: those of one line.
  CREATE INDEX trial_line ON trial (line, run);
  """
