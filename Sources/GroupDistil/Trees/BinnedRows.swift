/// Rows whose features are cut into bins of about equal rows: what a tree may split at.
struct BinnedRows {
  let rowCount: Int
  /// [rowCount, featureCount].
  let inputs: [Float]
  /// Per feature, ascending: bin b holds values above `cuts[b - 1]` and at most `cuts[b]`, the last one the rest.
  let cuts: [[Float]]
  /// [featureCount, rowCount].
  let bins: [UInt16]

  /// - Parameters:
  ///   - inputs: [rowCount, featureCount], finite.
  ///   - binCount: 2...255.
  init(inputs: [Float], rowCount: Int, featureCount: Int, binCount: Int) {
    var cuts: [[Float]] = []
    cuts.reserveCapacity(featureCount)
    var bins = [UInt16](repeating: 0, count: inputs.count)
    var column = [Float](repeating: 0, count: rowCount)
    for feature in 0..<featureCount {
      for row in 0..<rowCount { column[row] = inputs[row * featureCount + feature] }
      let own = Self.cuts(sorted: column.sorted(), binCount: binCount)
      for row in 0..<rowCount { bins[feature * rowCount + row] = Self.bin(of: column[row], cuts: own.span) }
      cuts.append(own)
    }
    self.rowCount = rowCount
    self.inputs = inputs
    self.cuts = cuts
    self.bins = bins
  }

  /// Between all values where they are few, else between those at equal shares of the rows.
  private static func cuts(sorted: [Float], binCount: Int) -> [Float] {
    var distinct: [Float] = []
    for value in sorted where distinct.last != value {
      distinct.append(value)
      if distinct.count > binCount { break }
    }
    if distinct.count <= binCount { return zip(distinct, distinct.dropFirst()).map { between($0, $1) } }
    var cuts: [Float] = []
    for bin in 1..<binCount {
      var position = bin * sorted.count / binCount
      // Equal values belong into one bin: the cut moves up to where they end.
      while position > 0, position < sorted.count, sorted[position] == sorted[position - 1] { position += 1 }
      guard position > 0, position < sorted.count else { continue }
      let cut = between(sorted[position - 1], sorted[position])
      if cuts.last.map({ cut > $0 }) ?? true { cuts.append(cut) }
    }
    return cuts
  }

  /// A number at least `low` and below `high`, in the middle where there is one.
  static func between(_ low: Float, _ high: Float) -> Float {
    let middle = low / 2 + high / 2
    return middle >= low && middle < high ? middle : low
  }

  /// The number of cuts below `value`.
  private static func bin(of value: Float, cuts: Span<Float>) -> UInt16 {
    var (low, high) = (0, cuts.count)
    while low < high {
      let middle = (low + high) / 2
      if cuts[middle] < value { low = middle + 1 } else { high = middle }
    }
    return UInt16(low)
  }
}
