import Domain
import Wire

/// Names for the groups of a report, whose keys hold values and class numbers alone.
public struct GroupNames: Sendable {
  private let schema: GroupSchema?
  private let classNames: [String]

  public init(_ definition: LineDefinition) {
    schema = definition.schema
    classNames = definition.classNames
  }

  /// Nil: the line is not known (any more); groups then show their values alone.
  public init(_ line: LineRow?) {
    schema = line.flatMap { try? GroupSchema(attributes: $0.attributes, includesOutcome: $0.outcomeInGroups) }
    classNames = line?.classes ?? []
  }

  /// `mold=8412,outcome=fail`, or `8412,fail` where the attributes are not known.
  public func text(_ group: GroupKey) -> String {
    var text = group.cell.values.joined(separator: ",")
    if let schema, schema.attributes.count == group.cell.values.count { text = schema.text(group.cell) }
    guard let outcome = group.outcome else { return text }
    let name = classNames.indices.contains(outcome) ? classNames[outcome] : "class \(outcome)"
    return text + (schema == nil ? ",\(name)" : ",\(GroupSchema.outcomeName)=\(name)")
  }
}
