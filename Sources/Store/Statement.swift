import CSQLite
import Engine

/// A prepared statement: bound from 1, stepped, read from 0, reset by itself after each use.
///
/// Binding never throws: the first error is kept and thrown by the step that follows, so that calls stay one line each.
final class Statement {
  private let handle: OpaquePointer
  private let database: Database
  private var bindCode = SQLITE_OK

  init(_ sql: String, on database: Database) throws(StorageFailure) {
    var prepared: OpaquePointer?
    let code = sqlite3_prepare_v3(database.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK else { throw database.failure(code) }
    guard let prepared else { preconditionFailure("an empty statement was prepared: \"\(sql)\"") }
    handle = prepared
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  // MARK: - Binding

  /// Tells SQLite to copy: the bytes are only lent to it for the call.
  private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  func bind(_ index: Int32, _ value: Int64) { note(sqlite3_bind_int64(handle, index, value)) }
  func bind(_ index: Int32, _ value: Int) { bind(index, Int64(value)) }
  func bind(_ index: Int32, _ value: Double) { note(sqlite3_bind_double(handle, index, value)) }

  func bind(_ index: Int32, _ value: Double?) {
    if let value { bind(index, value) } else { note(sqlite3_bind_null(handle, index)) }
  }

  func bind(_ index: Int32, _ value: Int64?) {
    if let value { bind(index, value) } else { note(sqlite3_bind_null(handle, index)) }
  }

  func bind(_ index: Int32, _ text: String) {
    var text = text
    let code = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        // An empty buffer may have no address, and SQLite would take that for NULL.
        guard let start = characters.baseAddress else { return sqlite3_bind_text(handle, index, "", 0, nil) }
        return sqlite3_bind_text64(
          handle, index, start, UInt64(characters.count), Self.copied, UInt8(SQLITE_UTF8))
      }
    }
    note(code)
  }

  func bind(_ index: Int32, _ text: String?) {
    if let text { bind(index, text) } else { note(sqlite3_bind_null(handle, index)) }
  }

  func bind(_ index: Int32, _ bytes: [UInt8]) {
    bytes.withUnsafeBytes { bind(index, $0) }
  }

  /// float32, little-endian.
  func bind(_ index: Int32, _ values: [Float]) {
    #if _endian(little)
      values.withUnsafeBytes { bind(index, $0) }
    #else
      values.map(\.bitPattern.littleEndian).withUnsafeBytes { bind(index, $0) }
    #endif
  }

  private func bind(_ index: Int32, _ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return note(sqlite3_bind_zeroblob(handle, index, 0)) }
    note(sqlite3_bind_blob64(handle, index, start, UInt64(bytes.count), Self.copied))
  }

  private func note(_ code: Int32) {
    if bindCode == SQLITE_OK { bindCode = code }
  }

  // MARK: - Running

  /// Runs a statement that gives no rows.
  func run() throws(StorageFailure) {
    defer { reset() }
    while try step() {}
  }

  /// Reads the first row, if there is one.
  func first<Value>(_ read: (Statement) throws(StorageFailure) -> Value) throws(StorageFailure) -> Value? {
    defer { reset() }
    guard try step() else { return nil }
    return try read(self)
  }

  enum Next {
    case more
    case stop
  }

  /// Calls `read` for each row until it says `.stop`.
  func forEach(_ read: (Statement) throws(StorageFailure) -> Next) throws(StorageFailure) {
    defer { reset() }
    while try step() {
      guard try read(self) == .more else { return }
    }
  }

  func all<Value>(_ read: (Statement) throws(StorageFailure) -> Value) throws(StorageFailure) -> [Value] {
    var values: [Value] = []
    try forEach { (row) throws(StorageFailure) in
      values.append(try read(row))
      return .more
    }
    return values
  }

  private func step() throws(StorageFailure) -> Bool {
    guard bindCode == SQLITE_OK else { throw database.failure(bindCode) }
    let code = sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw database.failure(code)
    }
  }

  private func reset() {
    sqlite3_reset(handle)
    // A value forgotten in the next call then is NULL and refused, not the last call's.
    sqlite3_clear_bindings(handle)
    bindCode = SQLITE_OK
  }

  // MARK: - Reading the current row

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
  func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
  func double(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }

  /// Bytes that are no UTF-8 are repaired, never a trap.
  func text(_ column: Int32) -> String { String(decoding: raw(column), as: UTF8.self) }
  func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }
  func bytes(_ column: Int32) -> [UInt8] { Array(raw(column)) }

  /// The integer as an `Int` within `range`.
  /// - Throws: `StorageFailure` naming the column for a value outside: the row is damaged.
  func int(
    _ column: Int32, in range: ClosedRange<Int> = 0...Int.max
  ) throws(StorageFailure) -> Int {
    let value = int64(column)
    guard let value = Int(exactly: value), range.contains(value) else {
      throw database.damaged("\(columnName(column)) is \(value)")
    }
    return value
  }

  func optionalInt(_ column: Int32) throws(StorageFailure) -> Int? {
    isNull(column) ? nil : try int(column)
  }

  /// float32, little-endian.
  /// - Throws: `StorageFailure` when the bytes are no whole number of floats.
  func floats(_ column: Int32) throws(StorageFailure) -> [Float] {
    let bytes = raw(column)
    let (count, rest) = bytes.count.quotientAndRemainder(dividingBy: MemoryLayout<Float>.size)
    guard rest == 0 else { throw database.damaged("\(columnName(column)) has \(bytes.count) bytes") }
    return [Float](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
      #if !_endian(little)
        for index in 0..<count { buffer[index] = Float(bitPattern: UInt32(littleEndian: buffer[index].bitPattern)) }
      #endif
      initializedCount = count
    }
  }

  func damaged(_ what: String) -> StorageFailure { database.damaged(what) }

  func columnName(_ column: Int32) -> String {
    sqlite3_column_name(handle, column).map { String(cString: $0) } ?? "column \(column)"
  }

  /// Text or blob of the current row; gone at the next step.
  private func raw(_ column: Int32) -> UnsafeRawBufferPointer {
    // The pointer first, its length after it: the other way round a conversion could move the bytes.
    let start = sqlite3_column_blob(handle, column)
    return UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(handle, column)))
  }
}
