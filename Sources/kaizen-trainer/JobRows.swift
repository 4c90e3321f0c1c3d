import Domain
import Engine
import FoundationEssentials

/// Labelled rows side by side.
struct RowBlock: Equatable {
  private(set) var parts: [String] = []
  private(set) var cells: [Cell] = []
  private(set) var labels: [Int] = []
  private(set) var times: [Timestamp] = []
  /// `[count, featureCount]`, row-major.
  private(set) var inputs: [Float] = []

  var count: Int { labels.count }

  init() {}

  init(_ rows: [LabelledRow]) {
    for row in rows {
      parts.append(row.part)
      cells.append(row.cell)
      labels.append(row.label)
      times.append(row.time)
      inputs += row.inputs
    }
  }

  fileprivate init?(_ columns: JobRows.Columns, cells known: [Cell], inputs: [Float]) {
    let counts = [columns.parts.count, columns.cells.count, columns.times.count]
    guard counts.allSatisfy({ $0 == columns.labels.count }), columns.cells.allSatisfy(known.indices.contains) else {
      return nil
    }
    parts = columns.parts
    cells = columns.cells.map { known[$0] }
    labels = columns.labels
    times = columns.times.map { Timestamp(microseconds: $0) }
    self.inputs = inputs
  }
}

/// What a job learns from, kept in its folder: outcomes and retention change the ledger while a job stands still, and a
/// job that goes on must find the rows it began with.
struct JobRows: Equatable {
  /// Oldest first.
  var labelled = RowBlock()
  /// Of cells that stay as they are.
  var replay = RowBlock()
  var unlabelledCells: [Cell] = []
  var unlabelledInputs: [Float] = []
  var remarks: [String] = []

  static let file = "rows.bin"

  fileprivate struct Columns: Codable {
    let parts: [String]
    let cells: [Int]
    let labels: [Int]
    /// Microseconds since 1970.
    let times: [Int64]

    init(_ block: RowBlock, _ indexes: [Cell: Int]) {
      parts = block.parts
      cells = block.cells.map { indexes[$0] ?? 0 }
      labels = block.labels
      times = block.times.map(\.microseconds)
    }
  }

  private struct Header: Codable {
    let featureCount: Int
    let cells: [Cell]
    let labelled: Columns
    let replay: Columns
    let unlabelled: [Int]
    let remarks: [String]
  }

  /// The length of a header in JSON, 8 bytes, least first; the header; then the inputs of labelled, replay and unlabelled
  /// rows as the machine holds them.
  func bytes(featureCount: Int) throws(Failure) -> [UInt8] {
    let cells = Set(labelled.cells + replay.cells + unlabelledCells).sorted()
    let indexes = Dictionary(uniqueKeysWithValues: zip(cells, cells.indices))
    let header = Header(
      featureCount: featureCount, cells: cells, labelled: Columns(labelled, indexes),
      replay: Columns(replay, indexes), unlabelled: unlabelledCells.map { indexes[$0] ?? 0 }, remarks: remarks)
    let text: Data
    do {
      text = try JSONEncoder().encode(header)
    } catch {
      throw Failure(.software, "the rows of the job cannot be written down: \(error)")
    }
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    bytes += text
    for inputs in [labelled.inputs, replay.inputs, unlabelledInputs] {
      inputs.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  init() {}

  /// Nil for bytes that are no rows of parts of this width.
  init?(bytes: [UInt8], featureCount: Int) {
    guard bytes.count >= 8 else { return nil }
    let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    guard length >= 0, length <= bytes.count - 8,
      let header = try? JSONDecoder().decode(Header.self, from: Data(bytes[8..<8 + length])),
      header.featureCount == featureCount, header.unlabelled.allSatisfy(header.cells.indices.contains)
    else { return nil }
    var offset = 8 + length
    func take(_ rowCount: Int) -> [Float]? {
      let size = rowCount * featureCount * MemoryLayout<Float>.size
      guard size <= bytes.count - offset else { return nil }
      defer { offset += size }
      return [Float](unsafeUninitializedCapacity: rowCount * featureCount) { buffer, count in
        bytes[offset..<offset + size].withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
        count = rowCount * featureCount
      }
    }
    guard let labelledInputs = take(header.labelled.labels.count), let replayInputs = take(header.replay.labels.count),
      let unlabelledInputs = take(header.unlabelled.count), offset == bytes.count,
      let labelled = RowBlock(header.labelled, cells: header.cells, inputs: labelledInputs),
      let replay = RowBlock(header.replay, cells: header.cells, inputs: replayInputs)
    else { return nil }
    self.labelled = labelled
    self.replay = replay
    self.unlabelledInputs = unlabelledInputs
    unlabelledCells = header.unlabelled.map { header.cells[$0] }
    remarks = header.remarks
  }
}
