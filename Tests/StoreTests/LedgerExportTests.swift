import Domain
import Engine
import Store
import Testing

@Suite struct LedgerExportTests {
  let state: StateFolder
  let export: LedgerExport

  init() throws {
    state = try StateFolder(rows: 250)
    export = try LedgerExport(path: state.folder.file("ledger.db"))
  }

  private func parts(
    _ filter: ExportFilter = ExportFilter(), through: Int64 = .max, page: Int = 7, features: Bool = false
  ) throws -> [ExportedPart] {
    var all: [ExportedPart] = []
    var next: ExportCursor? = ExportCursor()
    while let cursor = next {
      var count = 0
      next = try export.parts(
        of: try line(), after: cursor, through: through, filter, features: features
      ) { (part) throws(StorageFailure) in
        all.append(part)
        count += 1
        return count < page ? .more : .stop
      }
    }
    return all
  }

  private func outcomes(inForce: Bool, page: Int) throws -> [ExportedOutcome] {
    var all: [ExportedOutcome] = []
    var next: ExportCursor? = ExportCursor()
    while let cursor = next {
      var count = 0
      next = try export.outcomes(
        of: try line(), inForce: inForce, after: cursor, through: .max, ExportFilter()
      ) { (outcome) throws(StorageFailure) in
        all.append(outcome)
        count += 1
        return count < page ? .more : .stop
      }
    }
    return all
  }

  @Test(arguments: [1, 7, 250, 1000])
  func `pages of any size give every row once, in order`(_ page: Int) throws {
    let all = try parts(page: page)
    #expect(all.map(\.part) == (0..<250).map { "p\(100_000 + $0)" })
    #expect(all.map(\.row) == Array(1...250))
    #expect(all.count { $0.outcome != nil } == 125)
  }

  @Test func `a row has what was answered, what was true, and its features where they are asked for`() throws {
    let first = try #require(try parts(features: true).first)
    #expect(first.cell == Cell(["8412", "night"]) && first.version == 1 && first.clock == .unknown)
    #expect(first.time == at(0) && first.receivedAt == at(1) && first.senderUID == 1001)
    #expect(first.features == [1.5, -2, 3.25])
    #expect(first.outcome?.channel == "audit" && first.outcome?.arrivedAt == at(3601))
    #expect(try parts().first?.features == nil)
  }

  @Test func `time, group and truth filter, and the last row of the plan ends it`() throws {
    #expect(try parts(ExportFilter(since: at(10), until: at(20))).map(\.row) == Array(11...20))
    let night = try parts(ExportFilter(cell: Cell(["8412", "night"])))
    #expect(night.count == 84 && night.allSatisfy { $0.cell == Cell(["8412", "night"]) })
    #expect(try parts(ExportFilter(label: 0)).count == 125)
    #expect(try parts(through: 100).count == 100)
    #expect(try export.extent(of: try line()).last == 250)
    #expect(try export.extent(of: try line()).rows == 250)
    #expect(try export.extent(of: try line("nobody")).rows == 0)
  }

  @Test(arguments: [1, 2, 1000])
  func `outcomes of other channels, held and amended ones are given once`(_ page: Int) throws {
    let raw = try RawDatabase(state.folder.file("ledger.db"))
    let told = try raw.texts(
      "SELECT part || ' ' || label FROM outcome JOIN prediction AS p ON p.id = prediction WHERE p.id < 20")
    for text in told {
      let words = text.split(separator: " ").map(String.init)
      for channel in ["rework", "customer"] {
        try state.ledger.add(try outcome(words[0], try #require(Int(words[1])), source: channel))
      }
    }
    #expect(try outcomes(inForce: true, page: page).count == 125)
    let others = try outcomes(inForce: false, page: page)
    #expect(others.count == 20)
    #expect(Set(others.map { "\($0.part) \($0.channel)" }).count == 20)

    for part in ["z1", "z2", "z3"] { try state.ledger.add(try outcome(part, 1)) }
    try state.ledger.add(try outcome("p100000", 1, amends: true))
    var held: [String] = []
    var next: ExportCursor? = ExportCursor()
    while let cursor = next {
      next = try export.heldOutcomes(of: try line(), after: cursor) { (outcome) throws(StorageFailure) in
        held.append(outcome.part)
        return .stop
      }
    }
    #expect(held == ["z1", "z2", "z3"])
    var amended: [ExportedOutcome] = []
    next = ExportCursor()
    while let cursor = next {
      next = try export.amendedOutcomes(of: try line(), after: cursor) { (outcome) throws(StorageFailure) in
        amended.append(outcome)
        return .more
      }
    }
    #expect(amended.map(\.part) == ["p100000"] && amended.map(\.label) == [0])
  }
}
