import NeuralNet
import Testing

@Suite struct StudentBytesTests {
  private func example() throws -> Student {
    let shape = try StudentShape(inputCount: 4, hiddenWidths: [5, 3], classCount: 3)
    let standardizer = Standardizer(fitting: normalRows(30, width: 4, seed: 2), featureCount: 4)
    return Student(shape: shape, standardizer: standardizer, seed: 3)
  }

  /// The same bytes with a checksum that fits: what an attacker or a bad writer would make.
  private func resealed(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count >= 8 else { return bytes }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes.dropLast(8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return bytes.dropLast(8) + (0..<8).map { UInt8(truncatingIfNeeded: hash >> (8 * UInt64($0))) }
  }

  private func error(_ bytes: [UInt8]) -> StudentBytesError? {
    do {
      _ = try Student(bytes: bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test func `a student read back is the one written`() throws {
    let student = try example()
    let again = try Student(bytes: student.bytes)
    #expect(again == student)
    #expect(again.bytes == student.bytes)
    let linear = try NeuralNetTests.student(2, [], 2, seed: 1)
    let linearAgain = try Student(bytes: linear.bytes)
    #expect(linearAgain == linear)
  }

  @Test func `the layout is the documented one`() throws {
    let bytes = try example().bytes
    #expect(bytes.count == 8 + 4 * (3 + 2 + 1) + 4 * (2 * 4 + 55) + 8)
    #expect(Array(bytes.prefix(8)) == Array("KZSTUDNT".utf8))
    #expect(Array(bytes[8..<32]) == [1, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0])
    #expect(resealed(bytes) == bytes)
  }

  @Test func `every kind of damage is named`() throws {
    let bytes = try example().bytes
    #expect(error([]) == .notAStudent)
    #expect(error(Array("KZSTUDNT".utf8)) == .truncated)
    #expect(error([0] + bytes) == .notAStudent)
    var other = bytes
    other[8] = 9
    #expect(error(other) == .unknownVersion(9))
    #expect(error(Array(bytes.dropLast())) == .wrongLength(expected: bytes.count, got: bytes.count - 1))
    #expect(error(bytes + [0]) == .wrongLength(expected: bytes.count, got: bytes.count + 1))
    var flipped = bytes
    flipped[60] ^= 1
    #expect(error(flipped) == .damaged)
    var broken = bytes
    broken.replaceSubrange(64..<68, with: [0, 0, 0xC0, 0x7F])
    #expect(error(resealed(broken)) == .notFinite)
    var deep = bytes
    deep.replaceSubrange(16..<20, with: [0xFF, 0xFF, 0xFF, 0xFF])
    #expect(error(deep) == .impossibleShape("it claims 4294967295 hidden layers"))
    var wide = bytes
    wide.replaceSubrange(12..<16, with: [0xFF, 0xFF, 0xFF, 0xFF])
    guard case .impossibleShape = error(wide) else {
      Issue.record("a student of 4 billion inputs was not refused")
      return
    }
    for sentence in [error([]), error(other), error(flipped)].compactMap(\.?.description) {
      #expect(sentence.contains(";") && sentence.count > 40)
    }
  }

  @Test func `no cut and no change of any byte is taken for a student`() throws {
    let bytes = try example().bytes
    for count in 0..<bytes.count { #expect(error(Array(bytes.prefix(count))) != nil) }
    var random = Generator(seed: 11)
    for position in bytes.indices {
      var changed = bytes
      changed[position] ^= UInt8(1 + random.index(below: 255))
      #expect(error(changed) != nil, "byte \(position)")
    }
  }

  @Test func `sealed nonsense never traps and what is read is finite`() throws {
    let bytes = try example().bytes
    var random = Generator(seed: 12)
    for _ in 0..<3000 {
      var changed = bytes
      for _ in 0...random.index(below: 4) {
        changed[8 + random.index(below: bytes.count - 8)] = UInt8(random.index(below: 256))
      }
      if let student = try? Student(bytes: resealed(changed)) {
        #expect(student.isFinite)
        let again = try Student(bytes: student.bytes)
        #expect(again == student)
      }
    }
  }
}
