import Engine

/// The statements of the hot path, prepared once when the ledger opens.
struct LedgerStatements {
  let insertPrediction: Statement
  let insertInput: Statement
  let insertRemark: Statement
  let selectPrediction: Statement
  let findPrediction: Statement
  let nextPart: Statement
  let insertOutcome: Statement
  let selectOutcome: Statement
  let updateOutcome: Statement
  let insertOther: Statement
  let selectOther: Statement
  let selectOthers: Statement
  let updateOther: Statement
  let deleteOther: Statement
  let insertHeld: Statement
  let selectHeld: Statement
  let updateHeld: Statement
  let deleteHeld: Statement
  let insertHistory: Statement
  let insertLabelled: Statement
  let updateLabelled: Statement
  let matured: Statement
  let maturedWithInputs: Statement
  let maturedWithInputsOfLabelled: Statement
  let otherOutcomes: Statement
  let latestAdvice: Statement
  let selectEvidence: Statement
  let upsertEvidence: Statement

  /// Columns that an outcome has wherever it stands, always parameters 1 to 9; its key follows them.
  static let outcomeColumns =
    "label, observed_at, arrived, channel, probability, wall_clock, monotonic, peer_uid, clock"
  private static let outcomeValues = "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9"

  init(_ database: Database) throws(StorageFailure) {
    insertPrediction = try database.prepare(
      """
      INSERT INTO prediction (line, part, cell, version, predicted_class, confidence, time, wall_clock, monotonic,
        peer_uid, clock, logits)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (line, part) DO NOTHING
      """)
    insertInput = try database.prepare("INSERT INTO input (prediction, features) VALUES (?1, ?2)")
    insertRemark = try database.prepare("INSERT INTO remark (prediction, advice, late) VALUES (?1, ?2, ?3)")
    selectPrediction = try database.prepare(
      """
      SELECT cell, version, predicted_class, confidence, time, wall_clock, monotonic, peer_uid, features, logits,
        coalesce(remark.advice, 0), coalesce(remark.late, 0), synced
      FROM prediction JOIN clock ON clock.id = clock LEFT JOIN input ON input.prediction = prediction.id
        LEFT JOIN remark ON remark.prediction = prediction.id
      WHERE line = ?1 AND part = ?2
      """)
    findPrediction = try database.prepare(
      "SELECT id, cell, time, predicted_class FROM prediction WHERE line = ?1 AND part = ?2")
    nextPart = try database.prepare(
      "SELECT part FROM prediction WHERE line = ?1 AND part > ?2 ORDER BY part LIMIT 1")
    let (columns, values) = (Self.outcomeColumns, Self.outcomeValues)
    insertOutcome = try database.prepare(
      "INSERT INTO outcome (prediction, \(columns)) VALUES (?10, \(values))")
    selectOutcome = try database.prepare("SELECT \(columns) FROM outcome WHERE prediction = ?1")
    updateOutcome = try database.prepare(
      "UPDATE outcome SET (\(columns)) = (\(values)) WHERE prediction = ?10")
    insertOther = try database.prepare("INSERT INTO other_outcome (prediction, \(columns)) VALUES (?10, \(values))")
    selectOther = try database.prepare(
      "SELECT \(columns) FROM other_outcome WHERE prediction = ?1 AND channel = ?2")
    selectOthers = try database.prepare("SELECT \(columns) FROM other_outcome WHERE prediction = ?1")
    updateOther = try database.prepare(
      "UPDATE other_outcome SET (\(columns)) = (\(values)) WHERE prediction = ?10 AND channel = ?4")
    deleteOther = try database.prepare("DELETE FROM other_outcome WHERE prediction = ?1 AND channel = ?2")
    insertHeld = try database.prepare(
      "INSERT INTO held_outcome (line, part, \(columns)) VALUES (?10, ?11, \(values))")
    selectHeld = try database.prepare("SELECT \(columns) FROM held_outcome WHERE line = ?1 AND part = ?2")
    updateHeld = try database.prepare(
      "UPDATE held_outcome SET (\(columns)) = (\(values)) WHERE line = ?10 AND part = ?11 AND channel = ?4")
    deleteHeld = try database.prepare("DELETE FROM held_outcome WHERE line = ?1 AND part = ?2")
    insertHistory = try database.prepare(
      "INSERT INTO outcome_history (line, part, \(columns)) VALUES (?10, ?11, \(values))")
    // Nothing can be learned from a part whose features have been dropped.
    insertLabelled = try database.prepare(
      """
      INSERT INTO labelled (cell, time, prediction, label)
      SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM input WHERE prediction = ?3)
      """)
    updateLabelled = try database.prepare(
      "UPDATE labelled SET label = ?4 WHERE cell = ?1 AND time = ?2 AND prediction = ?3")
    matured = try Self.matured(database, "", "")
    otherOutcomes = try database.prepare(
      """
      SELECT prediction, channel, label, probability FROM other_outcome WHERE prediction BETWEEN ?1 AND ?2
      """)
    maturedWithInputs = try Self.matured(database, ", i.features", "LEFT JOIN input AS i ON i.prediction = p.id")
    maturedWithInputsOfLabelled = try Self.matured(
      database, ", i.features", "LEFT JOIN input AS i ON i.prediction = p.id AND o.label IS NOT NULL")
    // Of the predictions the index alone is read.
    latestAdvice = try database.prepare(
      """
      SELECT coalesce(r.advice, 0)
      FROM prediction AS p INDEXED BY prediction_line LEFT JOIN remark AS r ON r.prediction = p.id
      WHERE p.line = ?1 ORDER BY p.id DESC LIMIT ?2
      """)
    selectEvidence = try database.prepare("SELECT bytes FROM evidence WHERE line = ?1")
    upsertEvidence = try database.prepare(
      "INSERT INTO evidence (line, bytes) VALUES (?1, ?2) ON CONFLICT (line) DO UPDATE SET bytes = ?2")
  }

  private static func matured(_ database: Database, _ column: String, _ join: String) throws(StorageFailure)
    -> Statement
  {
    try database.prepare(
      """
      SELECT p.id, p.cell, p.version, p.predicted_class, o.label, p.time, p.confidence, o.channel, o.probability\(column)
      FROM prediction AS p INDEXED BY prediction_line LEFT JOIN outcome AS o ON o.prediction = p.id \(join)
      WHERE p.line = ?1 AND p.id > ?2 ORDER BY p.id LIMIT ?3
      """)
  }
}
