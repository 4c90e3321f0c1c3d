/// Everything that is answered with something other than 2xx: a status and one sentence.
public enum WireFault: Error, Sendable, Equatable {
  // 400
  case malformedJSON(offset: Int, reason: String)
  case malformedHTTP(String)
  case badTarget(String)
  /// JSON, but not the message this path takes.
  case badMessage(String)
  /// Wrong shape, datatype or element count.
  case badTensor(name: String, reason: String)
  case missingInput(String)
  /// NaN, an infinity, or a number too large for the tensor's datatype; `index` counts row-major.
  case nonFinite(name: String, index: Int)
  // 403
  case forbidden(String)
  // 404
  case unknownPath(String)
  case unknownLine(String)
  case unknownVersion(line: String, version: String)
  case unknownRun(Int)
  case unknownGroup(line: String, group: String)
  case unknownBackup(String)
  // 405
  case methodNotAllowed(method: String, allow: String)
  // 408
  case requestTimeout(seconds: Int)
  // 409
  case idConflict(String)
  /// What is asked for goes against what is there: a line that exists already, a job that already runs.
  case refused(String)
  // 413, 415, 431
  case bodyTooLarge(limit: Int)
  case unsupportedMedia(String)
  case headersTooLarge(limit: Int)
  // 500
  case internalFailure(String)
  // 503
  case queueFull(retryAfterSeconds: Int)
  case tooManyConnections(limit: Int)
  case notReady(String)
  // 504
  case deadlinePassed(milliseconds: Int)

  public var status: Int {
    switch self {
    case .malformedJSON, .malformedHTTP, .badTarget, .badMessage, .badTensor, .missingInput, .nonFinite: 400
    case .forbidden: 403
    case .unknownPath, .unknownLine, .unknownVersion, .unknownRun, .unknownGroup, .unknownBackup: 404
    case .methodNotAllowed: 405
    case .requestTimeout: 408
    case .idConflict, .refused: 409
    case .bodyTooLarge: 413
    case .unsupportedMedia: 415
    case .headersTooLarge: 431
    case .internalFailure: 500
    case .queueFull, .tooManyConnections, .notReady: 503
    case .deadlinePassed: 504
    }
  }

  public var sentence: String {
    switch self {
    case .malformedJSON(let offset, let reason): "the body is not valid JSON at byte \(offset): \(reason)"
    case .malformedHTTP(let reason): "this is not HTTP/1.1: \(reason)"
    case .badTarget(let sentence), .badMessage(let sentence), .missingInput(let sentence), .forbidden(let sentence),
      .refused(let sentence), .unsupportedMedia(let sentence), .internalFailure(let sentence),
      .notReady(let sentence):
      sentence
    case .badTensor(let name, let reason): "tensor \"\(name)\": \(reason)"
    case .nonFinite(let name, let index):
      "tensor \"\(name)\" holds no finite number of its datatype at element \(index); leave the part out or repair it"
    case .unknownPath(let path): "there is nothing at \(path)"
    case .unknownLine(let line): "no line is called \"\(line)\"; kaizenctl lines shows those there are"
    case .unknownVersion(let line, let version):
      "line \(line) has no model version \"\(version)\" in service; kaizenctl models \(line) shows those there are"
    case .unknownRun(let run): "there is no run \(run); kaizenctl runs lists those there are"
    case .unknownGroup(let line, let group):
      "line \(line) has no group \"\(group)\"; kaizenctl groups \(line) shows those seen so far"
    case .unknownBackup(let stamp):
      "there is no backup \"\(stamp)\" with such a file; kaizenctl backup --list shows those there are"
    case .methodNotAllowed(let method, let allow): "\(method) does not work here; this path takes \(allow)"
    case .requestTimeout(let seconds): "the request was not complete after \(seconds) s"
    case .idConflict(let id):
      "id \"\(id)\" was answered before with another input; every part needs an id of its own"
    case .bodyTooLarge(let limit): "the body is larger than \(limit) bytes; send fewer parts in one request"
    case .headersTooLarge(let limit): "the request's header is larger than \(limit) bytes"
    case .queueFull(let seconds): "more requests are waiting than can be served in time; try again in \(seconds) s"
    case .tooManyConnections(let limit):
      "all \(limit) connections of this socket are taken; close some or keep one open instead of many"
    case .deadlinePassed(let milliseconds): "no answer within the request's deadline of \(milliseconds) ms"
    }
  }

  /// The answer that says it.
  public var response: WireResponse {
    var headers = WireHeaders()
    switch self {
    case .methodNotAllowed(_, let allow): headers.append("Allow", allow)
    case .queueFull(let seconds): headers.append("Retry-After", String(seconds))
    case .tooManyConnections: headers.append("Retry-After", "1")
    default: break
    }
    var writer = JSONWriter()
    writer.object {
      $0.key("error"); $0.text(sentence)
    }
    return WireResponse(status: status, headers: headers, body: writer.bytes)
  }
}

extension WireFault: CustomStringConvertible {
  public var description: String { sentence }
}
