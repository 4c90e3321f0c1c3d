import CSQLite
import Engine

/// How work of minutes tells how far it is, and hears that it shall end.
public struct LongWork {
  private let told: (_ stage: String, _ fraction: Double) -> Void
  let isStopped: () -> Bool

  /// - Parameters:
  ///   - told: called often, from the thread that works; `fraction` is 0 to 1.
  ///   - isStopped: asked often; once it says true, the work ends with `LongWork.stopped`.
  public init(
    told: @escaping (_ stage: String, _ fraction: Double) -> Void = { _, _ in },
    isStopped: @escaping () -> Bool = { false }
  ) {
    self.told = told
    self.isStopped = isStopped
  }

  /// What work that was stopped throws.
  public static let stopped = StorageFailure("stopped before it was done, because kaizend stops", mayPass: true)

  /// - Throws: `stopped`.
  func report(_ stage: String, _ fraction: Double) throws(StorageFailure) {
    if isStopped() { throw Self.stopped }
    told(stage, min(1, max(0, fraction)))
  }

  /// Runs statements of a connection that no writer waits for.
  /// - Throws: `stopped` in place of what SQLite says of an interruption.
  func run<Result>(
    _ database: Database, _ body: () throws(StorageFailure) -> Result
  ) throws(StorageFailure) -> Result {
    do throws(StorageFailure) {
      return try database.interrupting(when: isStopped, body)
    } catch {
      if isStopped() { throw Self.stopped }
      throw error
    }
  }
}

extension Database {
  /// What a check of every page finds wrong; empty for a sound database. Reads the whole file (some 0.4 GB/s).
  func pageFindings() throws(StorageFailure) -> [String] {
    // More findings than this say nothing new.
    let found = try prepare("PRAGMA quick_check(20)").all { (row) in row.text(0) }
    return found == ["ok"] ? [] : found
  }
}
