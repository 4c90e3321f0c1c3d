import Domain
import Engine

/// One labelled part as a search for slices reads it.
public struct SlicePart: Sendable, Equatable {
  public let row: Int64
  public let cell: Cell
  public let version: ModelVersion
  public let isWrong: Bool
  /// nil where they were not asked for or are not kept any more.
  public let inputs: [Float]?
}

/// Reads a line's labelled parts beside the daemon that writes; each call sees one moment.
public final class SliceReader {
  private let database: Database
  private let names: StoredNames

  /// Labelled rows looked at by one call, so that it ends where few of them are wanted.
  public static let scannedMax = 1_000_000

  public enum Next {
    case more
    case stop
  }

  /// - Throws: `OpenFailure`, for a file that is not there too.
  public init(
    path: String, magic: @escaping (String) -> UInt32? = FileSystem.magic(of:)
  ) throws(OpenFailure) {
    database = try Opening(schema: ledgerSchema, magic: magic).openReadOnly(path: path)
    names = StoredNames(database)
  }

  /// The line's last row; 0 for a line without rows.
  public func lastRow(of line: LineID) throws(StorageFailure) -> Int64 {
    guard let number = try names.number(of: line) else { return 0 }
    return try database.number("SELECT max(id) FROM prediction INDEXED BY prediction_line WHERE line = \(number)")
  }

  /// Parts with an outcome that were answered no later than `watermark`, the newest first.
  ///
  /// - Parameters:
  ///   - inputs: so many of each part's first measurements are read.
  ///   - wants: whether a student's part of a cell is one of those asked for.
  ///   - limit: of parts given.
  public func newest(
    of line: LineID, watermark: Timestamp, inputs: Int, limit: Int,
    wants: (Cell, ModelVersion) -> Bool, each: (SlicePart) -> Void
  ) throws(StorageFailure) {
    var given = 0
    try scan(of: line, "p.id > ?2 ORDER BY p.id DESC", after: 0, watermark: watermark, inputs: inputs, wants: wants) {
      guard given < limit else { return .stop }
      given += 1
      each($0)
      return given < limit ? .more : .stop
    }
  }

  /// Such parts after a row, the oldest first.
  public func later(
    of line: LineID, after row: Int64, watermark: Timestamp, inputs: Int,
    wants: (Cell, ModelVersion) -> Bool, each: (SlicePart) -> Next
  ) throws(StorageFailure) {
    try scan(
      of: line, "p.id > ?2 ORDER BY p.id", after: row, watermark: watermark, inputs: inputs, wants: wants, each: each)
  }

  // MARK: - Steps

  private func scan(
    of line: LineID, _ order: String, after row: Int64, watermark: Timestamp, inputs: Int,
    wants: (Cell, ModelVersion) -> Bool, each: (SlicePart) -> Next
  ) throws(StorageFailure) {
    try database.snapshot { () throws(StorageFailure) in
      guard let number = try names.number(of: line) else { return }
      let select = try database.prepare(
        """
        SELECT p.id, p.cell, p.version, p.predicted_class, o.label, p.time
        FROM prediction AS p INDEXED BY prediction_line JOIN outcome AS o ON o.prediction = p.id
        WHERE p.line = ?1 AND \(order) LIMIT ?3
        """)
      let features = try database.prepare("SELECT substr(features, 1, ?2) FROM input WHERE prediction = ?1")
      select.bind(1, number)
      select.bind(2, row)
      select.bind(3, Self.scannedMax)
      try select.forEach { (row) throws(StorageFailure) in
        guard !row.isNull(4), row.int64(5) <= watermark.microseconds else { return .more }
        let (cell, version) = (try names.cell(row.int64(1)), try row.version(2))
        guard wants(cell, version) else { return .more }
        var values: [Float]?
        if inputs > 0 {
          features.bind(1, row.int64(0))
          features.bind(2, inputs * MemoryLayout<Float>.size)
          values = try features.first { (found) throws(StorageFailure) in try found.floats(0) }
        }
        let part = SlicePart(
          row: row.int64(0), cell: cell, version: version, isWrong: try row.int(3) != row.int(4), inputs: values)
        return each(part) == .more ? .more : .stop
      }
    }
  }
}
