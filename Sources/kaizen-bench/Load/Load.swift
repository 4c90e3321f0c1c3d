import CBench
import Glibc

/// A stretch of requests, each connection with one under way.
struct Load {
  enum Speech { case http, grpc }

  let socket: String
  var speech = Speech.http
  let requests: RequestSet
  var connections = 1
  /// Ends at whichever comes first.
  var seconds: Double
  var requestsMax = Int.max
  var placement = Placement.anywhere
  /// The first request's number in all runs of this schedule; nil where this is the only one.
  var oldestID: UInt64?
  /// Ids in no order instead of a counter's.
  var scattersIDs = false
  /// Of one connection, however long answers take; nil: each as soon as the last was answered.
  var requestsPerSecond: Double?

  /// - Parameter nextID: the first request's number, and afterwards the first that was not used.
  func run(nextID: inout UInt64) throws -> LoadOutcome {
    var outcome = LoadOutcome(kindCount: requests.kinds.count)
    var result = kb_load_result()
    let failure = socket.withCString { path in
      requests.schedule.withUnsafeBufferPointer { schedule in
        var load = kb_load()
        load.socket_path = path
        load.protocol = Int32(speech == .grpc ? KB_GRPC : KB_HTTP)
        load.kinds = UnsafePointer(requests.kindsInC)
        load.schedule = schedule.baseAddress
        load.schedule_count = Int64(schedule.count)
        load.id_digits = Int32(RequestSet.idDigits)
        load.first_id = nextID
        load.oldest_id = oldestID ?? nextID
        load.connections = Int32(connections)
        load.seconds = seconds
        load.requests_max = UInt64(requestsMax)
        load.core = placement.coreInC
        load.real_time = placement.isRealTime ? 1 : 0
        load.scatters_ids = scattersIDs ? 1 : 0
        load.pace_nanoseconds = requestsPerSecond.map { UInt64(1e9 / $0) } ?? 0
        return outcome.histogram.counts.withUnsafeMutableBufferPointer { histogram in
          outcome.answeredOfKind.withUnsafeMutableBufferPointer { kinds in
            kb_run_load(&load, &result, histogram.baseAddress, kinds.baseAddress)
          }
        }
      }
    }
    nextID = result.next_id
    guard failure == 0 else {
      throw BenchFailure("\(socket): \(String(cString: strerror(failure))) after \(result.answered) answers")
    }
    outcome.take(result)
    return outcome
  }
}

/// What came back.
struct LoadOutcome {
  var histogram = Histogram()
  /// As expected.
  var answered = 0
  var answeredOfKind: [UInt64]
  /// Another status than expected.
  var refused = 0
  var firstRefusal: Int?
  /// Another body than expected.
  var wrong = 0
  /// Requests whose connection broke before their answer.
  var broken = 0
  var firstError: String?
  var seconds = 0.0
  var wasRealTime = false

  init(kindCount: Int) { answeredOfKind = [UInt64](repeating: 0, count: kindCount) }

  mutating func take(_ result: kb_load_result) {
    answered = Int(result.answered)
    refused = Int(result.refused)
    firstRefusal = result.first_refusal == 0 ? nil : Int(result.first_refusal)
    wrong = Int(result.wrong)
    broken = Int(result.broken)
    firstError = result.first_error == 0 ? nil : String(cString: strerror(result.first_error))
    seconds = result.seconds
    wasRealTime = result.was_real_time != 0
  }

  var requestsPerSecond: Double { seconds > 0 ? Double(answered) / seconds : 0 }

  /// nil when every answer was as it had to be.
  var complaint: String? {
    guard refused + wrong + broken > 0 else { return nil }
    var parts: [String] = []
    if refused > 0 { parts.append("\(refused) refused (first with status \(firstRefusal ?? 0))") }
    if wrong > 0 { parts.append("\(wrong) with a wrong answer") }
    if broken > 0 { parts.append("\(broken) connections broken (first: \(firstError ?? "no reason"))") }
    return parts.joined(separator: ", ")
  }
}
