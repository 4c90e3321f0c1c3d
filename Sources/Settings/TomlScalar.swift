/// Name of a value no setting takes.
let tomlDate = "a date or time"

/// The truth value, number or date a word stands for in TOML; nil where it is none of them.
func tomlScalar(_ word: String) -> SettingValue? {
  switch word {
  case "true": return .bool(true)
  case "false": return .bool(false)
  case "inf", "+inf": return .double(.infinity)
  case "-inf": return .double(-.infinity)
  case "nan", "+nan", "-nan": return .double(.nan)
  default: break
  }
  let isNegative = word.hasPrefix("-")
  let unsigned = isNegative || word.hasPrefix("+") ? word.dropFirst() : word[...]
  guard let first = unsigned.utf8.first, TomlScanner.isDigit(first) else { return nil }
  if looksLikeDate(unsigned) { return unsigned.count == word.count ? .other(tomlDate) : nil }
  if let radix = ["0x": 16, "0o": 8, "0b": 2][String(unsigned.prefix(2))] {
    guard unsigned.count == word.count, let digits = joined(unsigned.dropFirst(2), isHex: true),
      digits.utf8.allSatisfy(TomlScanner.isHexDigit)
    else { return nil }
    return Int(digits, radix: radix).map(SettingValue.int)
  }
  guard let digits = joined(unsigned) else { return nil }
  if digits.utf8.allSatisfy(TomlScanner.isDigit) {
    if digits.utf8.count > 1, first == UInt8(ascii: "0") { return nil }
    return Int((isNegative ? "-" : "") + digits).map(SettingValue.int)
  }
  guard isFraction(digits), let number = Double((isNegative ? "-" : "") + digits) else { return nil }
  return .double(number)
}

/// 1979-05-27 and what follows, or 07:32:00: telling it from a number is enough, as no setting is a date.
private func looksLikeDate(_ word: Substring) -> Bool {
  let digits = word.utf8.prefix(while: TomlScanner.isDigit).count
  guard let after = word.utf8.dropFirst(digits).first else { return false }
  return digits == 4 && after == UInt8(ascii: "-") || digits == 2 && after == UInt8(ascii: ":")
}

/// The digits without the underscores; nil where one does not stand between two digits.
private func joined(_ word: Substring, isHex: Bool = false) -> String? {
  let bytes = Array(word.utf8)
  func isDigit(_ index: Int) -> Bool {
    guard bytes.indices.contains(index) else { return false }
    return isHex ? TomlScanner.isHexDigit(bytes[index]) : TomlScanner.isDigit(bytes[index])
  }
  for index in bytes.indices where bytes[index] == UInt8(ascii: "_") {
    guard isDigit(index - 1), isDigit(index + 1) else { return nil }
  }
  return String(word.filter { $0 != "_" })
}

/// digits [ "." digits ] [ e [sign] digits ], without a superfluous zero in front.
private func isFraction(_ word: String) -> Bool {
  let halves = word.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
  let places = halves[0].split(separator: ".", omittingEmptySubsequences: false)
  func isNumber(_ text: Substring) -> Bool { !text.isEmpty && text.utf8.allSatisfy(TomlScanner.isDigit) }
  guard places.count <= 2, places.allSatisfy(isNumber) else { return false }
  if places[0].utf8.count > 1, places[0].hasPrefix("0") { return false }
  if halves.count == 1 { return true }
  let exponent = halves[1]
  return isNumber(exponent.hasPrefix("+") || exponent.hasPrefix("-") ? exponent.dropFirst() : exponent)
}
