/// `POST /v1/lines/L/slices`: have a slice monitored once later parts have confirmed it.
public struct AdoptSliceRequest: Codable, Sendable, Equatable {
  /// `product=A7,temp_3>=60.5`.
  public var slice: String
  public var reason: String?

  public init(slice: String, reason: String?) {
    self.slice = slice
    self.reason = reason
  }
}

public struct AdoptSliceReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var adopted: AdoptedSliceRow
  public var sentence: String

  public init(line: String, adopted: AdoptedSliceRow, sentence: String) {
    self.line = line
    self.adopted = adopted
    self.sentence = sentence
  }
}

/// What a search among a line's newest labelled parts has found.
public struct SlicesReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  /// `BH` or `BY`: how the tests are corrected for being many.
  public var rule: String
  /// Labelled parts that were looked at, and those of them that were answered wrongly.
  public var parts: Int
  public var wrong: Int
  /// Slices that were tested, and those that stood out before the redundant ones were taken away.
  public var tested: Int
  public var significant: Int
  /// The share of the findings that may be chance, on average.
  public var rate: Double
  /// The largest excess of wrong parts first.
  public var findings: [SliceRow]
  /// In the order they were adopted.
  public var adopted: [AdoptedSliceRow]
  /// What was not looked at, and why nothing can be found.
  public var remarks: [String]

  public init(
    line: String, rule: String, parts: Int, wrong: Int, tested: Int, significant: Int, rate: Double,
    findings: [SliceRow], adopted: [AdoptedSliceRow], remarks: [String]
  ) {
    self.line = line
    self.rule = rule
    self.parts = parts
    self.wrong = wrong
    self.tested = tested
    self.significant = significant
    self.rate = rate
    self.findings = findings
    self.adopted = adopted
    self.remarks = remarks
  }
}

public struct SliceRow: Codable, Sendable, Equatable {
  public var slice: String
  public var parts: Int
  public var wrong: Int
  /// wrong / parts, with a 95 % interval, and the same of all other parts.
  public var wrongShare: Double
  public var lower: Double
  public var upper: Double
  public var restParts: Int
  public var restWrong: Int
  public var restShare: Double?
  /// Wrong parts beyond what so many parts of the line would have.
  public var excess: Double
  public var p: Double
  public var q: Double
  /// Of its wrong parts, those in findings that stand above it.
  public var wrongAbove: Int
  public var reasons: [String]
  /// `candidate`, `monitored` or `rejected`, where it has been adopted; groups of the line are monitored anyhow.
  public var state: String?

  public init(
    slice: String, parts: Int, wrong: Int, wrongShare: Double, lower: Double, upper: Double, restParts: Int,
    restWrong: Int, restShare: Double?, excess: Double, p: Double, q: Double, wrongAbove: Int, reasons: [String],
    state: String?
  ) {
    self.slice = slice
    self.parts = parts
    self.wrong = wrong
    self.wrongShare = wrongShare
    self.lower = lower
    self.upper = upper
    self.restParts = restParts
    self.restWrong = restWrong
    self.restShare = restShare
    self.excess = excess
    self.p = p
    self.q = q
    self.wrongAbove = wrongAbove
    self.reasons = reasons
    self.state = state
  }
}

/// A slice that somebody wants monitored.
public struct AdoptedSliceRow: Codable, Sendable, Equatable {
  public var slice: String
  /// `candidate`, `monitored` or `rejected`.
  public var state: String
  public var adoptedAt: String
  public var by: String
  public var reason: String
  /// Later labelled parts that decide, and of a candidate those that have come.
  public var partsNeeded: Int
  public var partsCome: Int?
  public var decidedAt: String?
  public var detail: String

  public init(
    slice: String, state: String, adoptedAt: String, by: String, reason: String, partsNeeded: Int, partsCome: Int?,
    decidedAt: String?, detail: String
  ) {
    self.slice = slice
    self.state = state
    self.adoptedAt = adoptedAt
    self.by = by
    self.reason = reason
    self.partsNeeded = partsNeeded
    self.partsCome = partsCome
    self.decidedAt = decidedAt
    self.detail = detail
  }
}
