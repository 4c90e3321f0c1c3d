/// Tells ids of a line that are certainly new from those that need a look into the ledger.
///
/// It keeps a few gaps: ranges of ids in which the ledger has nothing but what was answered since they were opened. The
/// last one, above every id there is, serves a counter, a time stamp or UUIDv7; each other one a gateway whose own
/// counter lies below. Order is by bytes, as SQLite compares texts.
final class SeenParts {
  private struct Gap {
    /// Ids up to this one may be in the ledger.
    var floor: String
    /// Ids from here on may be; nil for the last gap.
    let ceiling: String?
    /// Every id above the floor that was answered is in one of these two.
    var recent = Generation()
    var older = Generation()
    /// When it was last of use, in ids.
    var used: UInt64

    func holds(_ id: String) -> Bool {
      isGreater(id, than: floor) && ceiling.map { isGreater($0, than: id) } != false
    }
  }

  private struct Generation {
    /// Texts that differ only in how accents are written count as one: then the ledger is asked, which knows better.
    var ids: Set<String> = []
    var greatest = ""
  }

  private var gaps: [Gap]
  private var clock: UInt64 = 0
  /// Ids that go through the plant's thread and are not known to be stored: none of them may get into a new gap.
  private var elsewhere = 0

  /// Ids of a generation: requests of several connections overtake each other by far fewer places.
  static let generationCount = 512
  /// Gateways of one line that count for themselves.
  static let gapsMaximum = 8

  enum Start {
    /// The greatest id that the ledger holds; nil for a line without rows.
    case greatest(String?)
    /// The ledger lacks rows that were answered: nothing is certainly new until one more part has been stored.
    case unknown
  }

  init(_ start: Start) {
    switch start {
    case .greatest(let id): gaps = [Gap(floor: id ?? "", ceiling: nil, used: 0)]
    case .unknown: gaps = []
    }
  }

  /// Takes note of ids if all of them are certainly new.
  func admit(_ ids: [String]) -> Bool {
    guard ids.allSatisfy(isCertainlyNew), ids.count == 1 || Set(ids).count == ids.count else { return false }
    for id in ids { insert(id) }
    return true
  }

  /// Takes note of ids that the ledger has to judge: until it has, none of them is new to anybody else.
  func sendElsewhere(_ ids: [String]) {
    elsewhere += ids.count
    for id in ids { insert(id) }
  }

  /// - Returns: the last of them, if it is in the ledger and lies where a gap can be opened.
  func finished(_ ids: [String], stored: Bool) -> String? {
    elsewhere = max(0, elsewhere - ids.count)
    guard stored, elsewhere == 0, let last = ids.last, isOutside(last) else { return nil }
    return last
  }

  private func isCertainlyNew(_ id: String) -> Bool {
    guard let gap = gaps.first(where: { $0.holds(id) }) else { return false }
    return !gap.recent.ids.contains(id) && !gap.older.ids.contains(id)
  }

  /// Outside of every gap there is nothing to note.
  private func insert(_ id: String) {
    guard let index = gaps.firstIndex(where: { $0.holds(id) }) else { return }
    clock += 1
    gaps[index].used = clock
    gaps[index].recent.ids.insert(id)
    if isGreater(id, than: gaps[index].recent.greatest) { gaps[index].recent.greatest = id }
    guard gaps[index].recent.ids.count >= Self.generationCount else { return }
    if isGreater(gaps[index].older.greatest, than: gaps[index].floor) { gaps[index].floor = gaps[index].older.greatest }
    gaps[index].older = gaps[index].recent
    gaps[index].recent = Generation()
  }

  private func isOutside(_ id: String) -> Bool { !gaps.contains { $0.holds(id) } }

  /// Opens the gap between an id that is in the ledger now and the next that is.
  ///
  /// - Parameter next: the ledger's next greater id; it has everything but what was answered in gaps.
  func open(after id: String, next: String?) {
    guard elsewhere == 0, isOutside(id) else { return }
    // What lies in another gap may be answered and not in the ledger yet.
    let ends = gaps.map(\.floor).filter { isGreater($0, than: id) || $0 == id } + [next].compactMap(\.self)
    let ceiling = ends.min(by: { isGreater($1, than: $0) })
    if let ceiling, !isGreater(ceiling, than: id) { return }
    clock += 1
    if gaps.count >= Self.gapsMaximum,
      let oldest = gaps.indices.filter({ gaps[$0].ceiling != nil }).min(by: { gaps[$0].used < gaps[$1].used })
    {
      gaps.remove(at: oldest)
    }
    gaps.append(Gap(floor: id, ceiling: ceiling, used: clock))
  }
}

private func isGreater(_ left: String, than right: String) -> Bool {
  right.utf8.lexicographicallyPrecedes(left.utf8)
}
