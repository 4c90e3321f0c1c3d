import ArgumentParser
import DataFiles
import Domain
import Foundation
import NeuralNet
import Teacher
import Wire

enum FuzzFormat: String, CaseIterable, ExpressibleByArgument {
  case onnx, npz, csv
  /// Infer requests, without and with raw tensors.
  case json, raw
}

/// One format's sound files or messages, and what became of their mutants.
struct FuzzTrial {
  private let format: FuzzFormat
  private var mutator: Mutator
  private let samples: [FuzzSample]
  private let file: String
  private(set) var readCount = 0
  private(set) var refusedCount = 0
  private(set) var sentences: Set<String> = []

  /// A sentence people still read; a longer one holds something that should have been cut.
  private static let sentenceCharactersMax = 1500

  init(_ format: FuzzFormat, seed: UInt64, file: String) throws {
    self.format = format
    self.file = file
    mutator = Mutator(seed: seed)
    samples = try FuzzSample.all(format)
  }

  /// Makes one mutant and reads it.
  /// - Throws: `BenchFailure` for a refusal that is no sentence, and for a result that does not hold together.
  mutating func next() throws {
    var sample = samples[mutator.index(below: samples.count)]
    let other = samples[mutator.index(below: samples.count)]
    let bytes = sample.mutant(&mutator, other: other.bytes)
    do {
      try read(bytes, sample)
      readCount += 1
    } catch let fault as OnnxFault {
      try refused(fault.sentence)
    } catch let fault as WireFault {
      try refused(fault.sentence)
    } catch let fault as DataFault {
      try refused(fault.sentence)
    }
  }

  private func read(_ bytes: [UInt8], _ sample: FuzzSample) throws {
    switch format {
    case .onnx:
      let student = try ImportedStudent(onnx: bytes, input: sample.input, classCount: FuzzSample.classCount).student
      let again = try Student(bytes: student.bytes)
      let logits = student.logits([Float](repeating: 0.5, count: sample.input.count), rowCount: 1)
      guard again == student, logits.count == FuzzSample.classCount else {
        throw BenchFailure("a student read from a mutant does not come back from its own bytes")
      }
    case .npz, .csv:
      try Data(bytes).write(to: URL(filePath: file))
      let table = try PartsTable.read(path: file, request: sample.request)
      guard table.features.count == table.rowCount * table.input.count, table.labels.count == table.rowCount,
        table.features.allSatisfy(\.isFinite)
      else { throw BenchFailure("a table read from a mutant does not hold together") }
    case .json, .raw:
      let request = try InferRequest(parsing: bytes, headerLength: sample.headerLength)
      let message = request.message(binary: true)
      let again = try InferRequest(parsing: message.body, headerLength: message.headerLength)
      // Numbers that are none are not equal to themselves, so the tensors' own bytes are compared.
      guard again.message(binary: true) == message, again.parameters == request.parameters else {
        throw BenchFailure("a request read from a mutant does not come back from its own bytes")
      }
    }
  }

  private mutating func refused(_ sentence: String) throws {
    refusedCount += 1
    guard sentence.count > 10, sentence.count <= Self.sentenceCharactersMax else {
      throw BenchFailure("a refusal is no sentence: \"\(sentence.prefix(200))\"")
    }
    var kind = ""
    var isQuoted = false
    for character in sentence {
      if character == "\"" { isQuoted.toggle() }
      if !isQuoted, !character.isNumber { kind.append(character) }
    }
    sentences.insert(kind)
  }
}

/// Changes bytes, the same ones for the same seed.
struct Mutator {
  private var random: Generator

  init(seed: UInt64) { random = Generator(seed: seed) }

  mutating func index(below count: Int) -> Int { random.index(below: count) }

  /// Values at the edges of what readers take.
  private static let edges: [UInt64] = [
    0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF,
    0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF,
  ]
  private static let words = ["0", "-1", "9999999999999999999", "nan", "1e999", "\"", ",", "\n", "(", "'", "\u{FEFF}"]

  /// One to eight changes.
  mutating func mutated(_ sound: [UInt8], other: [UInt8]) -> [UInt8] {
    var bytes = sound
    for _ in 0...random.index(below: 8) {
      guard !bytes.isEmpty else { return bytes }
      change(&bytes, other: other)
    }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8], other: [UInt8]) {
    let place = random.index(below: bytes.count)
    let end = min(bytes.count, place + 1 + random.index(below: 64))
    switch random.index(below: 9) {
    case 0: bytes[place] ^= 1 << UInt8(random.index(below: 8))
    case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 2:
      let edge = Self.edges[random.index(below: Self.edges.count)]
      for index in place..<min(bytes.count, place + [1, 2, 4, 8][random.index(below: 4)]) {
        bytes[index] = UInt8(truncatingIfNeeded: edge >> UInt64(8 * (index - place)))
      }
    case 3: bytes.removeSubrange(place..<end)
    case 4: bytes.insert(contentsOf: bytes[place..<end], at: random.index(below: bytes.count))
    case 5: bytes.insert(contentsOf: (0..<random.index(below: 9)).map { _ in UInt8(place & 0xFF) }, at: place)
    case 6: bytes.replaceSubrange(place..<end, with: Self.words[random.index(below: Self.words.count)].utf8)
    case 7:
      let start = random.index(below: other.count)
      let part = other[start..<min(other.count, start + end - place)]
      bytes.replaceSubrange(place..<min(bytes.count, place + part.count), with: part)
    default:
      // Cutting off is always the same fault, so it is rare.
      if random.index(below: 4) == 0 { bytes.removeSubrange(place...) }
    }
  }
}
