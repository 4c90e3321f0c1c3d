import GroupDistil
import NeuralNet
import Testing

@Suite struct HeadRefitTests {
  private func fixture() throws -> (student: Student, balanced: TrainingRows, test: TrainingRows) {
    let rows = try shortcutRows(1500, share: 0.95, seed: 41)
    let select = try shortcutRows(200, share: 0.95, seed: 42)
    let plain = parameters {
      $0.alpha = 0
      $0.stepCount = 400
      $0.weighting = .none
      $0.batches = .uniform
    }
    let trained = try train(
      initial: newStudent(for: rows, hidden: [24], seed: 1), rows: rows, select: select, parameters: plain, seed: 1
    ) { _ in .more }
    return (trained.student, try shortcutRows(600, share: 0.7, seed: 43), try shortcutRows(2000, share: 0.5, seed: 44))
  }

  @Test func `a head fitted on balanced rows lifts the worst group and touches nothing else`() throws {
    let (student, rows, test) = try fixture()
    let refitted = try refitHead(of: student, rows: rows, seed: 1)
    let before = tally(student, rows: test).compactMap(\.accuracy).min() ?? 0
    let after = tally(refitted, rows: test).compactMap(\.accuracy).min() ?? 0
    #expect(after > before + 0.1, "\(before) -> \(after)")
    let kept = student.parameterCount - student.head.count
    #expect(refitted.parameters.prefix(kept) == student.parameters.prefix(kept))
    #expect(refitted.head != student.head)
    #expect(try refitHead(of: student, rows: rows, seed: 1) == refitted)
  }

  @Test func `a strong anchor keeps the head`() throws {
    let (student, rows, _) = try fixture()
    var tight = HeadRefitParameters()
    tight.anchor = 1e4
    let refitted = try refitHead(of: student, rows: rows, parameters: tight, seed: 1)
    let moved = zip(refitted.head, student.head).map { abs($0 - $1) }.max() ?? 1
    #expect(moved < 0.02, "\(moved)")
  }

  @Test func `the head inputs and the head make the logits`() throws {
    let (student, rows, _) = try fixture()
    let seen = student.headInputs(rows.inputs, rowCount: rows.count)
    let shape = try StudentShape(inputCount: student.headInputCount, hiddenWidths: [], classCount: 2)
    let linear = try #require(
      Student(shape: shape, standardizer: Standardizer(identity: student.headInputCount), parameters: student.head))
    let difference =
      zip(
        linear.logits(seen, rowCount: rows.count), student.logits(rows.inputs, rowCount: rows.count)
      ).map { abs($0 - $1) }.max() ?? 1
    #expect(difference < 1e-4)
    #expect(student.replacing(head: [1]) == nil)
    #expect(student.replacing(head: student.head) == student)
  }

  @Test func `rows and parameters that do not fit are refused`() throws {
    let rows = try shortcutRows(40, share: 0.5, seed: 1)
    let student = try newStudent(for: rows, seed: 1)
    #expect(throws: DistilError.self) { try refitHead(of: student, rows: rows.subset([]), seed: 1) }
    var none = HeadRefitParameters()
    none.refitCount = 0
    #expect(throws: DistilError.self) { try refitHead(of: student, rows: rows, parameters: none, seed: 1) }
    let shape = try StudentShape(inputCount: 5, hiddenWidths: [], classCount: 2)
    let narrow = Student(shape: shape, standardizer: Standardizer(identity: 5), seed: 1)
    #expect(throws: DistilError.self) { try refitHead(of: narrow, rows: rows, seed: 1) }
  }
}
