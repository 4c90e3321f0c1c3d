import Domain
import Engine
import Logging
import Policy
import Statistics
import Store
import Synchronization
import Wire

/// Looks for slices and counts the later parts of those that were adopted, from a connection and a thread of its own:
/// ten thousand rows with their features take longer than the plant's thread should be held.
final class SliceDesk: Sendable {
  private let path: String
  private let plant: Plant
  private let logger: Logger
  private let thread = QuietThread()
  private let daily = Mutex(Daily())

  private struct Daily {
    /// The line's day that its candidates were counted on last.
    var days: [LineID: Int64] = [:]
    /// Lines that are being looked at.
    var isBusy = false
  }

  typealias Reply = @Sendable (WireResponse) -> Void

  init(stateDirectory: String, plant: Plant, logger: Logger) {
    path = "\(stateDirectory)/\(StoreFile.ledger)"
    self.plant = plant
    self.logger = logger
  }

  // MARK: - What operators ask

  /// Decides what has become due, then searches.
  func search(_ line: LineID, anyDependence: Bool, _ reply: @escaping Reply) {
    withScope(of: line, reply) { [self] scope in
      answering(reply) { () throws(WireFault) in
        let counted = try telling { () throws(StorageFailure) in try count(scope, line) }
        decide(counted, line, reply) { [self] scope in
          answering(reply) { () throws(WireFault) in
            let settings = SliceSettings(rule: anyDependence ? .benjaminiYekutieli : .benjaminiHochberg)
            let found = try telling { () throws(StorageFailure) in try search(scope, line, settings) }
            reply(OperatorCoding.response(SliceReplies.slices(scope, found, counted: counted, settings)))
          }
        }
      }
    }
  }

  func adopt(_ request: AdoptSliceRequest, _ line: LineID, by actor: Principal, _ reply: @escaping Reply) {
    withScope(of: line, reply) { [self] scope in
      answering(reply) { [self] () throws(WireFault) in
        let new = try newSlice(request, scope, line)
        plant.ask { plant in
          do throws(OperatorFault) {
            let adopted = try plant.adopt(new, line: line, by: actor)
            reply(OperatorCoding.response(SliceReplies.adoption(adopted)))
          } catch {
            reply(wireFault(error).response)
          }
        }
      }
    }
  }

  // MARK: - Once a day of the line's time

  /// For a timer: seldom does more than ask the plant which lines have slices that wait.
  func lookDaily() {
    plant.ask { [self] plant in
      let lines = plant.linesWithCandidates
      let due = daily.withLock { state -> [LineID] in
        guard !state.isBusy else { return [] }
        let due = lines.filter { state.days[$0.key] != $0.value }
        for (line, day) in due { state.days[line] = day }
        state.isBusy = !due.isEmpty
        return due.keys.sorted()
      }
      guard !due.isEmpty else { return }
      let scopes = due.compactMap { line in (try? plant.sliceScope(line)).map { (line, $0) } }
      thread.async { [self] in look(scopes) }
    }
  }

  private func look(_ scopes: [(LineID, SliceScope)]) {
    for (line, scope) in scopes {
      do throws(StorageFailure) {
        let due = try count(scope, line).filter { $0.counts.parts >= $0.candidate.partsNeeded }
        guard !due.isEmpty else { continue }
        plant.ask { [logger] plant in
          do throws(OperatorFault) { try plant.decideSlices(due, line: line) } catch {
            logger.error("line \(line): adopted slices are not decided: \(error.sentence)")
          }
        }
      } catch {
        logger.error("line \(line): later parts of adopted slices are not counted: \(error.sentence)")
      }
    }
    daily.withLock { $0.isBusy = false }
  }

  // MARK: - Reading

  private func count(_ scope: SliceScope, _ line: LineID) throws(StorageFailure) -> [CandidateCounts] {
    let candidates = scope.candidates
    guard !candidates.isEmpty else { return [] }
    let reader = try reader()
    var counted: [CandidateCounts] = []
    for candidate in candidates {
      guard let slice = try? scope.definition.slice(parsing: candidate.slice) else { continue }
      var counts = SliceCounts()
      try reader.later(
        of: line, after: candidate.foundRow, watermark: scope.watermark, inputs: Self.inputs(of: slice),
        wants: scope.isServed
      ) { part in
        add(part, to: &counts, slice)
        // Not one more than was fixed beforehand.
        return counts.parts < candidate.partsNeeded ? .more : .stop
      }
      counted.append(CandidateCounts(candidate: candidate, counts: counts))
    }
    return counted
  }

