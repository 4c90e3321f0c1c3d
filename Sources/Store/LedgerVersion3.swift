/// Tables of the third version: features apart from answers, channels of outcomes, clocks, totals of each cell, and views
/// for analysts.
///
/// Every row of `prediction` and `outcome` is written again, once; `Opening` sees to it that the disk has room for both.
let ledgerVersion3 =
  ledgerTables3 + ledgerRowsFrom2 + """

    DROP TABLE outcome_history;
    DROP TABLE held_outcome;
    DROP TABLE labelled;
    DROP TABLE outcome;
    DROP TABLE prediction;
    DROP TABLE boot;
    ALTER TABLE prediction_3 RENAME TO prediction;
    ALTER TABLE outcome_3 RENAME TO outcome;
    ALTER TABLE held_outcome_3 RENAME TO held_outcome;
    ALTER TABLE outcome_history_3 RENAME TO outcome_history;
    ALTER TABLE labelled_3 RENAME TO labelled;
    -- matured, latestAdvice: rows of one line after a row. SQLite ends every index entry with the row's number, so this is
    -- (line, id): each line appends at its own end, and a quiet line never reads the busy lines' rows.
    CREATE INDEX prediction_line ON prediction (line);
    -- amendments: the history of one part.
    CREATE INDEX outcome_history_part ON outcome_history (line, part);
    """ + ledgerTotalsFrom2 + ledgerViews1

