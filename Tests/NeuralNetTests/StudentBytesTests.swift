import Domain
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

  /// The first byte of every word.
  private func words(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    bytes.enumerated().filter { $0.offset % 4 == 0 }.map(\.element)
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
    for index in NetworkShapes.all.indices {
      let student = try NeuralNetTests.student(NetworkShapes.shape(index), seed: UInt64(index))
      let again = try Student(bytes: student.bytes)
      #expect(again == student)
    }
  }

  /// As version 1 was written: no kinds of inputs and layers.
  private func firstVersion(_ student: Student) -> [UInt8] {
    let words =
      [UInt32(1), UInt32(student.shape.inputCount), UInt32(student.shape.hiddenWidths.count)]
      + student.shape.hiddenWidths.map { UInt32($0) } + [UInt32(student.shape.classCount)]
      + (student.standardizer.mean + student.standardizer.inverseScale + student.parameters).map(\.bitPattern)
    let body = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) } }
    return resealed(Array("KZSTUDNT".utf8) + body + Array(repeating: 0, count: 8))
  }

  @Test func `a student written by the first version is still read`() throws {
    let student = try example()
    let read = try Student(bytes: firstVersion(student))
    #expect(read == student)
    #expect(error(firstVersion(student) + [0]) != nil)
    for count in 0..<80 { #expect(error(Array(firstVersion(student).prefix(count))) != nil) }
  }

  @Test func `the layout is the documented one`() throws {
    let bytes = try example().bytes
    #expect(bytes.count == 8 + 4 * (4 + 4 + 1) + 4 * (2 * 4 + 55) + 8)
    #expect(Array(bytes.prefix(8)) == Array("KZSTUDNT".utf8))
    #expect(words(bytes[8..<44]) == [2, 0, 4, 2, 0, 5, 0, 3, 3])
    #expect(resealed(bytes) == bytes)
    let shape = try StudentShape(
      input: .image(height: 13, width: 12, channels: 2),
      hiddenLayers: StudentLayer.list("conv6k3s2p0,avg2,max2,mean,5"), classCount: 4)
    let image = try NeuralNetTests.student(shape, seed: 1).bytes
    #expect(words(image[8..<84]) == [2, 2, 13, 12, 2, 5, 1, 6, 3, 2, 0, 3, 2, 2, 2, 4, 0, 5, 4])
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
    flipped[70] ^= 1
    #expect(error(flipped) == .damaged)
    var broken = bytes
    broken.replaceSubrange(80..<84, with: [0, 0, 0xC0, 0x7F])
    #expect(error(resealed(broken)) == .notFinite)
    var deep = bytes
    deep.replaceSubrange(20..<24, with: [0xFF, 0xFF, 0xFF, 0xFF])
    #expect(error(deep) == .impossibleShape("it claims 4294967295 hidden layers"))
    var wide = bytes
    wide.replaceSubrange(16..<20, with: [0xFF, 0xFF, 0xFF, 0xFF])
    guard case .impossibleShape = error(wide) else {
      Issue.record("a student of 4 billion inputs was not refused")
      return
    }
    var odd = bytes
    odd[12] = 3
    #expect(error(odd) == .impossibleShape("it claims an input of kind 3"))
    odd[12] = 0
    odd[24] = 9
    #expect(error(odd) == .impossibleShape("it claims a layer of kind 9"))
    for sentence in [error([]), error(other), error(flipped)].compactMap(\.?.description) {
      #expect(sentence.contains(";") && sentence.count > 40)
    }
  }

  /// A small student of dense layers, and one of everything else.
  private func examples() throws -> [[UInt8]] {
    let shape = try StudentShape(
      input: .window(channels: 2, length: 12), hiddenLayers: StudentLayer.list("conv2k3,max2,conv2k2s2,avg2,mean,3"),
      classCount: 2)
    return [try example().bytes, try student(shape, seed: 4).bytes]
  }

  @Test func `no cut and no change of any byte is taken for a student`() throws {
    for bytes in try examples() {
      for count in 0..<bytes.count { #expect(error(Array(bytes.prefix(count))) != nil) }
      var random = Generator(seed: 11)
      for position in bytes.indices {
        var changed = bytes
        changed[position] ^= UInt8(1 + random.index(below: 255))
        #expect(error(changed) != nil, "byte \(position)")
      }
    }
  }

  @Test func `sealed nonsense never traps and what is read is finite`() throws {
    for bytes in try examples() {
      var random = Generator(seed: 12)
      for _ in 0..<3000 {
        var changed = bytes
        // The shape's words are few and decide most: half of the changes are there.
        for _ in 0...random.index(below: 4) {
          let end = random.index(below: 2) == 0 ? min(120, bytes.count) : bytes.count
          changed[8 + random.index(below: end - 8)] = UInt8(random.index(below: 256))
        }
        if let student = try? Student(bytes: resealed(changed)) {
          #expect(student.isFinite)
          let again = try Student(bytes: student.bytes)
          #expect(again == student)
        }
      }
    }
  }
}
