import Glibc

/// A zip file (PKWARE APPNOTE 6.3) read in any order: its table of contents, checked before anything is read from it.
///
/// Only what NumPy writes: one disk, no encryption, entries stored or deflated, below 4 GiB each.
final class ZipFile {
  let path: String
  /// In the order of the table of contents; no name twice, no two overlapping.
  let entries: [ZipEntry]
  private let descriptor: Int32

  /// More arrays than any data set of parts has.
  static let entriesMax = 1024
  private static let endRecordBytes = 22
  private static let commentBytesMax = 65_535
  private static let localHeaderBytes = 30
  private static let entryHeaderBytes = 46
  /// Names are short; a table of contents larger than this describes no set of arrays.
  private static let contentsBytesMax = 1 << 20

  static func isZip(_ start: [UInt8]) -> Bool {
    start.starts(with: [0x50, 0x4B, 0x03, 0x04]) || start.starts(with: [0x50, 0x4B, 0x05, 0x06])
  }

  /// - Throws: `DataFault` when the file cannot be read or its table of contents is not a zip file's.
  init(path: String) throws(DataFault) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw ByteSource.unreadable(path, errno) }
    do throws(DataFault) {
      let size = Int(lseek(descriptor, 0, SEEK_END))
      let tail = try Self.bytes(
        descriptor, path, at: max(0, size - Self.endRecordBytes - Self.commentBytesMax), to: size)
      let contents = try Self.locateContents(in: tail, fileSize: size, path: path)
      let table = try Self.bytes(descriptor, path, at: contents.offset, to: contents.offset + contents.size)
      let found = try Self.parse(table, count: contents.count, path: path)
      try Self.checkPlaces(found, contentsOffset: contents.offset, path: path)
      entries = found
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// Bytes `start..<end` of the file.
  /// - Throws: `DataFault` when the file is shorter.
  func bytes(at start: Int, to end: Int) throws(DataFault) -> [UInt8] {
    try Self.bytes(descriptor, path, at: start, to: end)
  }

  /// Where the entry's own bytes start: behind its second header, whose name and extra field may differ in length.
  func dataOffset(of entry: ZipEntry) throws(DataFault) -> Int {
    let header = LittleEndian(
      try bytes(at: entry.headerOffset, to: entry.headerOffset + Self.localHeaderBytes))
    guard header.uint32(0) == 0x0403_4B50 else { throw Self.damaged(path) }
    return entry.headerOffset + Self.localHeaderBytes + header.uint16(26) + header.uint16(28)
  }

  static func damaged(_ path: String) -> DataFault {
    DataFault("\(path) is damaged: its zip table of contents makes no sense; write it again with np.savez")
  }

  private static func bytes(_ descriptor: Int32, _ path: String, at start: Int, to end: Int)
    throws(DataFault) -> [UInt8]
  {
    guard start >= 0, end >= start else { throw damaged(path) }
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: end - start) { buffer, count in
      count = 0
      while count < buffer.count {
        let result = pread(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count, start + count)
        if result < 0 && errno == EINTR { continue }
        if result < 0 { failure = errno }
        guard result > 0 else { return }
        count += result
      }
    }
    guard failure == 0 else { throw ByteSource.unreadable(path, failure) }
    guard bytes.count == end - start else {
      throw DataFault("\(path) is cut off: it ends before the data its table of contents names; copy the file again")
    }
    return bytes
  }

  private static func locateContents(in tail: [UInt8], fileSize: Int, path: String)
    throws(DataFault) -> (offset: Int, size: Int, count: Int)
  {
    let reader = LittleEndian(tail)
    var position = tail.count - endRecordBytes
    while position >= 0, reader.uint32(position) != 0x0605_4B50 { position -= 1 }
    guard position >= 0 else {
      throw DataFault("\(path) is cut off: the end of the zip file is missing; copy the file again")
    }
    let end = fileSize - tail.count + position
    let count = reader.uint16(position + 10)
    let size = reader.uint32(position + 12)
    let offset = reader.uint32(position + 16)
    guard count != 0xFFFF, size != 0xFFFF_FFFF, offset != 0xFFFF_FFFF else { throw tooLarge(path) }
    guard count <= entriesMax, size <= contentsBytesMax else {
      throw DataFault("\(path) holds more than \(entriesMax) arrays; save only those that are needed")
    }
    guard reader.uint16(position + 4) == 0, reader.uint16(position + 8) == count, offset + size <= end else {
      throw damaged(path)
    }
    return (offset, size, count)
  }

  private static func tooLarge(_ path: String) -> DataFault {
    DataFault("\(path) is larger than the 4 GiB of a plain zip file; save fewer parts in one file")
  }

  private static func parse(_ table: [UInt8], count: Int, path: String) throws(DataFault) -> [ZipEntry] {
    let reader = LittleEndian(table)
    var entries: [ZipEntry] = []
    var names: Set<String> = []
    var position = 0
    for _ in 0..<count {
      guard position + entryHeaderBytes <= table.count, reader.uint32(position) == 0x0201_4B50 else {
        throw damaged(path)
      }
      let nameEnd = position + entryHeaderBytes + reader.uint16(position + 28)
      let next = nameEnd + reader.uint16(position + 30) + reader.uint16(position + 32)
      guard next <= table.count else { throw damaged(path) }
      let name = String(decoding: table[(position + entryHeaderBytes)..<nameEnd], as: UTF8.self)
      guard names.insert(name).inserted else {
        throw DataFault("\(path) holds \"\(name.prefix(60))\" twice; write it again with np.savez")
      }
      let entry = ZipEntry(
        name: name, flags: reader.uint16(position + 8), method: reader.uint16(position + 10),
        checksum: UInt32(reader.uint32(position + 16)), compressedSize: reader.uint32(position + 20),
        size: reader.uint32(position + 24), headerOffset: reader.uint32(position + 42))
      guard entry.compressedSize != 0xFFFF_FFFF, entry.size != 0xFFFF_FFFF, entry.headerOffset != 0xFFFF_FFFF else {
        throw tooLarge(path)
      }
      entries.append(entry)
      position = next
    }
    return entries
  }

  /// Entries that share bytes are how small files claim to be huge ones.
  private static func checkPlaces(_ entries: [ZipEntry], contentsOffset: Int, path: String) throws(DataFault) {
    let ordered = entries.sorted { $0.headerOffset < $1.headerOffset }
    for (index, entry) in ordered.enumerated() {
      let next = index + 1 < ordered.count ? ordered[index + 1].headerOffset : contentsOffset
      let least = localHeaderBytes + entry.name.utf8.count + entry.compressedSize
      guard entry.headerOffset + least <= next else {
        throw DataFault("\(path) is not what NumPy writes: two of its arrays share the same bytes; save it again")
      }
    }
  }
}

/// One line of a zip file's table of contents.
struct ZipEntry: Equatable {
  let name: String
  let flags: Int
  let method: Int
  let checksum: UInt32
  let compressedSize: Int
  let size: Int
  let headerOffset: Int

  static let stored = 0
  static let deflated = 8
  /// Flag bit 0.
  var isEncrypted: Bool { flags & 1 != 0 }
}

/// Numbers at offsets within `bytes`, which the caller has checked.
struct LittleEndian {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func uint16(_ offset: Int) -> Int { Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 }

  func uint32(_ offset: Int) -> Int { uint16(offset) | uint16(offset + 2) << 16 }
}
