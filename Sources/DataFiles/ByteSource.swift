import Glibc

/// The bytes of a file, chunk by chunk, inflated where it is gzip (RFC 1952, several members allowed).
final class ByteSource {
  private let path: String
  private let descriptor: Int32
  private let limits: DataLimits
  private var inflater: Inflater?
  private var pending: [UInt8]
  private var isAtEnd = false
  private var deliveredBytes = 0

  /// - Throws: `DataFault` when the file is missing, unreadable, not a regular file, or not what its name says.
  init(path: String, limits: DataLimits) throws(DataFault) {
    self.path = path
    self.limits = limits
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    pending = []
    guard descriptor >= 0 else { throw Self.unreadable(path, errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.unreadable(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw DataFault.unreadable("\(path) is not a file but a folder or a device; name a .csv, .jsonl or .npz file")
    }
    pending = try readChunk()
    if pending.starts(with: [0x1F, 0x8B]) {
      inflater = try Inflater(.gzip)
    } else if path.hasSuffix(".gz") {
      throw DataFault("\(path) is not gzip although its name ends in .gz; compress it with gzip or rename it to .csv")
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// The first few bytes, which tell one kind of file from another; empty when they cannot be read.
  static func start(of path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    return [UInt8](unsafeUninitializedCapacity: NpyHeader.magic.count) { buffer, count in
      count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
    }
  }

  /// The next bytes, empty at the end of the file.
  func next() throws(DataFault) -> [UInt8] {
    let bytes = inflater == nil ? try plain() : try inflated()
    deliveredBytes += bytes.count
    guard deliveredBytes <= limits.decompressedBytesMax else {
      throw DataFault(
        "\(path) holds more than \(limits.decompressedBytesMax >> 20) MiB of text; cut it into files of fewer rows")
    }
    return bytes
  }

  private func plain() throws(DataFault) -> [UInt8] {
    let bytes = pending
    if !bytes.isEmpty { pending = try readChunk() }
    return bytes
  }

  private func inflated() throws(DataFault) -> [UInt8] {
    guard let inflater else { return [] }
    while true {
      if pending.isEmpty && !isAtEnd { pending = try readChunk() }
      if pending.isEmpty {
        guard inflater.isBetweenMembers else {
          throw DataFault("\(path) is cut off: the gzip data ends in the middle; copy the file again")
        }
        return []
      }
      let (output, consumed) = try inflater.inflate(pending, path: path)
      pending.removeFirst(consumed)
      if !output.isEmpty { return output }
    }
  }

  private func readChunk() throws(DataFault) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: DataLimits.chunkBytes) { buffer, count in
      var result = read(descriptor, buffer.baseAddress, buffer.count)
      while result < 0 && errno == EINTR { result = read(descriptor, buffer.baseAddress, buffer.count) }
      if result < 0 { failure = errno }
      count = max(0, result)
    }
    guard failure == 0 else { throw Self.unreadable(path, failure) }
    isAtEnd = bytes.isEmpty
    return bytes
  }

  static func unreadable(_ path: String, _ code: Int32) -> DataFault {
    switch code {
    case ENOENT, ENOTDIR: .unreadable("there is no file \(path); check the name and the folder")
    case EACCES, EPERM: .unreadable("\(path) may not be read by this user; change its permissions")
    default: .unreadable("\(path) could not be read: \(String(cString: strerror(code)))")
    }
  }
}
