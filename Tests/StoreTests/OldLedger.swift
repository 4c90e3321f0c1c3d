import Domain
import Store

/// Ledgers as older versions made them: their tables word for word, and rows that use every one of them.
enum OldLedger {
  /// - Parameter version: 1 or 2, the schema of the file.
  static func write(_ path: String, version: Int, parts: Int) throws {
    let raw = try RawDatabase(path)
    try raw.execute("PRAGMA journal_mode = WAL; BEGIN;" + version1 + (version > 1 ? version2 : ""))
    try raw.execute("PRAGMA application_id = 1803177031; PRAGMA user_version = \(version);")
    try raw.execute(
      """
      INSERT INTO line VALUES (1, 'press-3', \(parts), 3, 1, \(day.microseconds));
      INSERT INTO line VALUES (2, 'press-4', 1, 0, 0, \(day.microseconds));
      INSERT INTO cell VALUES (1, 1, '["8412","day"]'), (2, 1, '["8412","night"]'), (3, 2, '["x","y"]');
      INSERT INTO boot VALUES (1, 'boot-a'), (2, 'boot-b');
      WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < \(parts) - 1)
      INSERT INTO prediction
        SELECT i + 1, 1, 'p' || i, 1 + (i = 8), 1, 0, 0.68, \(day.microseconds) + i * 1000000,
          \(day.microseconds) + (i + 1) * 1000000, 5000000 + i, 1 + (i > 5), 1001,
          x'0000C03F000000C000005040', x'0000803E000000BF' FROM n;
      INSERT INTO prediction VALUES (\(parts + 1), 2, 'p0', 3, 4, 1, 0.5, 1, 2, 3, 2, 7, x'', x'0000803E000000BF');
      INSERT INTO outcome VALUES (8, 1, \(day.microseconds) + 60000000, 'audit', 11, 12, 1, 1002);
      INSERT INTO outcome VALUES (9, 0, \(day.microseconds) - 60000000, '', 11, 12, 2, 1002);
      INSERT INTO outcome_history VALUES (1, 1, 'p7', 0, 5, 'rework', 6, 7, 1, 1002);
      INSERT INTO held_outcome VALUES (1, 'later', 1, 5, 'customer', 6, 7, 2, 1003);
      INSERT INTO labelled VALUES (1, \(day.microseconds) + 7000000, 8, 1), (2, \(day.microseconds) + 8000000, 9, 0);
      INSERT INTO evidence VALUES (1, x'7B7D');
      \(version > 1 ? "INSERT INTO remark VALUES (8, 1, 1);" : "")
      COMMIT;
      """)
  }

  private static let version1 = """
    CREATE TABLE line (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      prediction_count INTEGER NOT NULL DEFAULT 0 CHECK (prediction_count >= 0),
      outcome_count INTEGER NOT NULL DEFAULT 0 CHECK (outcome_count >= 0),
      held_count INTEGER NOT NULL DEFAULT 0 CHECK (held_count >= 0),
      latest_time INTEGER
    ) STRICT;
    CREATE TABLE cell (
      id INTEGER PRIMARY KEY,
      line INTEGER NOT NULL REFERENCES line (id),
      attribute_values TEXT NOT NULL,
      UNIQUE (line, attribute_values)
    ) STRICT;
    CREATE TABLE boot (
      id INTEGER PRIMARY KEY,
      boot_id TEXT NOT NULL UNIQUE
    ) STRICT;
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
    CREATE INDEX prediction_line ON prediction (line);
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
    CREATE INDEX outcome_history_part ON outcome_history (line, part);
    CREATE TABLE labelled (
      cell INTEGER NOT NULL REFERENCES cell (id),
      time INTEGER NOT NULL,
      prediction INTEGER NOT NULL REFERENCES prediction (id),
      label INTEGER NOT NULL CHECK (label >= 0),
      PRIMARY KEY (cell, time, prediction)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE evidence (
      line INTEGER PRIMARY KEY REFERENCES line (id),
      bytes BLOB NOT NULL
    ) STRICT;
    """
  private static let version2 = """
    CREATE TABLE remark (
      prediction INTEGER PRIMARY KEY REFERENCES prediction (id),
      advice INTEGER NOT NULL CHECK (advice BETWEEN 0 AND 255),
      late INTEGER NOT NULL CHECK (late IN (0, 1))
    ) STRICT;
    """
}
