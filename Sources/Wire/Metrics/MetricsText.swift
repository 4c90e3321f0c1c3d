/// Metric families as text; families without a number are left out.
///
/// - Source: OpenMetrics 1.0 (RFC draft, sections "ABNF" and "Metric types"), Prometheus exposition formats 0.0.4.
public func metricsText(_ families: [MetricFamily], format: MetricsFormat) -> String {
  var text = ""
  for family in families where !family.isEmpty {
    let declared = format == .openMetrics ? family.name : family.name + sampleSuffix(family.kind)
    text += "# TYPE \(declared) \(typeWord(family.kind, format))\n"
    if format == .openMetrics, let unit = family.unit { text += "# UNIT \(declared) \(unit.rawValue)\n" }
    text += "# HELP \(declared) \(escapedHelp(family.help, format))\n"
    for point in family.points {
      text += "\(family.name)\(sampleSuffix(family.kind))\(labelText(point.labels)) \(numberText(point.value))\n"
    }
    for histogram in family.histograms { text += histogramText(histogram, family.name) }
  }
  return format == .openMetrics ? text + "# EOF\n" : text
}

private func histogramText(_ histogram: MetricFamily.Histogram, _ name: String) -> String {
  var text = ""
  for bucket in histogram.buckets {
    let labels = histogram.labels + [MetricFamily.Label("le", numberText(bucket.upTo))]
    text += "\(name)_bucket\(labelText(labels)) \(bucket.count)\n"
  }
  let all = histogram.labels + [MetricFamily.Label("le", "+Inf")]
  text += "\(name)_bucket\(labelText(all)) \(histogram.count)\n"
  text += "\(name)_count\(labelText(histogram.labels)) \(histogram.count)\n"
  return text + "\(name)_sum\(labelText(histogram.labels)) \(numberText(histogram.sum))\n"
}

private func sampleSuffix(_ kind: MetricFamily.Kind) -> String {
  switch kind {
  case .counter: "_total"
  case .info: "_info"
  case .gauge, .histogram: ""
  }
}

private func typeWord(_ kind: MetricFamily.Kind, _ format: MetricsFormat) -> String {
  kind == .info && format == .prometheus ? MetricFamily.Kind.gauge.rawValue : kind.rawValue
}

private func labelText(_ labels: [MetricFamily.Label]) -> String {
  guard !labels.isEmpty else { return "" }
  return "{" + labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
}

/// Backslash, quote and line feed: all that either text gives a meaning inside quotes.
private func escaped(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
    case "\"": result.append(contentsOf: "\\\"".unicodeScalars)
    case "\n": result.append(contentsOf: "\\n".unicodeScalars)
    default: result.append(scalar)
    }
  }
  return String(result)
}

/// Quotes in help texts are escaped in OpenMetrics, and stand as they are in the older text.
private func escapedHelp(_ text: String, _ format: MetricsFormat) -> String {
  guard format == .prometheus else { return escaped(text) }
  return escaped(text).split(separator: "\\\"", omittingEmptySubsequences: false).joined(separator: "\"")
}

/// Whole numbers without a fraction, so that counts look like counts.
private func numberText(_ value: Double) -> String {
  guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
  if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
  return String(value)
}
