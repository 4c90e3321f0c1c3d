/// One row of the table before it is run: what it needs, and how it judges that.
struct AcceptanceCheck: Sendable {
  let name: String
  let check: String
  /// Whose files it reads; nil where everything is simulated.
  let bench: Bench?
  let work: @Sendable (AcceptanceSize) -> [AcceptanceWork]
  let judge: @Sendable (Findings) throws -> [Claim]

  /// All rows of `learning.md` 9.7, in its order.
  static let all = spurDigits + factoryTab + vibration + drift + monitoring + promotion
}

extension AcceptanceCheck {
  /// A row that trains these students with every seed, or with `times` as many.
  init(
    _ name: String, _ check: String, trainings: [BenchTraining], times: Int = 1,
    judge: @escaping @Sendable (Findings) throws -> [Claim]
  ) {
    self.name = name
    self.check = check
    bench = trainings.first?.bench
    work = { size in
      trainings.flatMap { training in size.repeated(times).seedNumbers.map { .training(training, seed: $0) } }
    }
    self.judge = judge
  }
}

/// Runs checks; pure but for the files it reads.
public struct AcceptanceRun: Sendable {
  private let checks: [AcceptanceCheck]
  private let size: AcceptanceSize
  private let folder: BenchFolder

  /// Names that `--rows` takes.
  public static var rowNames: [String] { AcceptanceCheck.all.map(\.name) }

  /// - Parameters:
  ///   - rows: names of rows; empty for all.
  ///   - data: the folder that holds `bench`.
  /// - Throws: `BenchFailure` for a row there is not.
  public init(rows: [String], size: AcceptanceSize, data: String) throws(BenchFailure) {
    if let unknown = rows.first(where: { !Self.rowNames.contains($0) }) {
      throw BenchFailure("there is no row \(unknown); there are \(Self.rowNames.joined(separator: ", "))")
    }
    checks = AcceptanceCheck.all.filter { rows.isEmpty || rows.contains($0.name) }
    self.size = size
    folder = BenchFolder(data: data)
  }

  /// Does the work of all rows on every core, then judges row by row.
  /// - Parameter progress: pieces of work done, and of how many.
  public func rows(progress: @escaping @Sendable (Int, Int) -> Void) -> [AcceptanceRow] {
    let absences = Dictionary(
      uniqueKeysWithValues: Set(checks.compactMap(\.bench)).compactMap { bench in
        folder.absence(of: bench).map { (bench, $0) }
      })
    var pieces: [AcceptanceWork] = []
    var known: Set<AcceptanceWork> = []
    for check in checks where check.bench.flatMap({ absences[$0] }) == nil {
      for work in check.work(size) where known.insert(work).inserted { pieces.append(work) }
    }
    let count = pieces.count
    let results = onEveryCore(pieces) { piece -> Result<AcceptanceWork.Finding, BenchFailure> in
      do {
        return .success(try piece.run(folder))
      } catch {
        return .failure(BenchFailure("\(error)"))
      }
    } told: {
      progress($0, count)
    }
    let findings = Findings(size: size, done: Dictionary(uniqueKeysWithValues: zip(pieces, results)))
    return checks.map { check in
      let outcome: AcceptanceRow.Outcome
      if let absence = check.bench.flatMap({ absences[$0] }) {
        outcome = .skipped(absence)
      } else {
        do {
          outcome = .judged(try check.judge(findings))
        } catch {
          outcome = .failed("\(error)")
        }
      }
      return AcceptanceRow(name: check.name, check: check.check, outcome: outcome)
    }
  }
}
