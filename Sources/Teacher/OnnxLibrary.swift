import Glibc

/// ONNX Runtime's C interface, opened at run time so that nothing needs it at build time.
///
/// The interface is a table of function pointers that only ever grows at its end, asked for by version
/// (onnxruntime_c_api.h, `OrtApi`); version 14 came with release 1.14 and every later release still answers to it.
struct OnnxLibrary {
  typealias Status = OpaquePointer?

  /// Where the functions used here stand in the table.
  enum Slot: Int {
    case getErrorMessage = 2
    case createEnv = 3
    case createSession = 7
    case run = 9
    case createSessionOptions = 10
    case setIntraOpNumThreads = 24
    case setInterOpNumThreads = 25
    case sessionGetInputCount = 30
    case sessionGetOutputCount = 31
    case sessionGetInputTypeInfo = 33
    case sessionGetOutputTypeInfo = 34
    case sessionGetInputName = 36
    case sessionGetOutputName = 37
    case createTensorWithData = 49
    case getTensorMutableData = 51
    case castTypeInfoToTensorInfo = 55
    case getTensorElementType = 60
    case getDimensionsCount = 61
    case getDimensions = 62
    case getTensorTypeAndShape = 65
    case createCpuMemoryInfo = 69
    case allocatorFree = 76
    case getAllocatorWithDefaultOptions = 78
    case releaseEnv = 92
    case releaseStatus = 93
    case releaseMemoryInfo = 94
    case releaseSession = 95
    case releaseValue = 96
    case releaseTypeInfo = 98
    case releaseTensorTypeAndShapeInfo = 99
    case releaseSessionOptions = 100
  }

  static let version: UInt32 = 14
  /// Names the library where it lies outside the standard folders.
  static let environmentName = "KAIZEN_ONNXRUNTIME"
  static let howToInstall =
    "install it (Debian 13: apt install libonnxruntime-dev; elsewhere: pip download onnxruntime, unzip the wheel and"
    + " set \(environmentName) to its libonnxruntime.so.*) or use --teacher train"

  private let table: UnsafePointer<UnsafeRawPointer?>

  /// Opens the library; it stays loaded until the process ends, because its threads may outlive a session.
  /// - Parameter path: the library's file; nil: `KAIZEN_ONNXRUNTIME`, then the standard folders.
  init(path: String?) throws(TeacherError) {
    let environment = getenv(Self.environmentName).map { String(cString: $0) } ?? ""
    let named = path ?? (environment.isEmpty ? nil : environment)
    guard let handle = Self.open(named) else {
      let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
      throw TeacherError(
        .library,
        named.map { "ONNX Runtime could not be opened at \($0) (\(reason)); \(Self.howToInstall)" }
          ?? "ONNX Runtime (libonnxruntime.so) is not on this machine; \(Self.howToInstall)")
    }
    typealias GetBase = @convention(c) () -> UnsafePointer<UnsafeRawPointer?>?
    typealias GetApi = @convention(c) (UInt32) -> UnsafePointer<UnsafeRawPointer?>?
    guard let symbol = dlsym(handle, "OrtGetApiBase"), let base = unsafeBitCast(symbol, to: GetBase.self)(),
      let getApi = base[0]
    else {
      throw TeacherError(
        .library, "\(named ?? "libonnxruntime.so") is not ONNX Runtime (it lacks OrtGetApiBase); \(Self.howToInstall)")
    }
    guard let table = unsafeBitCast(getApi, to: GetApi.self)(Self.version) else {
      throw TeacherError(
        .library, "\(named ?? "libonnxruntime.so") is older than release 1.\(Self.version); \(Self.howToInstall)")
    }
    self.table = table
  }

  private static func open(_ named: String?) -> UnsafeMutableRawPointer? {
    if let named { return dlopen(named, RTLD_NOW | RTLD_LOCAL) }
    let names = ["libonnxruntime.so.1", "libonnxruntime.so"]
    let folders = ["", "/usr/local/lib/", "/usr/lib/", "/opt/onnxruntime/lib/"]
    for folder in folders {
      for name in names {
        if let handle = dlopen(folder + name, RTLD_NOW | RTLD_LOCAL) { return handle }
      }
    }
    return nil
  }

  func function<Signature>(_ slot: Slot, _ signature: Signature.Type = Signature.self) -> Signature {
    guard let entry = table[slot.rawValue] else { preconditionFailure("ONNX Runtime's table lacks \(slot)") }
    return unsafeBitCast(entry, to: signature)
  }

  /// Turns a status into an error and gives it back to the library.
  func check(_ status: Status, _ kind: TeacherError.Kind, _ what: String) throws(TeacherError) {
    guard let status else { return }
    typealias Message = @convention(c) (OpaquePointer) -> UnsafePointer<CChar>?
    let message: Message = function(.getErrorMessage)
    let text = message(status).map { String(cString: $0) } ?? "no reason given"
    release(status, .releaseStatus)
    // The library's messages may span lines and repeat its source files; the first lines say what is wrong.
    let short = String(text.prefix(300).map { $0.isNewline ? " " : $0 })
    throw TeacherError(kind, "\(what): \(short)")
  }

  func release(_ pointer: OpaquePointer, _ slot: Slot) {
    typealias Release = @convention(c) (OpaquePointer) -> Void
    let release: Release = function(slot)
    release(pointer)
  }
}

/// An object of the library, given back when this value goes.
final class OnnxObject {
  let pointer: OpaquePointer
  private let library: OnnxLibrary
  private let slot: OnnxLibrary.Slot

  /// - Parameter make: fills the pointer and returns a status.
  init(
    _ library: OnnxLibrary, release slot: OnnxLibrary.Slot, _ kind: TeacherError.Kind, _ what: String,
    make: (UnsafeMutablePointer<OpaquePointer?>) -> OnnxLibrary.Status
  ) throws(TeacherError) {
    var made: OpaquePointer?
    try library.check(make(&made), kind, what)
    guard let made else { throw TeacherError(kind, "\(what): ONNX Runtime gave nothing back") }
    pointer = made
    self.library = library
    self.slot = slot
  }

  deinit { library.release(pointer, slot) }
}
