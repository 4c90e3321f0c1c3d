import Foundation
import Glibc
import Wire

/// The program in Python that measures PyTorch: started once, asked line by line.
public final class PeerProcess {
  private let process = Process()
  private let questions = Pipe()
  private let answers = Pipe()
  private var unread: [UInt8] = []

  /// Loading PyTorch from a cold disk takes a minute or two; the longest measurement takes seconds.
  private static let answerSecondsMax: Double = 300

  /// - Parameter environment: joins this program's own.
  public init(program: String, arguments: [String], environment: [String: String]) throws {
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = questions
    process.standardOutput = answers
    // A child that has ended is noticed by its answer that does not come.
    signal(SIGPIPE, SIG_IGN)
    do {
      try process.run()
    } catch {
      throw BenchFailure("\(program) could not be started: \(error.localizedDescription)")
    }
    try? answers.fileHandleForWriting.close()
  }

  deinit {
    try? questions.fileHandleForWriting.close()
    guard process.isRunning else { return }
    process.terminate()
    process.waitUntilExit()
  }

  /// Asks for `count` pieces of what was prepared last.
  /// - Returns: seconds of processor time.
  public func run(count: Int) throws -> Double {
    guard let seconds = try ask(PeerQuestion(kind: .run, count: count)).seconds else {
      throw BenchFailure("the peers' program did not say how long it took")
    }
    return seconds
  }

  func ask(_ question: PeerQuestion) throws -> PeerAnswer {
    let line = try OperatorCoding.bytes(question) + [UInt8(ascii: "\n")]
    do {
      try questions.fileHandleForWriting.write(contentsOf: Data(line))
    } catch {
      throw BenchFailure("the peers' program has ended; its own message, if it had one, stands above")
    }
    let answer: PeerAnswer
    let bytes = try nextLine()
    do {
      answer = try OperatorCoding.message(from: bytes)
    } catch {
      throw BenchFailure("the peers' program answered \"\(String(decoding: bytes.prefix(200), as: UTF8.self))\"")
    }
    if let error = answer.error { throw BenchFailure(error) }
    return answer
  }

  private func nextLine() throws -> [UInt8] {
    let deadline = ContinuousClock.now + .seconds(Self.answerSecondsMax)
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        defer { unread.removeFirst(end + 1) }
        return Array(unread[..<end])
      }
      var waiting = pollfd(fd: answers.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&waiting, 1, 1000)
      guard ready != 0 || ContinuousClock.now < deadline else {
        throw BenchFailure("the peers' program gave no answer within \(Int(Self.answerSecondsMax)) s")
      }
      guard ready > 0 else { continue }
      let data = answers.fileHandleForReading.availableData
      guard !data.isEmpty else {
        throw BenchFailure("the peers' program has ended; its own message, if it had one, stands above")
      }
      unread += data
    }
  }
}
