import Domain
import Foundation
import Glibc
import Wire

/// What a person sees while parts stream: a line a week, and one when a group gets another student.
struct ProgressLog {
  private let isQuiet: Bool
  private var partsSeen = 0
  private var daysSeen = 0
  private var versions: [Route: Int] = [:]

  private struct Route: Hashable {
    let line: Int
    let cell: Cell
  }

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  mutating func show(day: Int64, _ result: StreamResult, lines: [LineRow]) {
    guard !isQuiet else { return }
    let date = "\(Timestamp(microseconds: day * Timestamp.microsecondsPerDay))".prefix(10)
    for part in result.parts[partsSeen...] {
      let row = lines[part.line]
      let route = Route(line: part.line, cell: part.cell)
      let previous = versions.updateValue(part.servedVersion, forKey: route) ?? row.champion
      if previous != part.servedVersion {
        let cell = zip(row.attributes, part.cell.values).map { "\($0)=\($1)" }.joined(separator: ",")
        say("\(date)  \(row.line) \(cell) is now served by version \(part.servedVersion)")
      }
    }
    partsSeen = result.parts.count
    daysSeen += 1
    if daysSeen % 7 == 0 {
      say("\(date)  \(result.parts.count) parts, \(result.outcomesSent) outcomes")
    }
  }

  private func say(_ sentence: String) {
    // What was printed before must stand before it, also where both go into one file.
    fflush(nil)
    FileHandle.standardError.write(Data((sentence + "\n").utf8))
  }
}
