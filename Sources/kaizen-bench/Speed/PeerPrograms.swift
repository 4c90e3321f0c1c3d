import Foundation
import Glibc
import NeuralNet

/// PyTorch and ONNX Runtime, as far as this machine has them.
struct Peers {
  let process: PeerProcess?
  let torch: String?
  let onnxruntime: String?
  /// Path of libonnxruntime.so.
  let library: String?
  /// Why some or all are missing: whole sentences.
  let absent: [String]
  /// Whether everything that makes PyTorch faster was done.
  let tuned: Bool

  /// Names the Python that has the packages.
  static let pythonVariable = "KAIZEN_PEERS_PYTHON"

  static func none(_ sentence: String) -> Peers {
    Peers(process: nil, torch: nil, onnxruntime: nil, library: nil, absent: [sentence], tuned: true)
  }

  /// - Parameter python: nil: `KAIZEN_PEERS_PYTHON`, else the one that `make bench-peers` installs.
  static func find(python: String?, on set: InstructionSet, tuned: Bool) -> Peers {
    let howTo = "'make bench-peers' installs them, or name a Python that has them with --python"
    guard let script = script("peers.py") else {
      return none("Only kaizend is measured: peers.py of the sources is not above this program's folder.")
    }
    let program = program(python, script: script)
    guard access(program, X_OK) == 0 else {
      return none("Only kaizend is measured: PyTorch and ONNX Runtime are not installed (no \(program)); \(howTo).")
    }
    do {
      let process = try PeerProcess(
        program: program, arguments: [script.path], environment: environment(set, tuned: tuned))
      let hello = try process.ask(PeerQuestion(kind: .hello))
      let missing = [("PyTorch", hello.torch), ("ONNX Runtime", hello.library)].filter { $0.1 == nil }
      return Peers(
        process: process, torch: hello.torch, onnxruntime: hello.onnxruntime, library: hello.library,
        absent: missing.map { "\($0.0) is not measured: \(program) does not have it; \(howTo)." }, tuned: tuned)
    } catch {
      return none("Only kaizend is measured: \(error); \(howTo).")
    }
  }

  /// The Python that runs a script of ours.
  static func program(_ python: String?, script: URL) -> String {
    let root = script.deletingLastPathComponent().appending(path: "../../..").standardizedFileURL
    let named = python ?? ProcessInfo.processInfo.environment[pythonVariable].flatMap { $0.isEmpty ? nil : $0 }
    return named ?? root.appending(path: ".build/peers/bin/python").path
  }

  /// One thread, and no more than our instruction set when we are held to one. Tuned, memory is kept instead of given
  /// back to the system between steps, which nearly halves PyTorch's time for large batches of pictures.
  static func environment(_ set: InstructionSet, tuned: Bool) -> [String: String] {
    var variables = ["OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"]
    if tuned {
      variables["MALLOC_MMAP_MAX_"] = "0"
      variables["MALLOC_TRIM_THRESHOLD_"] = "8589934592"
      variables["MALLOC_TOP_PAD_"] = "67108864"
    }
    guard set != .best else { return variables }
    switch set {
    case .baseline:
      variables["ATEN_CPU_CAPABILITY"] = "default"
      variables["DNNL_MAX_CPU_ISA"] = "SSE41"
      variables["MKL_ENABLE_INSTRUCTIONS"] = "SSE4_2"
    case .avx2:
      variables["ATEN_CPU_CAPABILITY"] = "avx2"
      variables["DNNL_MAX_CPU_ISA"] = "AVX2"
      variables["MKL_ENABLE_INSTRUCTIONS"] = "AVX2"
    case .avx512: break
    }
    return variables
  }

  /// The file of that name in `Sources/kaizen-bench/Peers` of the repository this program was built in.
  static func script(_ name: String) -> URL? {
    guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
    var folder = URL(filePath: own).deletingLastPathComponent()
    while folder.path != "/" {
      let script = folder.appending(path: "Sources/kaizen-bench/Peers/\(name)")
      if access(script.path, R_OK) == 0 { return script }
      folder.deleteLastPathComponent()
    }
    return nil
  }
}
