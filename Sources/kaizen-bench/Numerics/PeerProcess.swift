import Foundation

/// PyTorch in a Python process beside this one, asked for one turn at a time.
final class PeerProcess {
  private let process = Process()
  private let requests = Pipe()
  private let answers = Pipe()
  private var unread = Data()
  /// As the script tells it: versions.
  let description: String
  /// ONNX Runtime's library in the same Python environment.
  let onnxLibrary: String?

  private struct Hello: Decodable {
    let description: String
    let onnxLibrary: String?
  }
  private struct Request: Encodable {
    var work: String
    var network: String
    var batch: Int
    var seconds: Double
    var path: String?
  }
  private struct Answer: Decodable {
    let microseconds: Double
  }

  /// - Parameter environment: a Python environment with torch, onnx and onnxruntime; nil: `.build/peers`.
  /// - Parameter set: PyTorch is held to this instruction set, where it knows it.
  init(environment: String?, set: String) throws {
    let root = try Self.repository()
    let folder = environment ?? root + "/.build/peers"
    guard access(folder + "/bin/python", X_OK) == 0 else {
      throw BenchFailure(
        "there is no Python environment \(folder); make one with Sources/kaizen-bench/Peers/setup.sh")
    }
    process.executableURL = URL(filePath: folder + "/bin/python")
    process.arguments = [root + "/Sources/kaizen-bench/Peers/peers.py"]
    // In PyTorch's favour: without these it gives its large blocks back to the kernel after every step.
    var variables = ProcessInfo.processInfo.environment
    variables["MALLOC_MMAP_THRESHOLD_"] = "4294967296"
    variables["MALLOC_TRIM_THRESHOLD_"] = "4294967296"
    variables["OMP_NUM_THREADS"] = "1"
    if set == "avx2" {
      variables["ATEN_CPU_CAPABILITY"] = "avx2"
      variables["ONEDNN_MAX_CPU_ISA"] = "AVX2"
      variables["MKL_ENABLE_INSTRUCTIONS"] = "AVX2"
    }
    process.environment = variables
    process.standardInput = requests
    process.standardOutput = answers
    try process.run()
    unread = Data()
    let line = try Self.line(from: answers, unread: &unread)
    let hello = try JSONDecoder().decode(Hello.self, from: line)
    description = hello.description
    onnxLibrary = hello.onnxLibrary
  }

  /// Microseconds of one step or inference of `batch` parts.
  func measure(_ work: String, _ network: BenchNetwork, batch: Int, seconds: Double) throws -> Double {
    try ask(Request(work: work, network: network.rawValue, batch: batch, seconds: seconds))
  }

  /// Writes the network as an ONNX file that takes `batch` parts.
  func export(_ network: BenchNetwork, batch: Int, to path: String) throws {
    _ = try ask(Request(work: "export", network: network.rawValue, batch: batch, seconds: 0, path: path))
  }

  private func ask(_ request: Request) throws -> Double {
    try requests.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(request) + Data("\n".utf8))
    return try JSONDecoder().decode(Answer.self, from: Self.line(from: answers, unread: &unread)).microseconds
  }

  private static func line(from pipe: Pipe, unread: inout Data) throws -> Data {
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        let line = unread[unread.startIndex..<end]
        unread = Data(unread[(end + 1)...])
        return line
      }
      let more = pipe.fileHandleForReading.availableData
      guard !more.isEmpty else { throw BenchFailure("the Python process of the peers ended; what it said is above") }
      unread.append(more)
    }
  }

  /// The folder above the `.build` this program lies in.
  private static func repository() throws -> String {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    guard let range = own.range(of: "/.build") else {
      throw BenchFailure("this program does not lie in a .build folder; the peers are measured from the repository")
    }
    return String(own[..<range.lowerBound])
  }

  deinit {
    try? requests.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}
