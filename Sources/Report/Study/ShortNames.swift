import Domain

/// Names of groups by several attributes without what they all have in common: `cooler3 · stable` for `g_cooler=cooler3,g_stable=stable`.
struct ShortNames {
  /// What the parts of a name are, `g_cooler · g_stable`; nil where the names differ in that and are left whole.
  let heading: String?
  private let short: [String: String]

  init(_ names: [String]) {
    let parsed = names.map { name in
      name.split(separator: ",").map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
    }
    let keys = parsed.first?.map { String($0.first ?? "") } ?? []
    let isAlike = parsed.allSatisfy { parts in
      parts.allSatisfy { $0.count == 2 } && parts.map { String($0[0]) } == keys
    }
    // A single value alone, `4`, would say nothing to the reader.
    guard isAlike, keys.count > 1 else {
      heading = nil
      short = [:]
      return
    }
    heading = keys.joined(separator: Self.separator)
    let values = parsed.map { parts in parts.map { String($0[1]) }.joined(separator: Self.separator) }
    short = Dictionary(zip(names, values), uniquingKeysWith: { first, _ in first })
  }

  func callAsFunction(_ name: String) -> String { short[name] ?? name }

  private static let separator = " · "
}
