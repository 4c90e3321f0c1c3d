import Domain
import Engine
import Foundation
import Store
import Testing

/// What was written, to be counted the plain way.
private struct Written {
  let cell: [String]
  let version: Int
  let predicted: Int
  let time: Timestamp
  var label: Int?
  var channel: String?
}

@Suite struct HistoryReaderTests {
  let folder: TestFolder
  let path: String

  init() throws {
    folder = try TestFolder()
    path = folder.file("ledger.db")
  }

  /// Parts of some cells over some days, with three channels, two students and three classes.
  private func write(_ count: Int, days: Int64, cells: Int, seed: UInt64) throws -> [Written] {
    var random = SeededRandom(seed: seed)
    let ledger = try SQLiteLedger(.file(path))
    var written: [Written] = []
    try ledger.transaction { () throws(StorageFailure) in
      for index in 0..<count {
        // The first cells have more parts than the last ones.
        let cell = ["c\(min(random.next() % UInt64(cells), random.next() % UInt64(cells)))", "day"]
        let second = Int64(random.next() % UInt64(days * 86_400))
        var part = Written(
          cell: cell, version: Int(random.next() % 2) + 1, predicted: Int(random.next() % 3), time: at(second))
        guard let id = try? line(), let version = Optional(ModelVersion(part.version)) else { return }
        _ = try ledger.append(
          Prediction(
            line: id, part: "p\(index)", cell: Cell(cell), version: version, inputs: [1], logits: [0, 0, 0],
            predictedClass: part.predicted, confidence: 0.5, time: part.time,
            receipt: Receipt(wallClock: part.time, monotonicMicroseconds: Int64(index), peerUID: 7), advice: []))
        if random.next() % 3 > 0 {
          part.label = Int(random.next() % 3)
          part.channel = ["audit", "rework", ""][Int(random.next() % 3)]
          _ = try ledger.record(
            Outcome(
              line: id, part: "p\(index)", label: part.label ?? 0, observedAt: part.time, arrivedAt: part.time,
              source: part.channel ?? "", amends: false,
              receipt: Receipt(wallClock: part.time, monotonicMicroseconds: Int64(index), peerUID: 7)))
        }
        written.append(part)
      }
    }
    _ = try ledger.add(try prediction("other", line: "press-4", second: 3))
    return written
  }

  private func question(
    since: Timestamp = Timestamp(seconds: 0), watermark: Timestamp = farFuture, byOutcome: Bool = false,
    cellsMax: Int = 200
  ) -> HistoryQuestion {
    HistoryQuestion(
      since: since, watermark: watermark, silentChannels: ["rework"], byOutcome: byOutcome, cellsMax: cellsMax)
  }

  private func naive(_ written: [Written], _ question: HistoryQuestion, period: (Int64) -> Int64, kept: Set<[String]>)
    -> [HistoryRow]
  {
    struct Key: Hashable {
      let cell: Cell?
      let outcome: Int?
      let day: Int64
      let version: Int
    }
    var counts: [Key: PartCounts] = [:]
    for part in written where part.time >= question.since && part.time <= question.watermark {
      let key = Key(
        cell: kept.contains(part.cell) ? Cell(part.cell) : nil, outcome: question.byOutcome ? part.label : nil,
        day: period(part.time.day), version: part.version)
      let isJudged = part.label != nil && part.channel != "rework"
      counts[key, default: PartCounts()].add(
        PartCounts(
          parts: 1, labelled: part.label == nil ? 0 : 1, judged: isJudged ? 1 : 0,
          right: isJudged && part.label == part.predicted ? 1 : 0))
    }
    return counts.map { key, counts in
      HistoryRow(
        cell: key.cell, outcome: key.outcome, day: key.day, version: ModelVersion(key.version), counts: counts)
    }
  }

  private func same(_ left: [HistoryRow], _ right: [HistoryRow]) -> Bool {
    func texts(_ rows: [HistoryRow]) -> [String] { rows.map { "\($0)" }.sorted() }
    return texts(left) == texts(right)
  }

