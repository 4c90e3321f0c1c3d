/// `GET /v2/health/live` and `/v2/health/ready`: both keys in both answers, because the protocol's text says `live` and
/// KServe's client reads `ready`. Not ready is 503.
public struct HealthReply: Sendable, Equatable {
  public var live: Bool
  public var ready: Bool

  public init(live: Bool, ready: Bool) {
    self.live = live
    self.ready = ready
  }

  public func response(asking call: HealthQuestion) -> WireResponse {
    let isGood = call == .live ? live : ready
    let body = JSONValue.object(["live": .flag(live), "ready": .flag(ready)]).bytes
    return WireResponse(status: isGood ? 200 : 503, body: body)
  }
}

public enum HealthQuestion: Sendable { case live, ready }

/// `GET /v2`.
public struct ServerMetadata: Sendable, Equatable {
  public var name: String
  public var version: String
  public var extensions: [String]

  /// What this server speaks besides the protocol's core.
  public static let spokenExtensions = ["binary_tensor_data", "model_repository", "statistics", "kaizen_outcomes"]

  public init(name: String, version: String, extensions: [String] = ServerMetadata.spokenExtensions) {
    self.name = name
    self.version = version
    self.extensions = extensions
  }

  public var response: WireResponse {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("name")
      writer.text(name)
      writer.key("version")
      writer.text(version)
      writer.key("extensions")
      writer.texts(extensions)
    }
    return WireResponse(body: writer.bytes)
  }
}

/// What a tensor of a model looks like; -1 for a free dimension.
public struct TensorMetadata: Sendable, Equatable {
  public var name: String
  public var datatype: TensorDatatype
  public var shape: [Int]

  public init(name: String, datatype: TensorDatatype, shape: [Int]) {
    self.name = name
    self.datatype = datatype
    self.shape = shape
  }
}

/// `GET /v2/models/LINE`.
public struct ModelMetadata: Sendable, Equatable {
  public var name: String
  public var versions: [String]
  public var platform: String
  public var inputs: [TensorMetadata]
  public var outputs: [TensorMetadata]

  public init(
    name: String, versions: [String], platform: String, inputs: [TensorMetadata], outputs: [TensorMetadata]
  ) {
    self.name = name
    self.versions = versions
    self.platform = platform
    self.inputs = inputs
    self.outputs = outputs
  }

  public var response: WireResponse {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("name")
      writer.text(name)
      writer.key("versions")
      writer.texts(versions)
      writer.key("platform")
      writer.text(platform)
      writer.key("inputs")
      Self.write(inputs, to: &writer)
      writer.key("outputs")
      Self.write(outputs, to: &writer)
    }
    return WireResponse(body: writer.bytes)
  }

  private static func write(_ tensors: [TensorMetadata], to writer: inout JSONWriter) {
    writer.array { writer in
      for tensor in tensors {
        writer.object { writer in
          writer.key("name")
          writer.text(tensor.name)
          writer.key("datatype")
          writer.text(tensor.datatype.rawValue)
          writer.key("shape")
          writer.array { for dimension in tensor.shape { $0.integer(dimension) } }
        }
      }
    }
  }
}

/// `GET /v2/models/LINE[/versions/V]/ready`: 200, or 503 when the student cannot answer yet.
public struct ModelReadyReply: Sendable, Equatable {
  public var name: String
  public var ready: Bool

  public init(name: String, ready: Bool) {
    self.name = name
    self.ready = ready
  }

  public var response: WireResponse {
    let body = JSONValue.object(["name": .text(name), "ready": .flag(ready)]).bytes
    return WireResponse(status: ready ? 200 : 503, body: body)
  }
}

/// One row of `POST /v2/repository/index` (triton-inference-server/server, extension_model_repository.md).
public struct RepositoryEntry: Sendable, Equatable {
  public var name: String
  public var version: String
  public var isReady: Bool
  /// Why it is not ready; empty when it is.
  public var reason: String

  public init(name: String, version: String, isReady: Bool, reason: String = "") {
    self.name = name
    self.version = version
    self.isReady = isReady
    self.reason = reason
  }

  /// In Triton's words.
  public var state: String { isReady ? "READY" : "UNAVAILABLE" }

  public static func response(_ entries: [RepositoryEntry]) -> WireResponse {
    let rows = entries.map { entry in
      JSONValue.object([
        "name": .text(entry.name), "version": .text(entry.version), "reason": .text(entry.reason),
        "state": .text(entry.state),
      ])
    }
    return WireResponse(body: JSONValue.array(rows).bytes)
  }
}

extension JSONWriter {
  mutating func texts(_ values: [String]) {
    array { for value in values { $0.text(value) } }
  }
}
