import Glibc
import Systemd
import Testing

extension ProcessStateTests {
  @Suite struct ServiceTests {
    @Test func `each notification is one datagram systemd understands`() throws {
      let socket = try NotifySocket()
      withEnvironment(["NOTIFY_SOCKET": socket.path]) {
        let notifier = Notifier()
        #expect(notifier.extendTimeout(by: .milliseconds(1500)))
        #expect(notifier.ready())
        #expect(notifier.status("5 lines, 41 groups; retrain idle"))
        #expect(notifier.watchdog())
        #expect(notifier.stopping())
      }
      #expect(
        socket.received() == [
          "EXTEND_TIMEOUT_USEC=1500000", "READY=1", "STATUS=5 lines, 41 groups; retrain idle", "WATCHDOG=1",
          "STOPPING=1",
        ])
    }

    @Test func `reloading carries the monotonic time it began at`() throws {
      let socket = try NotifySocket()
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      let before = now.tv_sec * 1_000_000
      withEnvironment(["NOTIFY_SOCKET": socket.path]) { _ = Notifier().reloading() }
      let text = try #require(socket.received().first)
      #expect(text.hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
      let microseconds = try #require(Int(text.split(separator: "=").last ?? ""))
      #expect(microseconds >= before && microseconds < before + 60_000_000)
    }

    @Test func `names from requests cannot add fields or overflow the status line`() throws {
      let socket = try NotifySocket()
      withEnvironment(["NOTIFY_SOCKET": socket.path]) {
        Notifier().status("worst A\nSTOPPING=1\u{7}\u{85}")
        Notifier().status(String(repeating: "é", count: 5000))
      }
      let texts = socket.received()
      #expect(texts.first == "STATUS=worst A STOPPING=1  ")
      #expect(texts.last == "STATUS=" + String(repeating: "é", count: 512))
    }

    @Test func `absurd extensions stay within what systemd reads`() throws {
      let socket = try NotifySocket()
      withEnvironment(["NOTIFY_SOCKET": socket.path]) {
        Notifier().extendTimeout(by: .seconds(Int64.max))
        Notifier().extendTimeout(by: .seconds(-5))
      }
      #expect(socket.received() == ["EXTEND_TIMEOUT_USEC=\(Int64.max / 2)", "EXTEND_TIMEOUT_USEC=0"])
    }

    @Test func `outside systemd nothing is sent, and a dead socket is survived`() {
      withEnvironment(["NOTIFY_SOCKET": nil]) { #expect(!Notifier().ready()) }
      withEnvironment(["NOTIFY_SOCKET": "/tmp/kaizend-no-such-socket"]) { #expect(!Notifier().ready()) }
      withEnvironment(["NOTIFY_SOCKET": "nonsense"]) { #expect(!Notifier().watchdog()) }
    }

    @Test func `the watchdog interval is the unit's, for this process alone`() {
      withEnvironment(["WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "\(getpid())"]) {
        #expect(watchdogInterval() == .seconds(10))
      }
      withEnvironment(["WATCHDOG_USEC": "10000000", "WATCHDOG_PID": nil]) {
        #expect(watchdogInterval() == .seconds(10))
      }
      withEnvironment(["WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "1"]) { #expect(watchdogInterval() == nil) }
      withEnvironment(["WATCHDOG_USEC": nil, "WATCHDOG_PID": nil]) { #expect(watchdogInterval() == nil) }
      withEnvironment(["WATCHDOG_USEC": "soon", "WATCHDOG_PID": nil]) { #expect(watchdogInterval() == nil) }
    }

    @Test func `inherited sockets come by name, and not to another process`() {
      // Whatever the test runner has open at 3 and 4 stands in for the sockets; only their numbers are asked.
      while fcntl(3, F_GETFD) == -1 || fcntl(4, F_GETFD) == -1 { _ = open("/dev/null", O_RDONLY) }
      let two = ["LISTEN_FDS": "2", "LISTEN_FDNAMES": "infer:control"]
      withEnvironment(two.merging(["LISTEN_PID": "\(getpid())"]) { $1 }) {
        #expect(inheritedSockets() == ["infer": 3, "control": 4])
        #expect(inheritedSockets() == ["infer": 3, "control": 4], "asking twice changes nothing")
      }
      withEnvironment(two.merging(["LISTEN_PID": "1"]) { $1 }) { #expect(inheritedSockets() == [:]) }
      withEnvironment(["LISTEN_FDS": nil, "LISTEN_PID": nil, "LISTEN_FDNAMES": nil]) {
        #expect(inheritedSockets() == [:])
      }
      withEnvironment(["LISTEN_FDS": "many", "LISTEN_PID": "\(getpid())"]) { #expect(inheritedSockets() == [:]) }
    }
  }
}
