/// The two texts that metrics are written as.
public enum MetricsFormat: String, Sendable, CaseIterable {
  /// OpenMetrics 1.0, what a scraper asks for.
  case openMetrics = "openmetrics"
  /// Prometheus' text format 0.0.4, which node_exporter's textfile collector reads: it refuses the type `info`, and
  /// wants the type of a counter under the name with `_total`.
  case prometheus

  init(_ query: String?) throws(WireFault) {
    guard let query else {
      self = .openMetrics
      return
    }
    guard let format = MetricsFormat(rawValue: query) else {
      throw .badMessage("\"format\" is openmetrics or prometheus")
    }
    self = format
  }

  var query: String? { self == .openMetrics ? nil : rawValue }

  public var contentType: String {
    switch self {
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
    }
  }
}

/// Numbers of one name, told apart by their labels.
public struct MetricFamily: Sendable, Equatable {
  public enum Kind: String, Sendable {
    case gauge, counter, histogram, info
  }

  /// Base units alone; each stands at the end of its family's name.
  public enum Unit: String, Sendable {
    case bytes, ratio, seconds
  }

  public struct Label: Sendable, Equatable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public struct Point: Sendable, Equatable {
    public let labels: [Label]
    public let value: Double

    public init(_ labels: [Label], _ value: Double) {
      self.labels = labels
      self.value = value
    }

    public init(_ value: Double) { self.init([], value) }
  }

  public struct Histogram: Sendable, Equatable {
    public let labels: [Label]
    /// Upper ends, ascending, with how many lie at or below each; the last stands for all and has no end.
    public let buckets: [(upTo: Double, count: Int)]
    public let count: Int
    public let sum: Double

    public init(_ labels: [Label], buckets: [(upTo: Double, count: Int)], count: Int, sum: Double) {
      self.labels = labels
      self.buckets = buckets
      self.count = count
      self.sum = sum
    }

    public static func == (left: Histogram, right: Histogram) -> Bool {
      left.labels == right.labels && left.count == right.count && left.sum == right.sum
        && left.buckets.elementsEqual(right.buckets, by: ==)
    }
  }

  /// Without unit and without `_total`.
  public let stem: String
  public let kind: Kind
  public let unit: Unit?
  public let help: String
  public let points: [Point]
  public let histograms: [Histogram]

  public init(_ stem: String, _ kind: Kind, unit: Unit? = nil, help: String, _ points: [Point]) {
    self.init(stem, kind, unit: unit, help: help, points: points, histograms: [])
  }

  public init(_ stem: String, unit: Unit?, help: String, histograms: [Histogram]) {
    self.init(stem, .histogram, unit: unit, help: help, points: [], histograms: histograms)
  }

  private init(
    _ stem: String, _ kind: Kind, unit: Unit?, help: String, points: [Point], histograms: [Histogram]
  ) {
    self.stem = stem
    self.kind = kind
    self.unit = unit
    self.help = help
    self.points = points
    self.histograms = histograms
  }

  public var name: String { unit.map { "\(stem)_\($0.rawValue)" } ?? stem }
  var isEmpty: Bool { points.isEmpty && histograms.isEmpty }
}
