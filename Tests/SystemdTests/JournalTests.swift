import Foundation
import Logging
import Systemd
import Testing

extension ProcessStateTests {
  @Suite struct JournalTests {
    func fields(_ message: String, _ metadata: Logger.Metadata, level: Logger.Level = .notice) -> [String] {
      journalFields(level: level, label: "kaizend", message: message, metadata: metadata).map {
        "\($0.name)=\($0.value)"
      }
    }

    @Test func `metadata become fields, and an event of a known kind its message id`() {
      let told = fields(
        "press-3 A7 lags",
        [
          "line": "press-3", "group": "product=A7", "model": "m-12", "run": "4", "audit_seq": "99",
          "audit_hash": "ab12", "event": "group_lagging", "labels": "212",
        ])
      #expect(
        told == [
          "MESSAGE=press-3 A7 lags labels=212", "PRIORITY=5", "SYSLOG_IDENTIFIER=kaizend",
          "MESSAGE_ID=\(EventKind.groupLagging.messageID)", "KAIZEN_AUDIT_HASH=ab12", "KAIZEN_AUDIT_SEQ=99",
          "KAIZEN_EVENT=group_lagging",
          "KAIZEN_GROUP=product=A7", "KAIZEN_LINE=press-3", "KAIZEN_MODEL=m-12", "KAIZEN_RUN=4",
        ])
    }

    @Test func `an unknown kind has no message id`() {
      #expect(!fields("m", ["event": "moon_rose"]).contains { $0.hasPrefix("MESSAGE_ID") })
    }

    @Test func `severities are those of syslog`() {
      let severities = Logger.Level.allCases.map { fields("m", [:], level: $0)[1] }
      #expect(severities == [7, 7, 6, 5, 4, 3, 2].map { "PRIORITY=\($0)" })
    }

    @Test func `long values are cut in whole characters`() {
      let told = fields(String(repeating: "é", count: 10_000), ["group": "\(String(repeating: "x", count: 10_000))"])
      #expect(told.first == "MESSAGE=" + String(repeating: "é", count: 4096))
      #expect(told.last == "KAIZEN_GROUP=" + String(repeating: "x", count: 8192))
    }

    @Test func `the plain line stays one line and tells everything`() {
      let line = plainLine(
        level: .warning, label: "kaizend", message: "two\nlines",
        metadata: ["line": "weld", "n": "3", "audit_hash": "ab12"])
      #expect(line == "warning kaizend: two lines line=weld n=3")
    }

    @Test func `a logger writes its line with time, its own and the call's metadata to standard error`() throws {
      let pipe = Pipe()
      withEnvironment(["JOURNAL_STREAM": nil]) {
        var handler = JournalLogHandler(
          label: "kaizend", descriptor: pipe.fileHandleForWriting.fileDescriptor)
        handler[metadataKey: "line"] = "weld"
        #expect(handler[metadataKey: "line"] == "weld")
        var logger = Logger(label: "kaizend") { _ in handler }
        logger.logLevel = .info
        logger.debug("below the level")
        logger.info("a part came", metadata: ["group": "A7"])
      }
      try pipe.fileHandleForWriting.close()
      let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
      #expect(text.dropFirst(20) == " info kaizend: a part came group=A7 line=weld\n")
      let time = try #require(ISO8601DateFormatter().date(from: String(text.prefix(20))), "\(text)")
      #expect(abs(time.timeIntervalSinceNow) < 60)
    }

    @Test func `a threshold moves every logger that shares it, but not one with a level of its own`() {
      let threshold = LogThreshold(.warning)
      var own = JournalLogHandler(label: "kaizend", threshold: threshold)
      let shared = Logger(label: "kaizend") { _ in JournalLogHandler(label: "kaizend", threshold: threshold) }
      own.logLevel = .error
      #expect(shared.logLevel == .warning)
      threshold.level = .debug
      #expect(shared.logLevel == .debug)
      #expect(own.logLevel == .error)
    }

    @Test func `events go to the journal only where the stream is the journal's`() {
      let stream = Pipe().fileHandleForWriting
      var status = stat()
      #expect(fstat(stream.fileDescriptor, &status) == 0)
      func isJournal(_ named: String?) -> Bool {
        withEnvironment(["JOURNAL_STREAM": named]) {
          JournalLogHandler(label: "kaizend", descriptor: stream.fileDescriptor).isJournal
        }
      }
      #expect(isJournal("\(status.st_dev):\(status.st_ino)"))
      #expect(!isJournal("\(status.st_dev):\(status.st_ino &+ 1)"))
      #expect(!isJournal(nil))
    }

    @Test func `message ids are 128 bits and differ`() {
      let ids = EventKind.allCases.map(\.messageID)
      #expect(Set(ids).count == ids.count)
      #expect(ids.allSatisfy { $0.count == 32 && $0.allSatisfy { "0123456789abcdef".contains($0) } })
    }

    @Test func `the catalog explains every kind and nothing else`() throws {
      let catalog = try unitText("kaizend.catalog")
      let ids = catalog.split(separator: "\n").filter { $0.hasPrefix("-- ") }.map { String($0.dropFirst(3)) }
      #expect(ids == EventKind.allCases.map(\.messageID))
      #expect(catalog.components(separatedBy: "\nSubject: ").count == ids.count + 1)
    }
  }
}
