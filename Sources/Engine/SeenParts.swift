/// Tells ids of a line that are certainly new from those that need a look into the ledger.
///
/// Every id greater than `floor` that was ever answered is in one of the two sets; so an id above it that is in neither
/// is new. Counters, time stamps and UUIDv7 grow, and requests of several connections overtake each other by a few
/// places only. Greater means by bytes, as SQLite compares texts.
final class SeenParts {
  /// Ids up to this one may be in the ledger.
  private var floor: String
  private var recent = Generation()
  private var older = Generation()

  private struct Generation {
    /// Texts that differ only in how accents are written count as one: then the ledger is asked, which knows better.
    var ids: Set<String> = []
    var greatest = ""
  }

  /// Ids of a generation: more than requests under way at a time, and a few kilobytes.
  static let generationCount = 512

  /// - Parameter greatest: what the ledger holds; nil for a line without rows.
  init(greatest: String?) { floor = greatest ?? "" }

  func isCertainlyNew(_ id: String) -> Bool {
    isGreater(id, than: floor) && !recent.ids.contains(id) && !older.ids.contains(id)
  }

  func insert(_ id: String) {
    guard isGreater(id, than: floor) else { return }
    recent.ids.insert(id)
    if isGreater(id, than: recent.greatest) { recent.greatest = id }
    guard recent.ids.count >= Self.generationCount else { return }
    if isGreater(older.greatest, than: floor) { floor = older.greatest }
    older = recent
    recent = Generation()
  }
}

private func isGreater(_ left: String, than right: String) -> Bool {
  right.utf8.lexicographicallyPrecedes(left.utf8)
}
