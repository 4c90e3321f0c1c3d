import Domain
import Wire

extension LinesReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    guard !lines.isEmpty else { return "There are no lines yet. Next: \(style.commands.text("line", "add", "--help"))" }
    var table = Table(columns: [
      .init(title: "line", flexible: true), .init(title: "groups by", flexible: true),
      .init(title: "part", flexible: true), .init(title: "classes", alignment: .right), .init(title: "mode"),
      .init(title: "time"), .init(title: "target", alignment: .right), .init(title: "student", alignment: .right),
    ])
    for line in lines {
      let attributes = line.attributes + (line.outcomeInGroups ? ["outcome"] : [])
      table.rows.append([
        .init(line.line), .init(attributes.joined(separator: ",")), .init(line.inputShape?.description ?? line.input),
        "\(line.classes.count)",
        .init(line.mode), .init(line.time), .init(line.targetAccuracy.map(percent) ?? "none"), "v\(line.champion)",
      ])
    }
    var rendered = table.lines(style)
    // Of many lines the names would bury the table.
    if let only = lines.first, lines.count == 1 {
      let features = only.features.isEmpty ? [] : ["features: \(only.features.joined(separator: ", "))"]
      let student = only.student.map { ["student v\(only.champion): \($0.sentence)"] } ?? []
      rendered += ([""] + features + ["classes: \(only.classes.joined(separator: ", "))"] + student)
        .flatMap { wrapped($0, width: style.width, indent: 2) }
    }
    return rendered.joined(separator: "\n")
  }
}

extension ModelsReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    guard !models.isEmpty else { return "\(line) has no students." }
    var lines: [String] = []
    for model in models.sorted(by: { $0.version > $1.version }) {
      let head = "v\(model.version)  \(model.role)  \(timeText(model.createdAt))"
      lines += columnsOrWrapped(head, style).map { style.paint($0, model.role == "retired" ? .faint : .strong) }
      let arm = model.arm.map { ", arm \($0)" } ?? ""
      lines += detail(
        "made by \(model.by) in run \(model.run)\(arm), \(countText(model.parameters, "parameter"))", style)
      if !model.cells.isEmpty {
        lines += detail("serves \(model.cells.joined(separator: "; "))", style)
      } else if model.role == "champion" {
        lines += detail("serves every cell without a student of its own", style)
      }
      lines += detail("sha256 \(model.sha256)", style).map { style.paint($0, .faint) }
    }
    return lines.joined(separator: "\n")
  }
}

extension ImportedModelReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    var lines = wrapped(model.sentence, width: style.width)
    for remark in remarks { lines += detail(remark, style) }
    if let activation {
      lines.append(activation.text(style))
    } else {
      let words = ["promote", model.line, String(model.version), "--reason", "TEXT"]
      lines.append("Next: \(style.commands.text(words))")
    }
    return lines.joined(separator: "\n")
  }
}

extension ExportedModelReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    wrapped("student \(version) of line \(line) was written to \(file)", width: style.width).joined(separator: "\n")
  }
}

extension RollbackReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    var lines = wrapped(sentence, width: style.width)
    for change in changes { lines += detail("\(change.cell): v\(change.from) -> v\(change.to)", style) }
    return lines.joined(separator: "\n")
  }
}

/// A line that keeps its double spaces while it fits, and is wrapped where it does not.
func columnsOrWrapped(_ text: String, _ style: TextStyle) -> [String] {
  let clean = printable(text)
  return clean.count <= style.width ? [clean] : wrapped(clean, width: style.width, indent: 4)
}

/// Belongs to the line above: indented by four.
func detail(_ text: String, _ style: TextStyle) -> [String] {
  wrapped(text, width: style.width - 4).map { "    " + $0 }
}
