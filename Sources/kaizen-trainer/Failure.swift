import ArgumentParser
import DataFiles
import Glibc
import GroupDistil
import Teacher

/// A sentence for standard error and the exit code that goes with it (sysexits.h).
struct Failure: Error {
  enum Code: Int32 {
    case usage = 64
    case data = 65
    case noInput = 66
    case unavailable = 69
    case software = 70
    /// The memory it may take is used up.
    case memory = 71
    case cannotCreate = 73
    case inputOutput = 74
    case stopped = 75
  }

  let code: Code
  let sentence: String

  init(_ code: Code, _ sentence: String) {
    self.code = code
    self.sentence = sentence
  }

  init(_ fault: DataFault) {
    self.init(fault.kind == .unreadable ? .noInput : .data, fault.sentence)
  }

  init(_ error: TeacherError) {
    switch error.kind {
    case .library: self.init(.unavailable, error.sentence)
    case .file: self.init(.noInput, error.sentence)
    case .model, .run: self.init(.data, error.sentence)
    }
  }

  init(_ error: DistilError) {
    switch error {
    case .stoppedEarly: self.init(.stopped, error.description)
    case .invalidRows, .invalidParameters, .noTeacherLogits, .diverged: self.init(.data, error.description)
    }
  }

  /// Runs a command's work; a failure is one sentence on standard error and its code.
  static func reporting(_ work: () throws(Failure) -> Void) throws {
    do throws(Failure) {
      try work()
    } catch {
      writeAll(Array("kaizen-trainer: \(error.sentence)\n".utf8), to: STDERR_FILENO)
      throw ExitCode(error.code.rawValue)
    }
  }
}

/// Writes all bytes; what cannot be written is lost, for nobody listens.
@discardableResult
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
  var offset = 0
  while offset < bytes.count {
    let written = bytes[offset...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if written > 0 {
      offset += written
    } else if errno != EINTR {
      return false
    }
  }
  return true
}
