import Domain

/// Values of attributes that mean another value: a product that got a new name is the group it was.
public struct ValueAliases: Sendable, Equatable {
  /// By the attribute's place in the schema.
  private var values: [Int: [String: String]] = [:]

  public init() {}

  public var isEmpty: Bool { values.isEmpty }

  mutating func set(_ value: String, of attribute: Int, to other: String) {
    values[attribute, default: [:]][value] = other
  }

  /// Whether a set asks for a value that means another one: no part is in it any more.
  func replaces(_ slice: PartSlice) -> Bool {
    values.contains { place, others in slice.values[place].map { others[$0] != nil } ?? false }
  }

  /// The cell a part with these values is counted in and served by.
  func canonical(_ cell: Cell) -> Cell {
    guard values.contains(where: { $0.value[cell.values[$0.key]] != nil }) else { return cell }
    return Cell(cell.values.enumerated().map { values[$0]?[$1] ?? $1 })
  }
}
