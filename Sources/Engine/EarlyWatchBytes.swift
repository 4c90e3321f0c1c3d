import Domain

extension EarlyWatch {
  /// Raised with every change of what follows.
  private static let bytesVersion: UInt8 = 1

  /// The whole memory: some 2 kB a cell and ten measurements, for an hourly write.
  public func stored() -> [UInt8] {
    var writer = ByteWriter(reserving: 4096)
    writer.write(Self.bytesVersion)
    writer.write(count: columns.count)
    writer.write(signed: cursor)
    writer.write(signed: scoredRow)
    writer.write(optional: lookedAt) { $0.write(signed: $1.microseconds) }
    writer.write(optional: openDay) { $0.write(signed: $1) }
    writer.write(signed: rowBeforeDay)
    writer.write(optional: maturedDay == .min ? nil : maturedDay) { $0.write(signed: $1) }
    writer.write(each: edges) { writer, edges in writer.write(each: edges) { $0.write($1) } }
    write(beginning, &writer)
    writer.write(each: dayEffects) {
      $0.write($1.days)
      $0.write($1.mean)
    }
    writer.write(optional: line) { $1.write(&$0) }
    writer.write(each: cells.sorted { $0.key < $1.key }) { writer, entry in
      writer.write(each: entry.key.values) { $0.write($1) }
      entry.value.write(&writer)
    }
    return writer.bytes
  }

  /// - Throws: `CompactBytesError` for bytes of another version, of a line with other measurements, or damaged.
  public init(stored bytes: [UInt8], definition: LineDefinition) throws(CompactBytesError) {
    self.init(definition: definition)
    var reader = ByteReader(bytes)
    let version = try reader.byte()
    guard version == Self.bytesVersion else {
      throw CompactBytesError("they have version \(version), and version \(Self.bytesVersion) is read")
    }
    let columnCount = try reader.count()
    guard columnCount == columns.count else {
      throw CompactBytesError("they are of \(columnCount) measurements, and the line has \(columns.count)")
    }
    cursor = try reader.signed()
    scoredRow = try reader.signed()
    lookedAt = try reader.optional { (reader) throws(CompactBytesError) in
      Timestamp(microseconds: try reader.signed())
    }
    openDay = try reader.optional { (reader) throws(CompactBytesError) in try reader.day() }
    rowBeforeDay = try reader.signed()
    maturedDay = try reader.optional { (reader) throws(CompactBytesError) in try reader.day() } ?? .min
    edges = try reader.array(maximum: columnCount) { (reader) throws(CompactBytesError) in try reader.edges() }
    guard edges.isEmpty || edges.count == columnCount else { throw .impossible }
    let attributeCount = definition.schema.attributes.count
    beginning = try reader.beginning(columnCount: columnCount, attributeCount: attributeCount)
    dayEffects = try reader.array(maximum: columnCount) { (reader) throws(CompactBytesError) in
      DayEffect(days: try reader.uint32(), mean: try reader.finite(-10...10))
    }
    guard dayEffects.count == columnCount else { throw .impossible }
    line = try reader.optional { (reader) throws(CompactBytesError) in
      try EarlyUnit(&reader, columnCount: columnCount)
    }
    let units = try reader.array(maximum: Self.cellsMaximum) { (reader) throws(CompactBytesError) in
      (try reader.cell(attributeCount: attributeCount), try EarlyUnit(&reader, columnCount: columnCount))
    }
    cells = Dictionary(units) { first, _ in first }
    guard cells.count == units.count else { throw .impossible }
    try reader.finish()
  }

  private func write(_ beginning: EarlyBeginning, _ writer: inout ByteWriter) {
    let cells = Set(beginning.rows.map(\.cell)).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: zip(cells, cells.indices))
    writer.write(count: beginning.seen)
    writer.write(each: cells) { writer, cell in writer.write(each: cell.values) { $0.write($1) } }
    writer.write(each: beginning.rows) { writer, row in
      writer.write(count: numbers[row.cell] ?? 0)
      writer.write(row.values.dropLast().contains { $0 != nil })
      for value in row.values { if let value { writer.write(value) } }
    }
  }
}

extension CompactBytesError {
  static let impossible = CompactBytesError("they hold what no line could have led to")
}

extension EarlyUnit {
  fileprivate func write(_ writer: inout ByteWriter) {
    for counts in [base, now] { for count in counts { writer.write(count: Int(count)) } }
    writer.write(UInt8(baseDays))
    writer.write(isBaseClosed)
    writer.write(baseConfidence)
    writer.write(nowConfidence)
    for column in columns { column.write(&writer) }
    writer.write(signed: lastDay)
    writer.write(scores.labels)
    writer.write(scores.accuracy)
    writer.write(scores.confidence)
    writer.write(each: days) {
      $0.write(signed: $1.day)
      $0.write($1.mean)
    }
    agreement.write(&writer)
  }

  fileprivate init(_ reader: inout ByteReader, columnCount: Int) throws(CompactBytesError) {
    self.init(columnCount: columnCount, day: 0)
    for index in base.indices { base[index] = UInt16(try reader.count(maximum: Int(UInt16.max))) }
    for index in now.indices { now[index] = UInt16(try reader.count(maximum: Int(UInt16.max))) }
    baseDays = Int(try reader.byte())
    isBaseClosed = try reader.bool()
    guard baseDays <= Self.baseDaysNeeded, !isBaseClosed || baseDays == Self.baseDaysNeeded else { throw .impossible }
    baseConfidence = try reader.mean()
    nowConfidence = try reader.mean()
    for index in columns.indices { columns[index] = try EarlyColumn(&reader) }
    lastDay = try reader.day()
    scores = EarlyScores(
      labels: try reader.uint32(), accuracy: try reader.finite(0...1), confidence: try reader.finite(0...1))
    days = try reader.array(maximum: Self.keptDays) { (reader) throws(CompactBytesError) in
      DayConfidence(day: try reader.day(), mean: try reader.mean())
    }
    agreement = try EarlyAgreement(&reader)
  }
}

