import GRPCCore
import Wire

/// A fault as gRPC says it: the same sentence, and the status code that clients act upon.
extension WireFault {
  var code: Status.Code {
    switch self {
    case .malformedJSON, .malformedHTTP, .badTarget, .badMessage, .badTensor, .missingInput, .nonFinite,
      .unsupportedMedia:
      .invalidArgument
    case .forbidden: .permissionDenied
    case .unknownPath, .unknownLine, .unknownVersion, .unknownRun, .unknownGroup, .unknownBackup: .notFound
    case .methodNotAllowed: .unimplemented
    case .requestTimeout, .deadlinePassed: .deadlineExceeded
    // Not ABORTED: that asks for another try, which would end the same way.
    case .idConflict: .alreadyExists
    case .refused: .failedPrecondition
    case .bodyTooLarge, .headersTooLarge: .resourceExhausted
    case .internalFailure: .internalError
    case .queueFull, .tooManyConnections, .notReady: .unavailable
    }
  }

  /// When to try again; gRPC's retry design (proposal A6) has clients obey it.
  var pushbackMilliseconds: Int? {
    switch self {
    case .queueFull(let seconds): seconds * 1000
    case .tooManyConnections: 1000
    default: nil
    }
  }

  var error: RPCError {
    var metadata = Metadata()
    if let pushbackMilliseconds {
      metadata.addString(String(pushbackMilliseconds), forKey: Self.pushbackName)
    }
    return RPCError(
      code: RPCError.Code(code) ?? .unknown, message: sentence, metadata: metadata)
  }

  static let pushbackName = "grpc-retry-pushback-ms"
}
