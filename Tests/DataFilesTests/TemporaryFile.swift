import Glibc

/// A file in the temporary folder, removed with this value.
final class TemporaryFile {
  let path: String

  init(_ bytes: some Collection<UInt8>, suffix: String = ".csv") throws {
    var template = Array("/tmp/kaizend-test-XXXXXX\(suffix)".utf8CString)
    let descriptor = mkstemps(&template, Int32(suffix.utf8.count))
    guard descriptor >= 0 else { throw Failure(code: errno) }
    path = template.withUnsafeBufferPointer { buffer in buffer.baseAddress.map { String(cString: $0) } ?? "" }
    defer { close(descriptor) }
    let content = Array(bytes)
    guard write(descriptor, content, content.count) == content.count else { throw Failure(code: errno) }
  }

  convenience init(_ text: String, suffix: String = ".csv") throws {
    try self.init(Array(text.utf8), suffix: suffix)
  }

  deinit { unlink(path) }

  struct Failure: Error {
    let code: Int32
  }
}

/// SplitMix64, so that every run tries the same bytes.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