extension EarlyColumn {
  fileprivate func write(_ writer: inout ByteWriter) {
    writer.write(UInt8(loud | quiet << 2 | (isSign ? 16 : 0) | (index > 0 ? 32 : 0)))
    // Most have never been loud.
    guard index > 0 || isSign || loud > 0 else { return }
    writer.write(signed: firstDay)
    for value in [index, threshold, shift] { writer.write(value) }
    writer.write(parts)
  }

  fileprivate init(_ reader: inout ByteReader) throws(CompactBytesError) {
    self.init()
    let bits = Int(try reader.byte())
    loud = bits & 3
    quiet = bits >> 2 & 3
    isSign = bits & 16 != 0
    guard bits < 64, loud <= Self.daysNeeded, quiet <= Self.daysNeeded else { throw .impossible }
    guard bits & 32 != 0 || isSign || loud > 0 else { return }
    firstDay = try reader.day()
    index = try reader.finiteFloat()
    threshold = try reader.finiteFloat()
    shift = try reader.finiteFloat()
    parts = try reader.uint32()
  }
}

extension EarlyAgreement {
  private static let partsMaximum = 1 << 40

  fileprivate func write(_ writer: inout ByteWriter) {
    writer.write(count: baseAgreed)
    writer.write(count: baseParts)
    writer.write(UInt8(stagesPassed))
    writer.write(optional: null) { $0.write($1) }
    writer.write(each: nights) {
      $0.write(signed: $1.day)
      $0.write($1.agreed)
      $0.write($1.parts)
    }
  }

  fileprivate init(_ reader: inout ByteReader) throws(CompactBytesError) {
    self.init()
    baseAgreed = try reader.count(maximum: Self.partsMaximum)
    baseParts = try reader.count(maximum: Self.partsMaximum)
    stagesPassed = Int(try reader.byte())
    null = try reader.optional { (reader) throws(CompactBytesError) in try reader.finite(0...1) }
    nights = try reader.array(maximum: Self.nightsMaximum) { (reader) throws(CompactBytesError) in
      Night(day: try reader.day(), agreed: try reader.uint16(), parts: try reader.uint16())
    }
    guard baseAgreed <= baseParts, stagesPassed <= Self.stages.count, nights.allSatisfy({ $0.agreed <= $0.parts })
    else { throw .impossible }
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ mean: EarlyUnit.Mean) {
    write(mean.count)
    write(mean.sum)
  }
}

extension ByteReader {
  fileprivate mutating func day() throws(CompactBytesError) -> Int64 {
    let day = try signed()
    // A hundred centuries from 1970: what no timestamp can be, and far from overflow.
    guard abs(Double(day)) <= 200_000_000 else { throw .impossible }
    return day
  }

  fileprivate mutating func finite(_ range: ClosedRange<Double>) throws(CompactBytesError) -> Double {
    let value = try double()
    guard range.contains(value) else { throw .impossible }
    return value
  }

  fileprivate mutating func finiteFloat() throws(CompactBytesError) -> Float {
    let value = try float()
    guard value.isFinite else { throw .impossible }
    return value
  }

  fileprivate mutating func mean() throws(CompactBytesError) -> EarlyUnit.Mean {
    let count = try uint32()
    // Confidences are 0...1; rounding may add a little.
    return EarlyUnit.Mean(count: count, sum: try finite(0...Double(count) * 1.001 + 0.001))
  }

  fileprivate mutating func edges() throws(CompactBytesError) -> [Float] {
    let edges = try array(maximum: 9) { (reader) throws(CompactBytesError) in try reader.finiteFloat() }
    guard zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 }) else { throw .impossible }
    return edges
  }

  fileprivate mutating func cell(attributeCount: Int) throws(CompactBytesError) -> Cell {
    let values = try array(maximum: attributeCount) { (reader) throws(CompactBytesError) in
      try reader.text(maximum: 4096)
    }
    guard values.count == attributeCount else { throw .impossible }
    return Cell(values)
  }

  fileprivate mutating func beginning(
    columnCount: Int, attributeCount: Int
  ) throws(CompactBytesError) -> EarlyBeginning {
    var beginning = EarlyBeginning()
    beginning.seen = try unsigned()
    let cells = try array(maximum: EarlyBeginning.rowsMaximum) { (reader) throws(CompactBytesError) in
      try reader.cell(attributeCount: attributeCount)
    }
    beginning.rows = try array(maximum: EarlyBeginning.rowsMaximum) {
      (reader) throws(CompactBytesError) -> EarlyBeginning.Row in
      let number = try reader.count()
      guard number < cells.count else { throw .impossible }
      var values = [Float?](repeating: nil, count: columnCount)
      if try reader.bool() { for column in 0..<(columnCount - 1) { values[column] = try reader.float() } }
      values[columnCount - 1] = try reader.finiteFloat()
      return EarlyBeginning.Row(cell: cells[number], values: values)
    }
    return beginning
  }
}
