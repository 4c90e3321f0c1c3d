import Testing
import Wire

/// Reads numbers as the elements of one tensor.
private func floats(_ texts: [String], separator: String = ",") throws -> [Float] {
  let data = texts.joined(separator: separator)
  let text = #"{"inputs":[{"name":"x","shape":[\#(texts.count)],"datatype":"FP32","data":[\#(data)]}]}"#
  guard case .floats(let values) = try InferRequest(parsing: Array(text.utf8)).inputs.first?.data else {
    throw WireFault.missingInput("no floats")
  }
  return values
}

/// Those that Swift's own parser reads otherwise.
private func wrong(_ texts: [String]) throws -> [String] {
  let finite = texts.filter { Float($0)?.isFinite == true }
  #expect(finite.count > texts.count / 2)
  return try zip(finite, floats(finite)).filter { Float($0)?.bitPattern != $1.bitPattern }.map(\.0)
}

@Suite struct NumberTests {
  private static func digits(_ count: Int, _ random: inout Seeded) -> String {
    String((0..<count).map { _ in Character(String(Int.random(in: 0...9, using: &random))) })
  }

  @Test func `numbers of every length and size are the float Swift reads`() throws {
    var random = Seeded(31)
    let texts = (0..<60_000).map { _ -> String in
      var text = Bool.random(using: &random) ? "-" : ""
      text +=
        String(Int.random(in: 1...9, using: &random)) + Self.digits(Int.random(in: 0...22, using: &random), &random)
      if Bool.random(using: &random) { text += "." + Self.digits(Int.random(in: 1...25, using: &random), &random) }
      if Bool.random(using: &random) { text += "e\(Int.random(in: -70...20, using: &random))" }
      return text
    }
    #expect(try wrong(texts) == [])
  }

  @Test func `the doubles that Python writes for floats are those floats`() throws {
    var random = Seeded(32)
    var values: [Float] = []
    while values.count < 40_000 {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      if value.isFinite { values.append(value) }
    }
    let read = try floats(values.map { Double($0).description }, separator: ", ")
    #expect(zip(values, read).allSatisfy { $0.bitPattern == $1.bitPattern })
  }

  /// Digits of numbers in the middle between two floats, and of their neighbours: where the short way must give up.
  @Test func `numbers between two floats go to the right one, however long they are`() throws {
    var random = Seeded(33)
    var texts: [String] = []
    for _ in 0..<4000 {
      // (2k + 1) / 2 units of the last place are exact in a double, and so are their digits.
      let middle = Double(UInt64.random(in: 1 << 23..<1 << 24, using: &random)) + 0.5
      for scale in [1.0, 1024, 0x1p-30, 0x1p40, 0x1p-20] {
        texts += [
          (middle * scale).description, (middle * scale).nextUp.description, (middle * scale).nextDown.description,
        ]
      }
      // Ties that a digit far behind decides.
      let exact = "\(UInt64(middle)).5"
      texts += [exact, exact + "00000000000000000001", exact + String(repeating: "0", count: 300) + "1"]
      texts.append("\(UInt64(middle)).4999999999999999999999")
    }
    #expect(try wrong(texts) == [])
  }

  @Test func `the ends of the range are met`() throws {
    let texts = [
      "0", "-0", "0.0", "0e5", "-0.0e-99", "3.4028234663852886e38", "3.4028235677973362e38", "1.1754943508222875e-38",
      "1.1754942807573643e-38", "1.4e-45", "7.0064923216240853e-46", "7.0064923216240862e-46", "1e-46", "1e-400",
      "0.00000000000000000000000000000000000000000000000001", "16777217", "16777219", "33554435", "9007199254740993",
      "1e38", "340282350000000000000000000000000000000", "9999999999999999999", "99999999999999999999", "1E+2", "1e-0",
      "0.1e1", "123456789e-9", "1e0000000002",
    ]
    #expect(try wrong(texts) == [])
    #expect(try floats(["-0"])[0].sign == .minus)
    for text in ["3.4028235677973367e38", "1e39", "1e99999", "1e999", "-1e309", "9e00000000000038000"] {
      #expect(throws: WireFault.nonFinite(name: "x", index: 1)) { try floats(["1", text]) }
    }
  }

  @Test(arguments: [
    ("[1,02]", 4), ("[1,-]", 4), ("[1,2.]", 5), ("[1,2e]", 5), ("[1,2e+]", 6), ("[1,2.e5]", 5), ("[1 2]", 3),
    ("[1,2", 4), ("[1;2]", 2), ("[1,2}", 4), ("[-01,2]", 3),
  ])
  func `a number that is none is refused at its byte`(data: String, offset: Int) throws {
    let text = #"{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","data":\#(data)"#
    let start = text.utf8.count - data.utf8.count
    do {
      _ = try InferRequest(parsing: Array((text + "}]}").utf8))
      Issue.record("\(data) was taken")
    } catch {
      guard case .malformedJSON(let place, _) = error else {
        Issue.record("\(error.sentence)")
        return
      }
      #expect(place == start + offset, "\(error.sentence)")
    }
  }

  @Test func `numbers may have space around them, in rows too`() throws {
    #expect(try floats(["1", "2", "3"], separator: " ,\n\t ") == [1, 2, 3])
    #expect(try floats(["1", "2", "3"], separator: ",   ") == [1, 2, 3])
    let rows = #"{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data": [ [1, 2 ] , [ 3,4]] }]}"#
    #expect(try InferRequest(parsing: Array(rows.utf8)).inputs.first?.data == .floats([1, 2, 3, 4]))
  }
}
