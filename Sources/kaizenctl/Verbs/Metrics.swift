import ArgumentParser
import Domain
import Glibc
import Wire

struct Metrics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Everything a monitoring system counts, as OpenMetrics, or as a file for node_exporter.",
    discussion: """
      `--textfile /var/lib/prometheus/node-exporter/kaizen.prom` writes the older Prometheus text, which the textfile \
      collector reads, under another name first and then in one step into place: the collector never meets half a \
      file. Series of groups are the \(groupSeriesMax) worst and the worst of each line.
      """)

  @OptionGroup var options: GlobalOptions
  @Option(help: "Write this file (its name ends in .prom) instead of standard output.") var textfile: String?
  @Flag(help: "Prometheus' older text instead of OpenMetrics.") var prometheus = false

  func validate() throws {
    if options.json { throw ValidationError("metrics are a text of their own; 'kaizenctl status --json' is JSON.") }
    if let textfile, !textfile.hasSuffix(Self.ending) {
      throw ValidationError("--textfile ends in \(Self.ending), or the collector does not read it (got \(textfile)).")
    }
  }

  private static let ending = ".prom"

  func run() async throws {
    try await options.reporting {
      let format: MetricsFormat = prometheus || textfile != nil ? .prometheus : .openMetrics
      let daemon = options.daemon
      let bytes = try await daemon.exchange(daemon.controlSocket, try OperatorCall.metrics(format).outgoing())
      guard let textfile else {
        if !options.quiet { try Output.write(bytes, to: STDOUT_FILENO) }
        return
      }
      try Self.replace(textfile, with: bytes)
    }
  }

  /// Everyone may read it: the collector is another user. Under the other name it does not end in `.prom`, so a file
  /// that a crash left behind is read by nobody.
  private static func replace(_ path: String, with bytes: [UInt8]) throws {
    let draft = "\(path).\(getpid())"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw failure(draft) }
    do {
      try Output.write(bytes, to: descriptor)
      guard fchmod(descriptor, 0o644) == 0, close(descriptor) == 0, rename(draft, path) == 0 else {
        throw failure(path)
      }
    } catch {
      unlink(draft)
      throw error
    }
  }

  private static func failure(_ path: String) -> Failure {
    let why = String(cString: strerror(errno))
    let isPermission = errno == EACCES || errno == EPERM
    return Failure(isPermission ? .permission : .inputOutput, "\(path) cannot be written: \(why).")
  }
}
