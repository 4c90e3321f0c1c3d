/// An IDX file (the format of the MNIST data): unsigned bytes of any shape, plain or gzip.
///
/// Two zero bytes, the type of the values (8: unsigned bytes, the only one read), the number of dimensions, each
/// dimension as four bytes with the highest first, then the values row-major.
public struct IdxFile: Sendable, Equatable {
  public let shape: [Int]
  /// As many as the shape holds.
  public let values: [UInt8]

  /// The 60,000 pictures of Fashion-MNIST are 47 million bytes.
  public static let valuesMaximum = 1 << 28
  /// Pictures in colour, and one more.
  public static let dimensionsMaximum = 5
  private static let unsignedBytes: UInt8 = 8

  /// - Throws: `DataFault` for a file that cannot be read, is no IDX file of bytes, or is not as long as it says.
  public init(path: String) throws(DataFault) {
    var limits = DataLimits()
    limits.decompressedBytesMax = Self.valuesMaximum + 4 * (1 + Self.dimensionsMaximum)
    let source = try ByteSource(path: path, limits: limits)
    var bytes: [UInt8] = []
    var header: (shape: [Int], size: Int)?
    while true {
      let chunk = try source.next()
      guard !chunk.isEmpty else { break }
      bytes += chunk
      if header == nil { header = try Self.header(bytes, path: path) }
      if let header, bytes.count > header.size + header.shape.reduce(1, *) { break }
    }
    guard let header else { throw DataFault("\(path) ends within its header; copy the file again") }
    let count = header.shape.reduce(1, *)
    guard bytes.count == header.size + count else {
      let surplus = bytes.count > header.size + count
      throw DataFault(
        "\(path) says that it holds \(count) values and \(surplus ? "goes on after them" : "ends before the last")"
          + "; copy the file again")
    }
    shape = header.shape
    values = Array(bytes[header.size...])
  }

  /// Nil while the header is not all there.
  private static func header(_ bytes: [UInt8], path: String) throws(DataFault) -> (shape: [Int], size: Int)? {
    guard bytes.count >= 4 else { return nil }
    guard bytes[0] == 0, bytes[1] == 0, (1...dimensionsMaximum).contains(Int(bytes[3])) else {
      throw DataFault("\(path) is no IDX file; its first bytes are others")
    }
    guard bytes[2] == unsignedBytes else {
      throw DataFault("\(path) holds values of type \(bytes[2]), and only unsigned bytes (8) are read")
    }
    let size = 4 + 4 * Int(bytes[3])
    guard bytes.count >= size else { return nil }
    var shape: [Int] = []
    var count = 1
    for start in stride(from: 4, to: size, by: 4) {
      let dimension = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard dimension > 0, !overflow, product <= valuesMaximum else {
        throw DataFault("\(path) claims a size of 0 or of more than \(valuesMaximum) values")
      }
      shape.append(dimension)
      count = product
    }
    return (shape, size)
  }
}
