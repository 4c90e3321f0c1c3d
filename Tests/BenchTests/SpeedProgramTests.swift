import Foundation
import NeuralNet
import Testing
import Wire
import kaizen_bench

extension Bench {
  fileprivate static func report(_ arguments: [String]) throws -> SpeedReport {
    let ended = try run(arguments + ["--json", "--quick"])
    #expect(ended.code == 0, "\(ended.errors)")
    return try OperatorCoding.message(from: Array(ended.output.utf8))
  }
}

/// A script in place of Python, gone with its last user.
private final class Script {
  let path = FileManager.default.temporaryDirectory.appending(path: "kaizen-peers-\(UUID().uuidString)").path

  init(_ text: String) throws {
    try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Test func `every student takes a training step and answers, alone`() throws {
  for (scenario, batch) in [("train", 2), ("infer", 1)] {
    let report = try Bench.report([scenario, "--alone", "--batches", "\(batch)"])
    #expect(report.scenario.rawValue == scenario)
    #expect(report.results.map(\.student) == ["mlp", "cnn1d", "cnn2d-64", "cnn2d-28"])
    #expect(report.results.allSatisfy { $0.batch == batch && $0.microseconds > 0 && $0.shareOfPeak > 0 })
    #expect(report.results.allSatisfy { $0.torch == nil && $0.onnxruntime == nil })
    #expect(report.peakGflops > 0 && report.peakMemoryKilobytes > 0)
    #expect(report.peers.absent == ["Only kaizend is measured, as asked."])
  }
}

@Test func `without PyTorch the program says so, how to get it, and our own figures`() throws {
  let ended = try Bench.run(["train", "--quick", "--student", "mlp", "--batches", "2", "--python", "/no/such/python"])
  #expect(ended.code == 0)
  let sentence = "Only kaizend is measured: PyTorch and ONNX Runtime are not installed (no /no/such/python);"
  #expect(ended.output.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(sentence))
  #expect(ended.output.contains("make bench-peers"))
  #expect(ended.output.contains("mlp"))
}

@Test func `a Python without the packages is told from none`() throws {
  let script = try Script("while read -r line; do echo '{}'; done")
  let report = try Bench.report(["infer", "--student", "mlp", "--batches", "1", "--python", script.path])
  #expect(report.peers.absent.count == 2)
  #expect(report.peers.absent[0].hasPrefix("PyTorch is not measured: \(script.path) does not have it"))
  #expect(report.peers.absent[1].hasPrefix("ONNX Runtime is not measured"))
}

@Test func `a program that computes something else is not compared with`() throws {
  let script = try Script(
    """
    while read -r line; do
      case $line in
        *hello*) echo '{"torch":"0"}';;
        *) echo '{"answer":[1,2]}';;
      esac
    done
    """)
  let ended = try Bench.run(["train", "--quick", "--student", "mlp", "--batches", "2", "--python", script.path])
  #expect(ended.code == 70)
  #expect(ended.errors.hasPrefix("kaizen-bench: PyTorch computed something else for mlp, batch 2: [1.0, 2.0]"))
}

@Test func `PyTorch is held to our instruction set, and tuned unless it is wanted as installed`() throws {
  let script = try Script(
    """
    while read -r line; do
      case $line in
        *hello*) echo '{"torch":"0"}';;
        *tuned*:true*) echo "{\\"error\\":\\"tuned $MALLOC_MMAP_MAX_ $OMP_NUM_THREADS $ATEN_CPU_CAPABILITY.\\"}";;
        *) echo "{\\"error\\":\\"plain $MALLOC_MMAP_MAX_ $OMP_NUM_THREADS $ATEN_CPU_CAPABILITY.\\"}";;
      esac
    done
    """)
  func said(_ more: [String]) throws -> String {
    try Bench.run(["train", "--quick", "--student", "mlp", "--python", script.path] + more).errors
  }
  #expect(try said([]) == "kaizen-bench: tuned 0 1 .\n")
  #expect(try said(["--torch-as-installed"]) == "kaizen-bench: plain  1 .\n")
  guard InstructionSet.available.contains(.avx512) else {
    print("skipped: this processor has nothing beyond AVX2 to be held back from")
    return
  }
  #expect(try said(["--instruction-set", "avx2"]) == "kaizen-bench: tuned 0 1 avx2.\n")
}

@Test func `an instruction set the processor does not have is refused with those it has`() throws {
  let ended = try Bench.run(["train", "--instruction-set", "mmx"])
  #expect(ended.code == 64)
  #expect(ended.errors.contains("this processor cannot run \"mmx\"; it runs"))
}

/// Compares losses, gradients and answers of every student; the times say nothing here.
@Test func `PyTorch and ONNX Runtime compute what we do, where they are installed`() throws {
  for scenario in ["train", "infer"] {
    let report = try Bench.report([scenario, "--batches", "3"])
    if report.peers.torch == nil || (scenario == "infer" && report.peers.onnxruntime == nil) {
      print("skipped: \(report.peers.absent.joined(separator: " "))")
      return
    }
    #expect(report.results.count == 4)
    #expect(report.results.allSatisfy { $0.torch != nil && ($0.onnxruntime != nil) == (scenario == "infer") })
  }
}
