import GroupDistil
import NeuralNet
import Testing

@Suite struct TreeBytesTests {
  private func example(classes: Int) throws -> (trees: BoostedTrees, rows: TrainingRows) {
    let rows = try treeRows(120, classes: classes, seed: 21) { min(classes - 1, Int(($0[0] + 1) * Float(classes) / 2)) }
    var parameters = TreeParameters()
    parameters.roundCount = 4
    return (try trainTrees(rows: rows, select: rows, parameters: parameters, seed: 1).trees, rows)
  }

  /// The same bytes with a checksum that fits.
  private func resealed(_ bytes: [UInt8]) -> [UInt8] {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes.dropLast(8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return bytes.dropLast(8) + (0..<8).map { UInt8(truncatingIfNeeded: hash >> (8 * UInt64($0))) }
  }

  private func error(_ bytes: [UInt8]) -> TreeBytesError? {
    do {
      _ = try BoostedTrees(bytes: bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [2, 3]) func `trees read back are the ones written and answer the same`(classes: Int) throws {
    let (trees, rows) = try example(classes: classes)
    let again = try BoostedTrees(bytes: trees.bytes)
    #expect(again == trees)
    #expect(again.bytes == trees.bytes)
    #expect(again.logits(rows.inputs, rowCount: rows.count) == trees.logits(rows.inputs, rowCount: rows.count))
  }

  @Test func `every kind of damage is named`() throws {
    let bytes = try example(classes: 2).trees.bytes
    #expect(error([]) == .notTrees)
    #expect(error(Array("KZBTREES".utf8)) == .truncated)
    var other = bytes
    other[8] = 7
    #expect(error(other) == .unknownVersion(7))
    #expect(error(Array(bytes.dropLast())) == .wrongLength(expected: bytes.count, got: bytes.count - 1))
    #expect(error(bytes + [0]) == .wrongLength(expected: bytes.count, got: bytes.count + 1))
    var flipped = bytes
    flipped[60] ^= 1
    #expect(error(flipped) == .damaged)
    var wide = bytes
    wide.replaceSubrange(12..<16, with: [0xFF, 0xFF, 0xFF, 0xFF])
    #expect(error(wide) == .impossible("they claim 4294967295 features and 2 classes"))
    for sentence in [error([]), error(other), error(flipped), error(wide)].compactMap(\.?.description) {
      #expect(sentence.contains(";") && sentence.count > 40)
    }
  }

  @Test func `no cut and no change of any byte is taken for trees`() throws {
    let bytes = try example(classes: 3).trees.bytes
    for count in stride(from: 0, to: bytes.count, by: 7) { #expect(error(Array(bytes.prefix(count))) != nil) }
    var random = Generator(seed: 22)
    for position in stride(from: 0, to: bytes.count, by: 3) {
      var changed = bytes
      changed[position] ^= UInt8(1 + random.index(below: 255))
      #expect(error(changed) != nil, "byte \(position)")
    }
  }

  @Test func `20,000 pieces of sealed nonsense never trap, and what is read answers with finite numbers`() throws {
    var random = Generator(seed: 23)
    var read = 0
    for classes in [2, 3] {
      let (trees, rows) = try example(classes: classes)
      let bytes = trees.bytes
      for _ in 0..<10_000 {
        var changed = bytes
        for _ in 0...random.index(below: 3) {
          let end = random.index(below: 3) == 0 ? 64 : bytes.count
          changed[8 + random.index(below: end - 8)] = UInt8(random.index(below: 256))
        }
        guard let nonsense = try? BoostedTrees(bytes: resealed(changed)) else { continue }
        read += 1
        let width = nonsense.featureCount
        guard width <= rows.inputs.count else { continue }
        let answers = nonsense.logits(Array(rows.inputs.prefix(width)), rowCount: 1)
        #expect(answers.allSatisfy { $0.isFinite })
        #expect(nonsense.bytes == resealed(changed))
      }
    }
    #expect(read > 100, "some changes leave trees possible")
  }

  @Test func `a teacher's file says itself which kind it is`() throws {
    let (trees, rows) = try example(classes: 2)
    let network = try newStudent(for: rows, seed: 3)
    for teacher in [TeacherModel.trees(trees), .network(network)] {
      let again = try TeacherModel(bytes: teacher.bytes)
      #expect(again == teacher)
      #expect(again.featureCount == 4 && again.classCount == 2)
      #expect(
        again.logits(rows.inputs, rowCount: rows.count) == teacher.logits(rows.inputs, rowCount: rows.count))
    }
    let old = try TeacherModel(bytes: network.bytes)
    #expect(old == .network(network), "files written before there were trees hold a network's bytes alone")
    #expect(throws: TeacherBytesError.network(.notAStudent)) { try TeacherModel(bytes: [1, 2, 3]) }
    #expect(throws: TeacherBytesError.trees(.truncated)) { try TeacherModel(bytes: Array(trees.bytes.prefix(12))) }
  }
}
