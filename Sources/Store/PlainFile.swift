import Crypto
import Engine
import Glibc

/// Files that are no open database: copied, hashed and brought onto the disk.
enum PlainFile {
  /// Read and written at once.
  private static let pieceByteCount = 1 << 20

  /// SHA-256 of a file, lower-case hex, and its size.
  /// - Parameter each: called after each piece with the bytes so far.
  static func hash(
    _ path: String, each: (Int) throws(StorageFailure) -> Void = { _ in }
  ) throws(StorageFailure) -> BackupContent {
    try read(path) { (_) throws(StorageFailure) in
    } each: { (count) throws(StorageFailure) in
      try each(count)
    }
  }

  /// Copies a file and sees it onto the disk; what was read is what is hashed.
  /// - Throws: also where `target` is there already; half a copy stays for the caller to remove.
  static func copy(
    _ path: String, to target: String, each: (Int) throws(StorageFailure) -> Void = { _ in }
  ) throws(StorageFailure) -> BackupContent {
    let descriptor = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, StoreFile.fileMode)
    guard descriptor >= 0 else { throw failure("\(target) could not be made") }
    defer { close(descriptor) }
    let content = try read(path) { (bytes) throws(StorageFailure) in
      guard write(bytes, to: descriptor) else { throw failure("\(target) could not be written") }
    } each: { (count) throws(StorageFailure) in
      try each(count)
    }
    guard fsync(descriptor) == 0 else { throw failure("\(target) could not be brought onto the disk") }
    return content
  }

  /// Writes a small file whole or not at all.
  ///
  /// - Parameter owner: gives the new file to whom it shall belong, before it has its name.
  static func replace(
    _ path: String, with bytes: [UInt8], owner: (String) throws(StorageFailure) -> Void = { _ in }
  ) throws(StorageFailure) {
    let new = path + ".new"
    unlink(new)
    let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, StoreFile.fileMode)
    guard descriptor >= 0 else { throw failure("\(new) could not be made") }
    defer { close(descriptor) }
    try owner(new)
    let isWritten = bytes.withUnsafeBytes { write($0, to: descriptor) }
    guard isWritten, fsync(descriptor) == 0, rename(new, path) == 0 else {
      throw failure("\(path) could not be written")
    }
    try synchronize(folder: directory(of: path))
  }

  /// Makes what happened to a folder's names outlive a power cut.
  static func synchronize(folder: String) throws(StorageFailure) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("\(folder) could not be opened") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("\(folder) could not be brought onto the disk") }
  }

  /// Part of a file; shorter at its end.
  static func piece(of path: String, offset: Int, count: Int) throws(StorageFailure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw failure("\(path) could not be opened") }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let result = bytes.withUnsafeMutableBytes { room in
        pread(descriptor, room.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
      }
      if result < 0, errno == EINTR { continue }
      guard result >= 0 else { throw failure("\(path) could not be read") }
      guard result > 0 else { break }
      done += result
    }
    return Array(bytes.prefix(done))
  }

  /// Names in a folder, sorted; empty for one that is not there.
  static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func isThere(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// Removes a file, or a folder with all that is in it; what is not there is no error.
  static func remove(_ path: String) {
    if isFolder(path) {
      for name in names(in: path) { remove(path + "/" + name) }
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  static func failure(_ what: String) -> StorageFailure {
    let code = errno
    let next =
      code == ENOSPC || code == EDQUOT
      ? "its disk is full: free space there (\"df -h\")"
      : "check with \"ls -l\" who may read and write there, and with \"dmesg\" that the disk is sound"
    return StorageFailure("\(what): \(String(cString: strerror(code))); \(next)", mayPass: true)
  }

  // MARK: - Steps

  private static func read(
    _ path: String, into sink: (UnsafeRawBufferPointer) throws(StorageFailure) -> Void,
    each: (Int) throws(StorageFailure) -> Void
  ) throws(StorageFailure) -> BackupContent {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw failure("\(path) could not be opened") }
    defer {
      // Read once: what serving reads shall stay in memory instead.
      posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
      close(descriptor)
    }
    var hash = SHA256()
    var total = 0
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceByteCount, alignment: 16)
    defer { piece.deallocate() }
    while true {
      let count = Glibc.read(descriptor, piece.baseAddress, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("\(path) could not be read") }
      guard count > 0 else { break }
      let part = UnsafeRawBufferPointer(rebasing: piece[..<count])
      hash.update(bufferPointer: part)
      try sink(part)
      total += count
      try each(total)
    }
    return BackupContent(byteCount: total, sha256: hexText(hash.finalize()))
  }

  /// - Returns: false, with errno set, where not all of it could be written.
  private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }
}

/// What a file holds, as a manifest tells it.
struct BackupContent: Equatable {
  let byteCount: Int
  /// Lower-case hex.
  let sha256: String
}
