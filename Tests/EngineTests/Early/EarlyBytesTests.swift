import Domain
import Engine
import NeuralNet
import Testing

@Suite struct EarlyBytesTests {
  private func expectRoundTrip(_ parts: SimulatedParts, _ what: Comment) throws {
    // A day that has ended is asked for at once, and not kept.
    var kept = parts.watch
    _ = kept.takeFinishedDay()
    #expect(try EarlyWatch(stored: kept.stored(), definition: parts.definition) == kept, what)
  }

  @Test func `the memory comes back from its bytes at every age`() throws {
    var parts = try SimulatedParts()
    try expectRoundTrip(parts, "of a line without parts")
    parts.stream(days: 1, perDay: 30)
    try expectRoundTrip(parts, "before the tenths are cut")
    parts.stream(days: 20)
    parts.mature(labels: 300, accuracy: 0.9, confidence: 0.95)
    parts.stream(days: 2, SimulatedParts.Change(shift: 1, confidence: 0.8))
    for day in 0..<30 {
      let count = AgreementReport.CellCount(cell: parts.cells[0], version: ModelVersion(1), parts: 40, agreed: 38)
      parts.watch.absorb(AgreementReport(day: Int64(day), dayParts: 600, cells: [count], absent: nil)) { _ in
        ModelVersion(1)
      }
    }
    #expect(parts.kinds() == ["confidence", "drift"])
    try expectRoundTrip(parts, "with signs")
  }

  @Test func `64 cells of 32 measurements take less than 400 kB`() throws {
    var parts = try SimulatedParts(cells: 64, measurements: 32)
    parts.stream(days: 1, perDay: 20)
    #expect(parts.watch.stored().count < 400_000)
    parts.stream(days: 9, perDay: 60)
    let count = parts.watch.stored().count
    print("64 cells of 32 measurements take \(count) bytes")
    #expect(count < 400_000)
  }

  @Test func `bytes that were cut, lengthened or are of another line are refused`() throws {
    var parts = try SimulatedParts(measurements: 2)
    parts.stream(days: 12)
    let bytes = parts.watch.stored()
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: CompactBytesError.self) {
        try EarlyWatch(stored: Array(bytes[..<count]), definition: parts.definition)
      }
    }
    #expect(throws: CompactBytesError.self) { try EarlyWatch(stored: bytes + [0], definition: parts.definition) }
    let other = try SimulatedParts(measurements: 3)
    #expect(throws: CompactBytesError.self) { try EarlyWatch(stored: bytes, definition: other.definition) }
    var newer = bytes
    newer[0] = 2
    #expect(throws: CompactBytesError.self) { try EarlyWatch(stored: newer, definition: parts.definition) }
  }

  @Test func `changed bytes are refused or make a memory that goes on`() throws {
    var parts = try SimulatedParts(measurements: 2)
    parts.stream(days: 12, perDay: 120)
    let bytes = parts.watch.stored()
    var random = Generator(seed: 7)
    var refused = 0
    for _ in 0..<400 {
      var changed = bytes
      changed[random.index(below: bytes.count)] = UInt8(truncatingIfNeeded: random.next())
      guard let watch = try? EarlyWatch(stored: changed, definition: parts.definition) else {
        refused += 1
        continue
      }
      var next = parts
      next.watch = watch
      next.stream(days: 2, perDay: 20)
      _ = next.kinds()
      _ = next.watch.estimate(of: next.cells[0])
      _ = next.watch.stored()
    }
    #expect(refused > 0)
  }
}

@Suite struct CompactBytesTests {
  @Test func `what was written is read in the same order`() throws {
    var writer = ByteWriter()
    writer.write(UInt8(200))
    writer.write(UInt16.max)
    writer.write(Float(1.5))
    writer.write(-2.25)
    writer.write(true)
    for count in [0, 127, 128, 300, Int.max] { writer.write(count: count) }
    writer.write(count: UInt64.max)
    for number in [Int64.min, -64, -1, 0, 63, 64, .max] { writer.write(signed: number) }
    writer.write("Grüße")
    writer.write(optional: UInt32(5)) { $0.write($1) }
    writer.write(optional: nil as UInt32?) { $0.write($1) }
    writer.write(each: [1, 2, 3]) { $0.write(count: $1) }
    var reader = ByteReader(writer.bytes)
    #expect(try reader.byte() == 200)
    #expect(try reader.uint16() == .max)
    #expect(try reader.float() == 1.5)
    #expect(try reader.double() == -2.25)
    #expect(try reader.bool())
    for count in [0, 127, 128, 300, Int.max] { #expect(try reader.count() == count) }
    #expect(try reader.unsigned() == .max)
    for number in [Int64.min, -64, -1, 0, 63, 64, .max] { #expect(try reader.signed() == number) }
    #expect(try reader.text() == "Grüße")
    #expect(try reader.optional { (reader) throws(CompactBytesError) in try reader.uint32() } == 5)
    #expect(try reader.optional { (reader) throws(CompactBytesError) in try reader.uint32() } == nil)
    #expect(try reader.array(maximum: 3) { (reader) throws(CompactBytesError) in try reader.count() } == [1, 2, 3])
    try reader.finish()
  }

  @Test func `counts and lengths beyond what is there are refused before anything is made of them`() {
    var huge = ByteWriter()
    huge.write(count: Int.max)
    var reader = ByteReader(huge.bytes)
    #expect(throws: CompactBytesError.truncated) { try reader.block() }
    reader = ByteReader(huge.bytes)
    #expect(throws: CompactBytesError.truncated) {
      try reader.array(maximum: .max) { (reader) throws(CompactBytesError) in try reader.byte() }
    }
    reader = ByteReader(huge.bytes)
    #expect(throws: CompactBytesError.self) { try reader.count(maximum: 10) }
    reader = ByteReader([UInt8](repeating: 0xFF, count: 11))
    #expect(throws: CompactBytesError.self) { try reader.unsigned() }
    reader = ByteReader([1, 0xC3])
    #expect(throws: CompactBytesError.self) { try reader.text() }
    reader = ByteReader([2])
    #expect(throws: CompactBytesError.self) { try reader.bool() }
    reader = ByteReader([1, 2, 3])
    #expect(throws: CompactBytesError.truncated) { try reader.uint32() }
    #expect(throws: CompactBytesError.self) { try reader.finish() }
  }
}
