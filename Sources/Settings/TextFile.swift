import Glibc

/// Why a file or directory could not be read.
enum ReadFailure: Error {
  case absent
  case problem(SettingsProblem)
}

/// A settings file is a few kilobytes; more is a mistake, and reading it would cost memory for nothing.
private let fileBytesMax = 1024 * 1024

/// Files of one directory: more than any plant has lines.
private let directoryFilesMax = 1024

/// The text of a regular file of at most 1 MiB in UTF-8.
func readText(_ path: String) throws(ReadFailure) -> String {
  // Without O_NONBLOCK a pipe put there by mistake would stop the daemon for ever.
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  if descriptor < 0 { throw failure(path, "cannot be opened", errno) }
  defer { close(descriptor) }
  var status = stat()
  if fstat(descriptor, &status) != 0 { throw failure(path, "cannot be examined", errno) }
  guard status.st_mode & S_IFMT == S_IFREG else { throw whole(path, "must be a regular file") }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 16 * 1024)
  while true {
    let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    if count < 0, errno == EINTR { continue }
    if count < 0 { throw failure(path, "cannot be read", errno) }
    if count == 0 { break }
    bytes.append(contentsOf: chunk[..<count])
    if bytes.count > fileBytesMax { throw whole(path, "must not be larger than \(fileBytesMax) bytes") }
  }
  if bytes.contains(0) { throw whole(path, "must be plain text, without zero bytes") }
  guard let text = String(validating: bytes, as: UTF8.self) else { throw whole(path, "must be text in UTF-8") }
  return text
}

/// Names in a directory that end in `.toml`, in the order of their bytes; none where the directory is absent.
func tomlFiles(in directory: String) throws(ReadFailure) -> [String] {
  guard let stream = opendir(directory) else {
    if errno == ENOENT { return [] }
    throw failure(directory, "cannot be listed", errno)
  }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    // Editors leave .name.swp and name~ behind.
    if name.hasPrefix(".") || !name.hasSuffix(".toml") { continue }
    names.append(name)
    if names.count > directoryFilesMax {
      throw whole(directory, "must not hold more than \(directoryFilesMax) files")
    }
  }
  return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

private func whole(_ path: String, _ rule: String) -> ReadFailure {
  .problem(SettingsProblem(file: path, rule: rule))
}

private func failure(_ path: String, _ what: String, _ code: Int32) -> ReadFailure {
  if code == ENOENT { return .absent }
  return whole(path, "\(what): \(String(cString: strerror(code)))")
}