  @Test(arguments: [false, true])
  func `counts are those of a plain count over every part`(byOutcome: Bool) throws {
    let written = try write(3000, days: 40, cells: 6, seed: byOutcome ? 3 : 4)
    let asked = question(
      since: at(3 * 86_400), watermark: at(36 * 86_400), byOutcome: byOutcome)
    let history = try HistoryReader(path: path).history(of: try line(), asked)
    #expect(history.periodDays == 1)
    #expect(same(history.rows, naive(written, asked, period: { $0 }, kept: Set(written.map(\.cell)))))
    let young = written.filter { $0.time > asked.watermark }
    #expect(history.young == PartCounts(parts: young.count, labelled: young.count { $0.label != nil }))
    #expect(history.otherCells == 0)
    let times = written.map(\.time).filter { $0 >= asked.since && $0 <= asked.watermark }
    #expect(history.first == times.min() && history.last == times.max())
  }

  @Test func `a history of more days than are told apart is counted by weeks, which begin on a Monday`() throws {
    let written = try write(3000, days: 500, cells: 4, seed: 9)
    let history = try HistoryReader(path: path).history(of: try line(), question())
    #expect(history.periodDays == 7)
    func week(_ day: Int64) -> Int64 {
      var day = day
      // 2026-03-02 is a Monday.
      let monday = Timestamp("2026-03-02")?.day ?? 0
      while (day - monday) % 7 != 0 { day -= 1 }
      return day
    }
    #expect(same(history.rows, naive(written, question(), period: week, kept: Set(written.map(\.cell)))))
    #expect(Set(history.rows.map(\.day)).count <= HistoryReader.periodsMax)
  }

  @Test func `the cells with most parts are told apart, and the parts of all others together`() throws {
    let written = try write(2000, days: 20, cells: 12, seed: 11)
    let asked = question(byOutcome: true, cellsMax: 5)
    let history = try HistoryReader(path: path).history(of: try line(), asked)
    let sizes = Dictionary(grouping: written, by: \.cell).mapValues(\.count)
    let kept = Set(history.rows.compactMap(\.cell).map(\.values))
    #expect(kept.count == 5 && history.otherCells == sizes.count - 5)
    let smallest = kept.compactMap { sizes[$0] }.min() ?? 0
    #expect(sizes.filter { !kept.contains($0.key) }.allSatisfy { $0.value <= smallest })
    #expect(same(history.rows, naive(written, asked, period: { $0 }, kept: kept)))
  }

  @Test func `a line that has no parts, or is not there, has an empty history`() throws {
    _ = try write(5, days: 2, cells: 1, seed: 1)
    let reader = try HistoryReader(path: path)
    #expect(try reader.history(of: try line("nobody"), question()).rows.isEmpty)
    let later = try reader.history(of: try line(), question(since: farFuture))
    #expect(later.rows.isEmpty && later.first == nil && later.young == PartCounts())
  }

  @Test func `more rows than are read at one moment are all counted, and the rows of the line alone`() throws {
    let written = try write(40, days: 3, cells: 2, seed: 2)
    let raw = try RawDatabase(path)
    // One row becomes so many that the reader has to begin anew.
    let copies = HistoryReader.rowsAtOnce + 10
    try raw.execute(
      """
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(copies))
      INSERT INTO prediction (line, part, cell, version, predicted_class, confidence, time, wall_clock, monotonic, clock,
          peer_uid, logits)
        SELECT line, 'copy-' || i, cell, version, predicted_class, confidence, time, wall_clock, monotonic, clock,
          peer_uid, x'' FROM n, (SELECT * FROM prediction WHERE part = 'p0');
      """)
    let history = try HistoryReader(path: path).history(of: try line(), question())
    #expect(history.rows.reduce(0) { $0 + $1.counts.parts } == written.count + copies)
  }
}
