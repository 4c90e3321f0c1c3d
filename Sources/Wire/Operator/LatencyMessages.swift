/// `GET /v1/latency`: how long the stages of infer requests take, since the daemon started.
public struct LatencyReply: Codable, Sendable, Equatable {
  public var schema = 1
  /// RFC 3339.
  public var since: String
  public var stages: [StageRow]

  public init(since: String, stages: [StageRow]) {
    self.since = since
    self.stages = stages
  }
}

/// One stage; microseconds. Quantiles are absent before the first request.
public struct StageRow: Codable, Sendable, Equatable {
  public var stage: LatencyStage
  public var count: Int
  public var p50Us: Double?
  public var p99Us: Double?
  public var p999Us: Double?
  public var maxUs: Double?
  public var meanUs: Double?
  /// Buckets that hold something: their upper end, and how many requests ended in them.
  public var buckets: [StageBucket]

  public init(_ stage: LatencyStage, _ histogram: LatencyHistogram) {
    func microseconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1000 }
    self.stage = stage
    count = Int(histogram.count)
    p50Us = histogram.quantile(0.5).map(microseconds)
    p99Us = histogram.quantile(0.99).map(microseconds)
    p999Us = histogram.quantile(0.999).map(microseconds)
    maxUs = count > 0 ? microseconds(histogram.maxNanoseconds) : nil
    meanUs = count > 0 ? microseconds(histogram.sumNanoseconds) / Double(count) : nil
    buckets = histogram.filled.map { StageBucket(upToUs: microseconds($0.upperNanoseconds), count: Int($0.count)) }
  }
}

public struct StageBucket: Codable, Sendable, Equatable {
  public var upToUs: Double
  public var count: Int

  public init(upToUs: Double, count: Int) {
    self.upToUs = upToUs
    self.count = count
  }
}
