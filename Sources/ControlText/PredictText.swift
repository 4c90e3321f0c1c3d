import Domain
import Wire

/// The answer to one part entered by hand; `kaizenctl predict --json` prints it.
public struct PredictReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var id: String
  public var modelVersion: Int
  public var predictionID: String?
  public var group: String?
  /// Nil where the answer names no class.
  public var label: String?
  public var confidence: Double?
  /// accept or manual_check.
  public var advice: String?
  /// Why manual_check, as the wire names it: `low_confidence,out_of_range`; nil for accept.
  public var adviceReasons: String?
  public var latencyUs: Double?
  /// Whether the ledger has the part, so that an outcome can join it; nil where the answer does not say.
  public var recorded: Bool?
  public var classes: [ClassShare]

  private enum CodingKeys: String, CodingKey {
    case schema, line, id, modelVersion, predictionID = "predictionId", group, label, confidence, advice, adviceReasons
    case latencyUs, recorded, classes
  }

  public init(
    line: String, id: String, modelVersion: Int, predictionID: String?, group: String?, label: String?,
    confidence: Double?, advice: String?, adviceReasons: String? = nil, latencyUs: Double?, recorded: Bool?,
    classes: [ClassShare]
  ) {
    self.line = line
    self.id = id
    self.modelVersion = modelVersion
    self.predictionID = predictionID
    self.group = group
    self.label = label
    self.confidence = confidence
    self.advice = advice
    self.adviceReasons = adviceReasons
    self.latencyUs = latencyUs
    self.recorded = recorded
    self.classes = classes
  }
}

/// One class and the student's probability for it, 0...1.
public struct ClassShare: Codable, Sendable, Equatable {
  public var label: String
  public var probability: Double

  public init(label: String, probability: Double) {
    self.label = label
    self.probability = probability
  }
}

extension PredictReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    var head = label.map { "\(id): \($0)" } ?? "\(id): no class"
    if let confidence { head += " (\(percent(confidence)))" }
    var lines = wrapped(head, width: style.width).map { style.paint($0, .strong) }
    if let advice {
      let reasons = adviceReasons.map { " (\(Advice(reasonNames: $0)?.reasonText ?? $0))" } ?? ""
      let text = advice == "accept" ? "advice: accept" : "advice: \(advice), let a person look at this part\(reasons)"
      lines += wrapped(text, width: style.width).map { style.paint($0, advice == "accept" ? .good : .warning) }
    }
    if !classes.isEmpty {
      var table = Table(columns: [.init(title: "class", flexible: true), .init(title: "share", alignment: .right)])
      table.rows = classes.sorted { $0.probability > $1.probability }
        .map { [.init($0.label), .init(percent($0.probability))] }
      lines += [""] + table.lines(style)
    }
    var origin = "student v\(modelVersion) of \(line)"
    if let group { origin += ", group \(group)" }
    if let latencyUs { origin += ", \(decimal(latencyUs, places: 0)) us" }
    if recorded == true { origin += ", recorded" }
    lines += [""] + wrapped(origin, width: style.width, indent: 2)
    if recorded == false {
      let sentence = "This part is not recorded: the ledger takes no rows now, so its outcome cannot be counted later."
      lines += wrapped(sentence, width: style.width).map { style.paint($0, .warning) }
      lines.append("Next: \(style.commands.text("status"))")
    }
    return lines.joined(separator: "\n")
  }
}