private let ledgerTables3 = """
  -- A machine's start, and whether its wall clock was synchronised (adjtimex): monotonic times compare only within one
  -- start, wall times only where it was. synced: 0 no, 1 yes, 2 not known.
  CREATE TABLE clock (
    id INTEGER PRIMARY KEY,
    boot_id TEXT NOT NULL,
    synced INTEGER NOT NULL CHECK (synced IN (0, 1, 2)),
    UNIQUE (boot_id, synced)
  ) STRICT;

  -- Where an outcome comes from: audit, rework, customer, test bench, ...; "" where nobody said. rank: 0 for the most
  -- trusted of those that the line's settings name; the others, NULL, rank behind them in the order of their numbers.
  CREATE TABLE channel (
    id INTEGER PRIMARY KEY,
    line INTEGER NOT NULL REFERENCES line (id),
    name TEXT NOT NULL,
    rank INTEGER CHECK (rank >= 0),
    UNIQUE (line, name)
  ) STRICT;

  -- Names of the classes that rows hold as numbers, for the views. Written when a line opens.
  CREATE TABLE class (
    line INTEGER NOT NULL REFERENCES line (id),
    number INTEGER NOT NULL CHECK (number >= 0),
    name TEXT NOT NULL,
    PRIMARY KEY (line, number)
  ) STRICT, WITHOUT ROWID;
  -- JSON arrays of names, NULL until the line has been opened under this version.
  ALTER TABLE line ADD COLUMN attributes TEXT CHECK (attributes IS NULL OR json_valid(attributes));
  ALTER TABLE line ADD COLUMN features TEXT CHECK (features IS NULL OR json_valid(features));
  -- What retention has taken away; the other totals count what is there.
  ALTER TABLE line ADD COLUMN dropped_predictions INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE line ADD COLUMN dropped_outcomes INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE line ADD COLUMN dropped_inputs INTEGER NOT NULL DEFAULT 0;

  -- Totals of a cell, kept with each transaction: rows of prediction, outcome, input and labelled.
  ALTER TABLE cell ADD COLUMN prediction_count INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE cell ADD COLUMN outcome_count INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE cell ADD COLUMN input_count INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE cell ADD COLUMN labelled_count INTEGER NOT NULL DEFAULT 0;

  -- One answered part. Row order is the order of answers; times are microseconds since 1970 in UTC.
  -- UNIQUE (line, part): a repeated request finds its first answer, an outcome its part.
  CREATE TABLE prediction_3 (
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
    clock INTEGER NOT NULL REFERENCES clock (id),
    peer_uid INTEGER NOT NULL,
    logits BLOB NOT NULL CHECK (length(logits) % 4 = 0),
    UNIQUE (line, part)
  ) STRICT;

  -- What the student was asked: float32, little-endian. A table of its own, for it is most of the bytes and goes first
  -- when room is short. The same row number as the prediction, so that it grows at its end.
  CREATE TABLE input (
    prediction INTEGER PRIMARY KEY REFERENCES prediction (id),
    features BLOB NOT NULL CHECK (length(features) % 4 = 0)
  ) STRICT;

  -- What is known of a stored prediction now; the same row number, so reading both in order is one merge.
  -- arrived: when its channel first said something of the part, in the line's time. probability: that the channel looks at a part like this one;
  -- NULL where nobody knows.
  CREATE TABLE outcome_3 (
    prediction INTEGER PRIMARY KEY REFERENCES prediction (id),
    channel INTEGER NOT NULL REFERENCES channel (id),
    label INTEGER NOT NULL CHECK (label >= 0),
    observed_at INTEGER NOT NULL,
    arrived INTEGER NOT NULL,
    probability REAL CHECK (probability > 0 AND probability <= 1),
    wall_clock INTEGER NOT NULL,
    monotonic INTEGER NOT NULL,
    clock INTEGER NOT NULL REFERENCES clock (id),
    peer_uid INTEGER NOT NULL
  ) STRICT;

  -- What less trusted channels say of a part that has its outcome. PRIMARY KEY: all that is said of one part.
  CREATE TABLE other_outcome (
    prediction INTEGER NOT NULL REFERENCES prediction (id),
    channel INTEGER NOT NULL REFERENCES channel (id),
    label INTEGER NOT NULL CHECK (label >= 0),
    observed_at INTEGER NOT NULL,
    arrived INTEGER NOT NULL,
    probability REAL CHECK (probability > 0 AND probability <= 1),
    wall_clock INTEGER NOT NULL,
    monotonic INTEGER NOT NULL,
    clock INTEGER NOT NULL REFERENCES clock (id),
    peer_uid INTEGER NOT NULL,
    PRIMARY KEY (prediction, channel)
  ) STRICT, WITHOUT ROWID;

  -- Outcomes whose prediction has not come. PRIMARY KEY: found by the prediction when it comes.
  CREATE TABLE held_outcome_3 (
    line INTEGER NOT NULL REFERENCES line (id),
    part TEXT NOT NULL,
    channel INTEGER NOT NULL REFERENCES channel (id),
    label INTEGER NOT NULL CHECK (label >= 0),
    observed_at INTEGER NOT NULL,
    arrived INTEGER NOT NULL,
    probability REAL CHECK (probability > 0 AND probability <= 1),
    wall_clock INTEGER NOT NULL,
    monotonic INTEGER NOT NULL,
    clock INTEGER NOT NULL REFERENCES clock (id),
    peer_uid INTEGER NOT NULL,
    PRIMARY KEY (line, part, channel)
  ) STRICT, WITHOUT ROWID;

  -- What was said of a part before it was amended.
  CREATE TABLE outcome_history_3 (
    id INTEGER PRIMARY KEY,
    line INTEGER NOT NULL REFERENCES line (id),
    part TEXT NOT NULL,
    channel INTEGER NOT NULL REFERENCES channel (id),
    label INTEGER NOT NULL,
    observed_at INTEGER NOT NULL,
    arrived INTEGER NOT NULL,
    probability REAL,
    wall_clock INTEGER NOT NULL,
    monotonic INTEGER NOT NULL,
    clock INTEGER NOT NULL REFERENCES clock (id),
    peer_uid INTEGER NOT NULL
  ) STRICT;

  -- Parts that training can use: with features and an outcome. PRIMARY KEY: labelledRows, labelledCounts and retention
  -- read a cell's rows in order of time, and nothing else; the index grows with outcomes, off the hot path. No foreign
  -- key to prediction: a row taken away would be looked for here without an index.
  CREATE TABLE labelled_3 (
    cell INTEGER NOT NULL REFERENCES cell (id),
    time INTEGER NOT NULL,
    prediction INTEGER NOT NULL,
    label INTEGER NOT NULL CHECK (label >= 0),
    PRIMARY KEY (cell, time, prediction)
  ) STRICT, WITHOUT ROWID;

  -- Parts of a cell that a channel spoke of, and those of them of which it says otherwise than what is in force.
  CREATE TABLE channel_total (
    cell INTEGER NOT NULL REFERENCES cell (id),
    channel INTEGER NOT NULL REFERENCES channel (id),
    outcome_count INTEGER NOT NULL,
    conflict_count INTEGER NOT NULL,
    PRIMARY KEY (cell, channel)
  ) STRICT, WITHOUT ROWID;

  -- How long a cell's outcomes took to come: `Domain.OutcomeDelay` numbers the buckets. Counted once a part, with its
  -- first outcome and the channel that told it, and kept when retention takes the part away. wrong: 1 where that outcome
  -- said that the answer was wrong, for wrong answers often come back sooner.
  CREATE TABLE delay (
    cell INTEGER NOT NULL REFERENCES cell (id),
    channel INTEGER NOT NULL REFERENCES channel (id),
    wrong INTEGER NOT NULL CHECK (wrong IN (0, 1)),
    bucket INTEGER NOT NULL CHECK (bucket >= 0),
    outcome_count INTEGER NOT NULL CHECK (outcome_count >= 0),
    PRIMARY KEY (cell, channel, wrong, bucket)
  ) STRICT, WITHOUT ROWID;

  -- How far retention has come: the clock that ages are judged by, and for features and for whole rows the last row
  -- looked at and the latest wall clock met up to there.
  CREATE TABLE retention (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    clock INTEGER NOT NULL,
    input_row INTEGER NOT NULL,
    input_time INTEGER NOT NULL,
    row INTEGER NOT NULL,
    row_time INTEGER NOT NULL
  ) STRICT;
  INSERT INTO retention (id, clock, input_row, input_time, row, row_time)
    SELECT 1, coalesce((SELECT wall_clock FROM prediction ORDER BY id DESC LIMIT 1), 0), 0, 0, 0, 0;

  """

