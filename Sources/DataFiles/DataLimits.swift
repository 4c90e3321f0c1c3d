/// Bounds on a data file, so that no file can exhaust the machine.
public struct DataLimits: Sendable, Equatable {
  /// Bytes of one record, quotes included: 8,192 long numbers fit, an unclosed quote does not swallow the file.
  public var recordBytesMax = 1 << 20
  /// Columns: a student's input is at most a few thousand wide.
  public var columnsMax = 8192
  /// Bytes after decompression: a gzip bomb ends here; years of parts of one line fit.
  public var decompressedBytesMax = 8 << 30
  /// Numbers kept in memory (features and teacher logits of all rows), 4 bytes each: 800 MB.
  public var valuesMax = 200_000_000
  /// Classes: more distinct labels than this are a measured value or a serial number, not classes.
  public var classesMax = 100
  /// Distinct cells: more than this are serial numbers or dates, not products and shifts.
  public var cellsMax = 1000
  /// Labelled rows: with fewer, no fold holds enough parts to say anything.
  public var labelledRowsMin = 30

  public init() {}

  /// Bytes read and inflated at a time.
  static let chunkBytes = 1 << 16
  /// Rows looked at to tell columns of numbers from columns of text.
  static let sampleRows = 100
}
