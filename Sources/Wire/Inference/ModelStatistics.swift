/// One version's row of `GET /v2/models[/LINE[/versions/V]]/stats` (triton-inference-server/server,
/// extension_statistics.md), since the daemon started.
public struct ModelStatistics: Sendable, Equatable {
  /// How often something was done and how long it took in all.
  public struct Duration: Sendable, Equatable {
    public var count: Int64
    public var nanoseconds: Int64

    public init(count: Int64 = 0, nanoseconds: Int64 = 0) {
      self.count = count
      self.nanoseconds = nanoseconds
    }

    public mutating func add(_ duration: Int64) {
      count += 1
      nanoseconds += duration
    }

    fileprivate var json: JSONValue { .object(["count": .integer(count), "ns": .integer(nanoseconds)]) }
  }

  public var name: String
  public var version: String
  /// Milliseconds since 1970; 0 before the first.
  public var lastInference: Int64 = 0
  /// Parts.
  public var inferenceCount: Int64 = 0
  /// Requests.
  public var executionCount: Int64 = 0
  /// From the request to its answer.
  public var success = Duration()
  public var fail = Duration()
  /// Waiting for the ledger's transaction, which the answer stands for.
  public var queue = Duration()
  /// Reading the request.
  public var computeInput = Duration()
  /// The student's work.
  public var computeInfer = Duration()
  /// Writing the answer.
  public var computeOutput = Duration()

  public init(name: String, version: String) {
    self.name = name
    self.version = version
  }

  public static func response(_ rows: [ModelStatistics]) -> WireResponse {
    WireResponse(body: JSONValue.object(["model_stats": .array(rows.map(\.json))]).bytes)
  }

  private var json: JSONValue {
    .object([
      "name": .text(name), "version": .text(version), "last_inference": .integer(lastInference),
      "inference_count": .integer(inferenceCount), "execution_count": .integer(executionCount),
      "inference_stats": .object([
        "success": success.json, "fail": fail.json, "queue": queue.json, "compute_input": computeInput.json,
        "compute_infer": computeInfer.json, "compute_output": computeOutput.json,
        // No answer comes from a cache here; Triton's tools read both.
        "cache_hit": Duration().json, "cache_miss": Duration().json,
      ]), "batch_stats": .array([]),
    ])
  }
}