private let ledgerRowsFrom2 = """
  INSERT INTO clock (id, boot_id, synced) SELECT id, boot_id, 2 FROM boot;
  -- No more channels than `Domain.OutcomeChannel.countMax` a line: a sender may have written serial numbers there.
  CREATE TEMP TABLE source (
    line INTEGER NOT NULL,
    name TEXT NOT NULL,
    channel TEXT NOT NULL,
    PRIMARY KEY (line, name)
  ) WITHOUT ROWID;
  INSERT INTO source
    SELECT line, name,
      CASE WHEN row_number() OVER (PARTITION BY line ORDER BY name) <= 32 THEN name ELSE '(other)' END
    FROM (
      SELECT DISTINCT p.line AS line, o.source AS name FROM outcome AS o JOIN prediction AS p ON p.id = o.prediction
      UNION SELECT line, source FROM held_outcome UNION SELECT line, source FROM outcome_history
    );
  INSERT INTO channel (line, name) SELECT DISTINCT line, channel FROM source;
  INSERT INTO prediction_3 (id, line, part, cell, version, predicted_class, confidence, time, wall_clock, monotonic,
      clock, peer_uid, logits)
    SELECT id, line, part, cell, version, predicted_class, confidence, time, wall_clock, monotonic, boot, peer_uid,
      logits
    FROM prediction ORDER BY id;
  INSERT INTO labelled_3 SELECT cell, time, prediction, label FROM labelled;
  INSERT INTO input (prediction, features) SELECT id, inputs FROM prediction ORDER BY id;
  -- Nobody wrote down when an outcome came, in the line's time; the finding is the earliest it can have been.
  INSERT INTO outcome_3 (prediction, channel, label, observed_at, arrived, wall_clock, monotonic, clock, peer_uid)
    SELECT o.prediction, c.id, o.label, o.observed_at, max(o.observed_at, p.time), o.wall_clock, o.monotonic, o.boot,
      o.peer_uid
    FROM outcome AS o JOIN prediction AS p ON p.id = o.prediction
      JOIN source AS s ON s.line = p.line AND s.name = o.source JOIN channel AS c ON c.line = s.line AND c.name = s.channel
    ORDER BY o.prediction;
  INSERT INTO held_outcome_3 (line, part, channel, label, observed_at, arrived, wall_clock, monotonic, clock, peer_uid)
    SELECT h.line, h.part, c.id, h.label, h.observed_at, h.observed_at, h.wall_clock, h.monotonic, h.boot, h.peer_uid
    FROM held_outcome AS h 
      JOIN source AS s ON s.line = h.line AND s.name = h.source JOIN channel AS c ON c.line = s.line AND c.name = s.channel;
  INSERT INTO outcome_history_3 (id, line, part, channel, label, observed_at, arrived, wall_clock, monotonic, clock,
      peer_uid)
    SELECT h.id, h.line, h.part, c.id, h.label, h.observed_at, h.observed_at, h.wall_clock, h.monotonic, h.boot,
      h.peer_uid
    FROM outcome_history AS h 
      JOIN source AS s ON s.line = h.line AND s.name = h.source JOIN channel AS c ON c.line = s.line AND c.name = s.channel;
  DROP TABLE source;
  """

private let ledgerTotalsFrom2 = """

  UPDATE cell SET prediction_count = n, input_count = n
    FROM (SELECT cell AS number, count(*) AS n FROM prediction GROUP BY cell) WHERE number = cell.id;
  UPDATE cell SET outcome_count = n, labelled_count = n
    FROM (SELECT cell AS number, count(*) AS n FROM labelled GROUP BY cell) WHERE number = cell.id;
  INSERT INTO channel_total (cell, channel, outcome_count, conflict_count)
    SELECT p.cell, o.channel, count(*), 0 FROM outcome AS o JOIN prediction AS p ON p.id = o.prediction GROUP BY 1, 2;
  """
