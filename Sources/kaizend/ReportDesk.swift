import Domain
import Engine
import Store
import Wire

/// Counts the months of a line for its report, from connections and a thread of its own: a million rows take seconds,
/// and the plant's thread is asked for no more than a look at the line.
final class ReportDesk: Sendable {
  private let stateDirectory: String
  private let plant: Plant
  private let thread = QuietThread()

  typealias Reply = @Sendable (WireResponse) -> Void

  /// Runs told of, and those of them with all that their training told: a page with more is not read.
  static let runsMax = 100
  static let reportsMax = 40
  /// Entries of the audit trail that are looked at.
  static let auditMax = 5000

  init(stateDirectory: String, plant: Plant) {
    self.stateDirectory = stateDirectory
    self.plant = plant
  }

  func report(_ line: LineID, since: Timestamp?, _ reply: @escaping Reply) {
    plant.ask { [self] plant in
      do throws(OperatorFault) {
        let scope = try plant.reportScope(line)
        thread.async { [self] in reply(answer(scope, since: since)) }
      } catch {
        reply(wireFault(error).response)
      }
    }
  }

  private func answer(_ scope: ReportScope, since: Timestamp?) -> WireResponse {
    do throws(StorageFailure) {
      let line = scope.definition.id
      let history = try open(HistoryReader.init, StoreFile.ledger)
        .history(of: line, ReportReplies.question(scope, since: since))
      let registry = try open(RegistryReader.init, StoreFile.state)
      // One more than are told of, to know that there are others.
      let runs = try registry.runs(line: line, limit: Self.runsMax + 1)
      let audit = try registry.auditEntries(line: line, limit: Self.auditMax)
      return OperatorCoding.response(
        ReportReplies.report(scope, history, runs: runs, audit: audit, since: since))
    } catch {
      return WireFault.internalFailure(error.sentence).response
    }
  }

  /// A connection of this call's own: nothing is held between reports.
  private func open<Reader>(
    _ make: (String, @escaping (String) -> UInt32?) throws(OpenFailure) -> Reader, _ file: String
  ) throws(StorageFailure) -> Reader {
    do throws(OpenFailure) { return try make("\(stateDirectory)/\(file)", FileSystem.magic(of:)) } catch {
      throw StorageFailure(error.sentence, mayPass: false)
    }
  }
}