  private func search(_ scope: SliceScope, _ line: LineID, _ settings: SliceSettings) throws(StorageFailure)
    -> FoundSlices
  {
    var rows = SliceRows(scope.definition, settings: settings)
    var withoutInputs = 0
    try reader().newest(
      of: line, watermark: scope.watermark, inputs: rows.keptFeatures, limit: settings.rowsMax,
      wants: scope.isServed
    ) { part in
      if part.inputs == nil { withoutInputs += 1 }
      rows.add(part.cell, inputs: part.inputs, isWrong: part.isWrong)
    }
    let report = searchSlices(SliceTable(rows, settings: settings), settings: settings)
    return FoundSlices(report: report, partsWithoutInputs: rows.featureCount > 0 ? withoutInputs : 0)
  }

  private func newSlice(_ request: AdoptSliceRequest, _ scope: SliceScope, _ line: LineID) throws(WireFault)
    -> NewSlice
  {
    let slice: PartSlice
    do throws(OperatorFault) { slice = try Plant.sliceToAdopt(request.slice, in: scope.definition) } catch {
      throw wireFault(error)
    }
    let settings = SliceSettings()
    var counts = SliceCounts()
    let row = try telling { () throws(StorageFailure) in
      let reader = try reader()
      try reader.newest(
        of: line, watermark: scope.watermark, inputs: Self.inputs(of: slice), limit: settings.rowsMax,
        wants: scope.isServed
      ) { add($0, to: &counts, slice) }
      // After the parts: none of them is later.
      return try reader.lastRow(of: line)
    }
    guard counts.parts >= settings.partsMin else {
      throw .refused(
        "\(scope.definition.text(slice)) has \(counts.parts) of the \(counts.parts + counts.restParts) newest labelled "
          + "parts of line \(line); \(settings.partsMin) are needed to say anything about a slice")
    }
    return NewSlice(slice: slice, reason: request.reason ?? "", counts: counts, row: row)
  }

  private func add(_ part: SlicePart, to counts: inout SliceCounts, _ slice: PartSlice) {
    // A part whose measurements are not kept is neither inside nor beside.
    if slice.hasRanges, part.inputs == nil { return }
    counts.add(isInside: slice.covers(part.cell) && slice.admits(part.inputs ?? []), isWrong: part.isWrong)
  }

  /// First measurements that tell whether a part lies in the slice.
  private static func inputs(of slice: PartSlice) -> Int { slice.ranges.last.map { $0.feature + 1 } ?? 0 }

  private func reader() throws(StorageFailure) -> SliceReader {
    do throws(OpenFailure) { return try SliceReader(path: path) } catch {
      throw StorageFailure(error.sentence, mayPass: false)
    }
  }

  // MARK: - Between the plant's thread and this desk's

  /// - Parameter body: run on this desk's thread.
  private func withScope(
    of line: LineID, _ reply: @escaping Reply, _ body: @escaping @Sendable (SliceScope) -> Void
  ) {
    plant.ask { [thread] plant in
      do throws(OperatorFault) {
        let scope = try plant.sliceScope(line)
        thread.async { body(scope) }
      } catch {
        reply(wireFault(error).response)
      }
    }
  }

  private func decide(
    _ counted: [CandidateCounts], _ line: LineID, _ reply: @escaping Reply,
    _ body: @escaping @Sendable (SliceScope) -> Void
  ) {
    let due = counted.filter { $0.counts.parts >= $0.candidate.partsNeeded }
    plant.ask { [thread] plant in
      do throws(OperatorFault) {
        try plant.decideSlices(due, line: line)
        let scope = try plant.sliceScope(line)
        thread.async { body(scope) }
      } catch {
        reply(wireFault(error).response)
      }
    }
  }
}

private func answering(_ reply: SliceDesk.Reply, _ body: () throws(WireFault) -> Void) {
  do throws(WireFault) { try body() } catch { reply(error.response) }
}

private func telling<Value>(_ body: () throws(StorageFailure) -> Value) throws(WireFault) -> Value {
  do throws(StorageFailure) { return try body() } catch { throw .internalFailure(error.sentence) }
}
