import Foundation
import Glibc
import PlantSimulation
import Wire

/// `kaizen-plant loop`, the program beside this one, run to its end.
struct LoopChild {
  let arguments: [String]

  /// - Throws: `BenchFailure` with what it said.
  func record() throws -> PlantRecord {
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: try MeasuredDaemon.programBeside("kaizen-plant"))
    process.arguments = ["loop"] + arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // It says a sentence at most before it ends, which no pipe is too small for.
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    // Not waitUntilExit: off the main thread it takes a whole core until the program has ended.
    while process.isRunning { usleep(2000) }
    guard process.terminationStatus == 0 else {
      throw BenchFailure(
        "'kaizen-plant loop \(arguments.joined(separator: " "))' ended with \(process.terminationStatus):"
          + " \(String(decoding: said, as: UTF8.self))")
    }
    do {
      return try OperatorCoding.message(PlantRecord.self, from: [UInt8](printed))
    } catch {
      throw BenchFailure("what 'kaizen-plant loop' printed cannot be read: \(error)")
    }
  }
}
