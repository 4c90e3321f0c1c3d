import Domain
import Foundation
import NeuralNet
import UnixSocket
import Wire

/// Lines of one student with random parameters, and parts whose answers are known beforehand.
struct BenchLines: Sendable {
  let lines: [LineID]
  let student: Student
  let parts: [BenchPart]

  /// Groups the parts are spread over, as many as a middling line has.
  static let groupCount = 20
  /// Different parts: more than a processor's branch predictor learns by heart, few enough to prepare.
  static let partCount = 64

  init(lineCount: Int = 1, features: Int = 64, hidden: Int = 64, classes: Int = 6, seed: UInt64) throws {
    lines = try (0..<lineCount).map { try LineID($0 == 0 ? "bench" : "bench\($0)") }
    let shape = try StudentShape(inputCount: features, hiddenWidths: [hidden], classCount: classes)
    student = Student(shape: shape, standardizer: Standardizer(identity: features), seed: seed)
    var generator = Generator(seed: seed)
    var parts: [BenchPart] = []
    for number in 0..<Self.partCount {
      let values = (0..<features).map { _ in Float(generator.normal()) }
      let logits = student.logits(values, rowCount: 1)
      let best = logits.indices.max { logits[$0] < logits[$1] } ?? 0
      parts.append(
        BenchPart(
          values: values, product: "A\(number % Self.groupCount)", label: Self.className(best),
          probabilities: softmax(logits)))
    }
    self.parts = parts
  }

  /// The same student with other lines or parts.
  init(lines: [LineID], student: Student, parts: [BenchPart]) {
    (self.lines, self.student, self.parts) = (lines, student, parts)
  }

  static func className(_ number: Int) -> String { "c\(number)" }

  var classNames: [String] { (0..<student.shape.classCount).map(Self.className) }

  func add(to daemon: MeasuredDaemon) async throws {
    let control = try await HTTPUnixClient.connect(path: daemon.socket("control"))
    for line in lines {
      let answer = try await control.send(try OperatorCall.addLine(try request(line)).outgoing())
      guard answer.isSuccess else { throw BenchFailure("kaizend did not take line \(line): \(answer.errorSentence)") }
    }
    await control.close()
  }

  private func request(_ line: LineID) throws -> AddLineRequest {
    let definition = LineDefinition(
      id: line, schema: try GroupSchema(attributes: ["product"], includesOutcome: false),
      featureNames: (0..<student.shape.inputCount).map { "f\($0)" }, classNames: classNames)
    let report = TrainingReport(
      folds: [], teacher: TeacherExamination(name: "none", scores: [], verdict: .absent, sentence: "no teacher"),
      arms: [], chosenArm: nil, heldOutScores: [], pairs: [], seed: 0, instructionSet: "-", seconds: 0,
      remarks: ["random parameters, for a measurement"])
    return AddLineRequest(
      definition: definition, settings: LineSettings(mode: .observe), student: OperatorCoding.base64(student.bytes),
      teacher: .columns(prefix: "t"), report: report, source: "kaizen-bench")
  }
}

/// A part, and what the student says of it.
struct BenchPart: Sendable {
  let values: [Float]
  var product: String
  let label: String
  let probabilities: [Float]

  func isRight(_ answer: (label: String, probabilities: [Float]), tolerance: Float) -> Bool {
    answer.label == label && answer.probabilities.count == probabilities.count
      && zip(answer.probabilities, probabilities).allSatisfy { abs($0 - $1) <= tolerance }
  }

  func request(id: String) -> InferRequest {
    let tensor = InputTensor(
      name: InferBatch.featuresName, shape: [1, values.count], datatype: .fp32, data: .floats(values))
    return InferRequest(id: id, parameters: ["product": .text(product)], inputs: [tensor])
  }
}
