import ArgumentParser
import Foundation
import NeuralNet

/// `kaizen-bench fuzz`: hostile files in every format that comes from outside.
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract: "Read seeded mutants of files and infer requests: each gives a result or a sentence.",
    discussion: """
      Mutants are sound ONNX, .npz and CSV files and infer requests in JSON and with raw tensors, with bytes changed, \
      put in, taken out, copied or cut; those of archives are also made from changed arrays under right checksums. A \
      crash ends the program, so ending well is the result; the seed says which mutant it was. Fails where a refusal is \
      no sentence.
      """)

  @Option(help: "Mutants, as many of each format.") var count = 50_000
  @Option(
    name: .customLong("format"), parsing: .upToNextOption,
    help: "Formats: \(FuzzFormat.allCases.map(\.rawValue).joined(separator: ", ")). All by default.")
  var formats: [FuzzFormat] = FuzzFormat.allCases
  @Option(help: "Seed of the mutants.") var seed: UInt64 = 1
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    guard !formats.isEmpty, (formats.count...1_000_000_000).contains(count) else {
      throw ValidationError("--count is \(formats.count) to 1000000000")
    }
  }

  func run() throws {
    do {
      let folder = FileManager.default.temporaryDirectory.appending(path: "kaizen-fuzz-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      var reports: [FuzzReport.Format] = []
      for format in formats {
        let started = ContinuousClock.now
        let share = count / formats.count
        var trial = try FuzzTrial(format, seed: seed, file: folder.appending(path: "mutant.\(format.rawValue)").path)
        for _ in 0..<share { try trial.next() }
        reports.append(
          FuzzReport.Format(
            format: format.rawValue, mutants: share, read: trial.readCount, refused: trial.refusedCount,
            sentences: trial.sentences.count, seconds: (ContinuousClock.now - started) / .seconds(1)))
      }
      let report = FuzzReport(seed: seed, formats: reports, peakKilobytes: try Self.peakKilobytes())
      print(json ? try report.json : report.text)
    } catch {
      FileHandle.standardError.write(Data("kaizen-bench: \(error)\n".utf8))
      throw ExitCode(70)
    }
  }

  /// The most memory this process ever held, as the kernel counted it.
  private static func peakKilobytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let number = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({ Int($0) })
    else { throw BenchFailure("/proc/self/status does not tell the peak memory") }
    return number
  }
}

/// What a fuzz run did.
struct FuzzReport: Encodable {
  struct Format: Encodable {
    let format: String
    let mutants: Int
    /// Gave a student or a table: the change hit what does not matter, or made another sound file.
    let read: Int
    let refused: Int
    /// Different sentences of refusal, digits and quoted names left out.
    let sentences: Int
    let seconds: Double
  }

  var schema = 1
  let seed: UInt64
  let formats: [Format]
  let peakKilobytes: Int

  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.sortedKeys]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  var text: String {
    let lines = formats.map { format in
      "\(format.format): \(format.mutants) mutants, \(format.read) read, \(format.refused) refused in"
        + " \(format.sentences) different sentences, \(Int(format.seconds.rounded())) s"
    }
    return (lines + ["no crash; peak memory \(peakKilobytes / 1024) MB; seed \(seed)"]).joined(separator: "\n")
  }
}
