import Domain

extension StudentShape {
  /// The shape in words and numbers, for reports.
  public var figures: StudentFigures {
    StudentFigures(
      layers: hiddenLayers.map(\.description).joined(separator: ","), parameters: parameterCount,
      megaflops: Double(2 * multiplyAddCount) / 1e6)
  }
}
