import ArgumentParser
import ControlText
import Domain
import Wire

struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The worst group, every line, the retraining that runs and the ledger.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "Only this line.") var line: LineID?
  @Flag(help: "Draw it again every second until Ctrl-C.") var watch = false
  @Flag(help: "How long requests take, stage by stage, since the daemon started.") var latency = false

  func validate() throws {
    if watch, options.json { throw ValidationError("--watch draws for people; --json gives one object. Take one.") }
    if latency, line != nil { throw ValidationError("--latency tells of all lines together; leave out the line.") }
  }

  func run() async throws {
    try await options.reporting {
      guard watch else { return try await show(clear: "") }
      let clear = options.output.isTerminal ? "\u{1B}[H\u{1B}[J" : ""
      while true {
        do {
          try await show(clear: clear)
        } catch let failure as Failure where failure.status == .unavailable || failure.status == .busy {
          // A restart of the daemon must not end the picture on the wall.
          try options.output.say(clear + failure.sentence)
        }
        try await Task.sleep(for: .seconds(1))
      }
    }
  }

  private func show(clear: String) async throws {
    if latency {
      let answer = try await options.daemon.ask(.latency, as: LatencyReply.self)
      if options.output.json { return try options.output.show(answer.reply, json: answer.bytes) }
      return try options.output.say(clear + answer.reply.text(options.output.style))
    }
    let answer = try await options.daemon.ask(.status, as: StatusReply.self)
    let output = options.output
    guard let line else {
      if output.json { return try output.show(answer.reply, json: answer.bytes) }
      return try output.say(clear + answer.reply.text(output.style))
    }
    guard let status = answer.reply.lines.first(where: { $0.line == line.text }) else {
      throw Daemon.unknownLine(line.text, answer.reply.lines.map(\.line))
    }
    var reply = answer.reply
    reply.lines = [status]
    if output.json { return try output.show(reply, json: OperatorCoding.bytes(reply)) }
    try output.say(clear + LineStatusText(status).text(output.style))
  }
}
