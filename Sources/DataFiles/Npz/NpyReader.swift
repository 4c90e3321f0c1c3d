/// The values of one array, row by row in the file's order.
struct NpyReader {
  let name: String
  let header: NpyHeader
  private let source: ZipEntryReader
  private var buffer: [UInt8] = []
  private var offset = 0

  var rowCount: Int { header.shape.first ?? 1 }
  /// Values of one row.
  let rowValues: Int

  /// Reads the header.
  /// - Throws: `DataFault` when it is no array of numbers or texts, or holds more or fewer bytes than its sizes say.
  init(_ file: ZipFile, _ entry: ZipEntry) throws(DataFault) {
    name = arrayName(entry)
    source = try ZipEntryReader(file, entry)
    var reader = Prefix(source: source)
    guard try reader.take(6, of: name) == NpyHeader.magic else {
      throw DataFault(array: name, "it is not an .npy array; write the file with np.savez")
    }
    let version = try reader.take(2, of: name)
    guard (1...3).contains(version[0]) else {
      throw DataFault(array: name, "its format \(version[0]).\(version[1]) is not known; save it with NumPy 1 or 2")
    }
    let length = LittleEndian(try reader.take(version[0] == 1 ? 2 : 4, of: name) + [0, 0])
    let count = length.uint32(0)
    guard count <= NpyHeader.textBytesMax else {
      throw DataFault(array: name, "its header is not what NumPy writes; save it again with np.savez")
    }
    header = try NpyHeader(String(decoding: try reader.take(count, of: name), as: UTF8.self), array: name)
    buffer = reader.buffer
    offset = reader.offset
    let preamble = 8 + (version[0] == 1 ? 2 : 4) + count
    guard let dataBytes = header.dataBytes, dataBytes == entry.size - preamble else {
      throw DataFault(
        array: name,
        "its shape \(header.shape) does not fit its \(entry.size - preamble) bytes of data; save it again")
    }
    rowValues = header.shape.dropFirst().reduce(1, *)
  }

  /// Leaves out the next rows.
  mutating func skip(rows: Int) throws(DataFault) {
    var left = rows * rowValues * header.element.size
    while left > 0 {
      if offset == buffer.count { try refill() }
      let step = min(left, buffer.count - offset)
      offset += step
      left -= step
    }
  }

  /// Appends the next row as floats.
  /// - Throws: `DataFault` with the row for a value that is not finite as a 32-bit float.
  mutating func appendRow(_ row: Int, to values: inout [Float]) throws(DataFault) {
    let start = values.count
    let element = header.element
    let bytes = try take(rowValues * element.size)
    bytes.withUnsafeBytes { raw in
      for index in 0..<rowValues { values.append(Self.float(raw, index, element)) }
    }
    guard let wrong = values[start...].firstIndex(where: { !$0.isFinite }) else { return }
    throw DataFault(
      row: row, array: name,
      "value \(wrong - start + 1) of this row is \(values[wrong].isNaN ? "not a number" : "too large or infinite");"
        + " put a measured value there or drop the row")
  }

  /// The next row's single value as a text; whole numbers as their digits, booleans as 0 and 1.
  mutating func nextText(_ row: Int) throws(DataFault) -> String {
    let element = header.element
    let bytes = try take(element.size)
    switch element {
    case .bytes:
      let end = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? bytes.startIndex
      guard let text = String(validating: bytes[bytes.startIndex..<end], as: UTF8.self) else {
        throw DataFault(row: row, array: name, "this text is not UTF-8; save the array with .astype(str)")
      }
      return text
    case .text(let characters): return try Self.text(bytes, characters, row: row, array: name)
    case .float:
      let number = bytes.withUnsafeBytes { Self.float($0, 0, element) }
      guard let whole = Int(exactly: number) else {
        throw DataFault(
          row: row, array: name, "\(number) is not a whole number; labels and groups are texts or integers")
      }
      return "\(whole)"
    case .bool, .signed, .unsigned:
      return bytes.withUnsafeBytes { Self.integerText($0, element) }
    }
  }

