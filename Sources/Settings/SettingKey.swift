import Domain

/// A value as a file writes it.
enum SettingValue: Equatable {
  case string(String)
  case int(Int)
  case double(Double)
  case bool(Bool)
  /// Texts alone; other arrays are `other`.
  case texts([String])
  /// Anything no setting takes (array, date, empty section), by its name.
  case other(String)

  /// The value for a message: quoted, on one line, at most `shownCharactersMax` long.
  var text: String {
    switch self {
    case .string(let text): "\"\(Self.safe(text))\""
    case .int(let number): "\(number)"
    case .double(let number): "\(number)"
    case .bool(let flag): "\(flag)"
    case .texts(let texts): "[" + texts.map { "\"\(Self.safe($0))\"" }.joined(separator: ", ") + "]"
    case .other(let name): name
    }
  }

  /// Long enough for any path, short enough for a line of a journal.
  private static let shownCharactersMax = 120

  static func safe(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(shownCharactersMax).map { scalar in
      scalar.value < 0x20 || scalar.value == 0x7F ? "?" : String(scalar)
    }
    return shown.joined() + (text.unicodeScalars.count > shownCharactersMax ? "…" : "")
  }
}

/// One key of a file: its dotted name, its rule in words, and how its value gets into and out of a `Target`.
struct SettingKey<Target> {
  let name: String
  let rule: String
  /// Stores the value; false, with the target unchanged, where it breaks the rule.
  let apply: (SettingValue, inout Target) -> Bool
  /// The present value; nil where there is none.
  let show: (Target) -> SettingValue?

  /// The same key below a section, for a larger target.
  func within<Outer>(_ section: String, _ part: WritableKeyPath<Outer, Target>) -> SettingKey<Outer> {
    SettingKey<Outer>(
      name: "\(section).\(name)", rule: rule,
      apply: { value, outer in apply(value, &outer[keyPath: part]) },
      show: { show($0[keyPath: part]) })
  }
}

extension SettingKey {
  /// A number, whole or not, that passes `isAllowed`; never infinite or undefined.
  static func number(
    _ name: String, _ part: WritableKeyPath<Target, Double?>, _ rule: String,
    _ isAllowed: @escaping (Double) -> Bool
  ) -> SettingKey {
    SettingKey(
      name: name, rule: rule,
      apply: { value, target in
        let number: Double
        switch value {
        case .double(let given): number = given
        case .int(let given): number = Double(given)
        default: return false
        }
        guard number.isFinite, isAllowed(number) else { return false }
        target[keyPath: part] = number
        return true
      },
      show: { $0[keyPath: part].map(SettingValue.double) })
  }

  /// A whole number within `range`, in the words `unit` adds.
  static func count(
    _ name: String, _ part: WritableKeyPath<Target, Int?>, _ range: ClosedRange<Int>, unit: String
  ) -> SettingKey {
    SettingKey(
      name: name, rule: "a whole number of \(unit) from \(range.lowerBound) to \(range.upperBound)",
      apply: { value, target in
        guard case .int(let number) = value, range.contains(number) else { return false }
        target[keyPath: part] = number
        return true
      },
      show: { $0[keyPath: part].map(SettingValue.int) })
  }

  /// One of the names of an enumeration.
  static func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ part: WritableKeyPath<Target, Choice?>
  ) -> SettingKey {
    let names = Choice.allCases.map { "\"\($0.rawValue)\"" }
    return SettingKey(
      name: name, rule: "one of \(names.joined(separator: ", "))",
      apply: { value, target in
        guard case .string(let text) = value, let choice = Choice(rawValue: text) else { return false }
        target[keyPath: part] = choice
        return true
      },
      show: { $0[keyPath: part].map { .string($0.rawValue) } })
  }

  /// Channels of outcomes, the most trusted first.
  static func channels(_ name: String, _ part: WritableKeyPath<Target, [OutcomeChannel]?>) -> SettingKey {
    SettingKey(
      name: name,
      rule: "a list of at most \(OutcomeChannel.countMax) different names such as [\"audit=0.05\", \"rework\"], each "
        + "with its sampling probability, 0.0001 to 1, where that is known",
      apply: { value, target in
        guard case .texts(let texts) = value else { return false }
        let channels = texts.compactMap { OutcomeChannel($0) }
        guard channels.count == texts.count, OutcomeChannel.areValid(channels) else { return false }
        target[keyPath: part] = channels
        return true
      },
      show: { $0[keyPath: part].map { .texts($0.map(\.text)) } })
  }

  /// Text that passes `isAllowed`.
  static func text(
    _ name: String, _ part: WritableKeyPath<Target, String?>, _ rule: String,
    _ isAllowed: @escaping (String) -> Bool
  ) -> SettingKey {
    SettingKey(
      name: name, rule: rule,
      apply: { value, target in
        guard case .string(let text) = value, isAllowed(text) else { return false }
        target[keyPath: part] = text
        return true
      },
      show: { $0[keyPath: part].map(SettingValue.string) })
  }
}
