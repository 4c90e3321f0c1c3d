import Testing
import Wire

private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

private func offset(_ text: String) -> Int? {
  do {
    _ = try JSONValue(parsing: Array(text.utf8))
    return nil
  } catch {
    guard case .malformedJSON(let offset, _) = error else { return nil }
    return offset
  }
}

@Test func `values of every kind are read`() throws {
  let value = try parse(#" { "a" : [1, -2.5, 1e3, true, false, null], "b": {"c": "d"} } "#)
  #expect(
    value
      == .object([
        "a": .array([.integer(1), .number(-2.5), .number(1000), .flag(true), .flag(false), .null]),
        "b": .object(["c": .text("d")]),
      ]))
}

@Test func `of a member named twice the last one holds`() throws {
  #expect(try parse(#"{"a":1,"a":2}"#) == .object(["a": .integer(2)]))
}

@Test func `escapes become the characters they stand for`() throws {
  #expect(try parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00""#) == .text("\"\\/\u{8}\u{C}\n\r\tAé€😀"))
}

@Test(arguments: [
  ("", 0), ("[", 1), ("[1", 2), ("[1,]", 3), ("{\"a\"}", 4), ("{\"a\":}", 5), ("{a:1}", 1), ("01", 1), ("-", 1),
  ("1.", 2), ("1e", 2), ("+1", 0), (".5", 0), ("nul", 0), ("truex", 4), ("[1] 2", 4), ("\"a", 2), ("\"\\x\"", 2),
  ("\"\\ud800\"", 7), ("\"\\u12g4\"", 3), ("\"\u{1}\"", 1), ("{\"a\":1,}", 7), ("NaN", 0), ("[1}", 2),
])
func `a syntax error is refused with its byte offset`(text: String, expected: Int) {
  #expect(offset(text) == expected)
}

@Test(arguments: [
  [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xEF, 0xBB, 0xBF, 0x31],
])
func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
  #expect(throws: WireFault.self) { try JSONValue(parsing: bytes) }
}

@Test func `the bounds on depth, strings, numbers and elements hold`() throws {
  let deepest = String(repeating: "[", count: JSONLimits.depthMax) + String(repeating: "]", count: JSONLimits.depthMax)
  #expect(throws: Never.self) { try parse(deepest) }
  #expect(throws: WireFault.self) { try parse("[" + deepest + "]") }
  #expect(throws: WireFault.self) { try parse(String(repeating: "[", count: 1_000_000)) }
  let longest = String(repeating: "x", count: JSONLimits.textBytesMax)
  #expect(try parse("\"\(longest)\"") == .text(longest))
  #expect(throws: WireFault.self) { try parse("\"\(longest)x\"") }
  #expect(throws: WireFault.self) { try parse("0." + String(repeating: "1", count: JSONLimits.numberBytesMax)) }
  let many = "[" + String(repeating: "0,", count: JSONLimits.elementCountMax) + "0]"
  #expect(throws: WireFault.self) { try parse(many) }
}

@Test(arguments: [
  "0", "-0", "1", "9223372036854775807", "-9223372036854775808", "0.1", "1e22", "1e23",
  "123456789012345678901234567890",
  "9007199254740993.0", "2.2250738585072011e-308", "4.9e-324", "1e-400", "1.7976931348623157e308", "0.000001e-5",
  "100000000000000000000000000000000000000000e-20", "179769313486231580793728971405301e276",
])
func `numbers are the nearest double`(text: String) throws {
  let expected = try #require(Double(text))
  let value = try #require(try parse(text).number)
  #expect(value == expected || Double(exactly: Int64(text) ?? 0) == value)
}

@Test func `numbers past the range of a double are refused`() {
  #expect(throws: WireFault.self) { try parse("1e400") }
  #expect(throws: WireFault.self) { try parse("-1e999999999999999999999") }
  #expect(throws: Never.self) { try parse("0e999999999999") }
}

@Test func `random doubles and floats come back bit for bit`() throws {
  var random = Seeded(1)
  for _ in 0..<20_000 {
    let double = Double(bitPattern: random.next())
    if double.isFinite {
      var writer = JSONWriter()
      writer.number(double)
      var reader = JSONReader(writer.bytes)
      #expect(try reader.double().bitPattern == double.bitPattern)
    }
  }
}

private func randomValue(_ random: inout Seeded, depth: Int) -> JSONValue {
  switch Int.random(in: 0..<(depth > 4 ? 5 : 7), using: &random) {
  case 0: return .null
  case 1: return .flag(Bool.random(using: &random))
  case 2: return .integer(Int64(bitPattern: random.next()))
  case 3: return .number(Double(Int.random(in: -1000...1000, using: &random)) + 0.5)
  case 4: return .text(randomText(&random))
  case 5: return .array((0..<Int.random(in: 0..<5, using: &random)).map { _ in randomValue(&random, depth: depth + 1) })
  default:
    var members: [String: JSONValue] = [:]
    for _ in 0..<Int.random(in: 0..<5, using: &random) {
      members[randomText(&random)] = randomValue(&random, depth: depth + 1)
    }
    return .object(members)
  }
}

private func randomText(_ random: inout Seeded) -> String {
  let scalars: [Unicode.Scalar] = ["a", "\"", "\\", "\n", "\u{0}", "\u{1F}", "é", "€", "😀", "/", "\u{7F}", "\u{2028}"]
  var text = String.UnicodeScalarView()
  for _ in 0..<Int.random(in: 0..<12, using: &random) { text.append(scalars.randomElement(using: &random) ?? "a") }
  return String(text)
}

@Test func `whatever is written is read back the same`() throws {
  var random = Seeded(2)
  for _ in 0..<2000 {
    let value = randomValue(&random, depth: 0)
    #expect(try JSONValue(parsing: value.bytes) == value)
  }
}

@Test func `what JSON cannot say is written as null`() {
  var writer = JSONWriter()
  writer.array {
    $0.number(Float.nan)
    $0.number(Double.infinity)
  }
  #expect(String(decoding: writer.bytes, as: UTF8.self) == "[null,null]")
}