  private static func text(_ bytes: ArraySlice<UInt8>, _ characters: Int, row: Int, array: String)
    throws(DataFault) -> String
  {
    var text = String.UnicodeScalarView()
    let codes = bytes.withUnsafeBytes { raw in
      (0..<characters).map { UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)) }
    }
    for code in codes[..<(codes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0)] {
      guard let scalar = Unicode.Scalar(code) else {
        throw DataFault(row: row, array: array, "this text holds a character that does not exist; save the array again")
      }
      text.append(scalar)
    }
    return String(text)
  }

  private static func integerText(_ raw: UnsafeRawBufferPointer, _ element: NpyHeader.Element) -> String {
    switch element {
    case .unsigned(1): "\(raw[0])"
    case .unsigned(2): "\(UInt16(littleEndian: raw.loadUnaligned(as: UInt16.self)))"
    case .unsigned(4): "\(UInt32(littleEndian: raw.loadUnaligned(as: UInt32.self)))"
    case .unsigned: "\(UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self)))"
    case .signed(1): "\(Int8(bitPattern: raw[0]))"
    case .signed(2): "\(Int16(littleEndian: raw.loadUnaligned(as: Int16.self)))"
    case .signed(4): "\(Int32(littleEndian: raw.loadUnaligned(as: Int32.self)))"
    case .signed: "\(Int64(littleEndian: raw.loadUnaligned(as: Int64.self)))"
    default: raw[0] == 0 ? "0" : "1"
    }
  }

  @inline(__always)
  private static func float(_ raw: UnsafeRawBufferPointer, _ index: Int, _ element: NpyHeader.Element) -> Float {
    func load<Word: FixedWidthInteger>(_ word: Word.Type) -> Word {
      Word(littleEndian: raw.loadUnaligned(fromByteOffset: index * MemoryLayout<Word>.size, as: word))
    }
    switch element {
    case .float(2): return Float(Float16(bitPattern: load(UInt16.self)))
    case .float(4): return Float(bitPattern: load(UInt32.self))
    case .float: return Float(Double(bitPattern: load(UInt64.self)))
    case .unsigned(1): return Float(raw[index])
    case .unsigned(2): return Float(load(UInt16.self))
    case .unsigned(4): return Float(load(UInt32.self))
    case .unsigned: return Float(load(UInt64.self))
    case .signed(1): return Float(Int8(bitPattern: raw[index]))
    case .signed(2): return Float(load(Int16.self))
    case .signed(4): return Float(load(Int32.self))
    case .signed: return Float(load(Int64.self))
    default: return raw[index] == 0 ? 0 : 1
    }
  }

  private mutating func take(_ count: Int) throws(DataFault) -> ArraySlice<UInt8> {
    while buffer.count - offset < count { try refill() }
    defer { offset += count }
    return buffer[offset..<offset + count]
  }

  /// Adds the next chunk, dropping what was taken; the entry's size was checked, so there is one while values are left.
  private mutating func refill() throws(DataFault) {
    let chunk = try source.next()
    guard !chunk.isEmpty else { throw DataFault(array: name, "it ends before its last row; copy the file again") }
    if offset == buffer.count {
      buffer = chunk
    } else {
      buffer.removeFirst(offset)
      buffer.append(contentsOf: chunk)
    }
    offset = 0
  }

  /// The start of an entry, for the header.
  private struct Prefix {
    let source: ZipEntryReader
    var buffer: [UInt8] = []
    var offset = 0

    mutating func take(_ count: Int, of array: String) throws(DataFault) -> [UInt8] {
      while buffer.count - offset < count {
        let chunk = try source.next()
        guard !chunk.isEmpty else {
          throw DataFault(array: array, "it is not an .npy array; write the file with np.savez")
        }
        buffer.append(contentsOf: chunk)
      }
      defer { offset += count }
      return Array(buffer[offset..<offset + count])
    }
  }
}
