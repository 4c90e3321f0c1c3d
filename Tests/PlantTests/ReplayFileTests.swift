import DataFiles
import Domain
import Foundation
import Testing
import PlantSimulation
import kaizen_plant

private func file(
  _ path: String, rows: ClosedRange<Int> = 1...Int.max, clock: ReplayClock = .dates(column: "g_date"),
  features: [String] = ["temp", "speed"]
) -> ReplayFile {
  ReplayFile(
    path: path, rows: rows, labelColumn: "label", attributes: ["g_mold"], features: features,
    classNames: ["pass", "fail"], clock: clock, idPrefix: "r-")
}

private let table = """
  seq,g_mold,g_date,label,speed,temp
  10,8412,2019-01-02,pass,1,100
  11,8573,2019-01-02,fail,2,200.5
  12,8412,2019-01-03,0,3,300
  13,8412,2019-01-02,1,4,400
  """

private func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
  let url = FileManager.default.temporaryDirectory.appending(path: "kaizen-plant-\(UUID().uuidString).csv")
  try Data(text.utf8).write(to: url)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(url.path)
}

@Test func `rows become parts in order of time with the line's own order of features`() throws {
  let parts = try withFile(table) { try file($0).parts() }
  #expect(parts.map(\.id) == ["r-10", "r-11", "r-13", "r-12"])
  #expect(parts.map(\.cell) == [Cell(["8412"]), Cell(["8573"]), Cell(["8412"]), Cell(["8412"])])
  #expect(parts[1].features == [200.5, 2])
  // Labels may be names or indexes of classes.
  #expect(parts.map(\.label) == [0, 1, 1, 0])
  // Three parts on 2 January, one on the 3rd: in the middle of thirds of a day, and at noon.
  #expect(
    parts.map { "\($0.time)" } == [
      "2019-01-02T04:00:00Z", "2019-01-02T12:00:00Z", "2019-01-02T20:00:00Z", "2019-01-03T12:00:00Z",
    ])
}

@Test func `only the rows asked for are read`() throws {
  let parts = try withFile(table) { try file($0, rows: 2...3).parts() }
  #expect(parts.map(\.id) == ["r-11", "r-12"])
}

@Test func `a file without times is replayed at a steady rate`() throws {
  let start = Timestamp(seconds: 1_736_121_600)
  let parts = try withFile(table) { try file($0, clock: .steady(partsPerDay: 2, start: start)).parts() }
  #expect(parts.map(\.id) == ["r-10", "r-11", "r-12", "r-13"])
  #expect(parts.map { $0.time.hours(since: start) } == [6, 18, 30, 42])
}

@Test func `a column of times is taken as it is, and rows are put in its order`() throws {
  let text = """
    g_mold,at,label,speed,temp
    A,2019-01-02T10:00:00Z,pass,1,1
    A,2019-01-02T09:00:00+02:00,fail,2,2
    """
  let parts = try withFile(text) { try file($0, clock: .times(column: "at")).parts() }
  // Without a seq column the row's number names the part.
  #expect(parts.map(\.id) == ["r-2", "r-1"])
  #expect(parts[0].time == Timestamp("2019-01-02T07:00:00Z"))
}

@Test(arguments: [
  ("label,g_mold,g_date,temp,speed\npass,A,2019-01-02,1,2\nscrap,A,2019-01-02,1,2", "row 2, column \"label\""),
  ("label,g_mold,g_date,temp,speed\npass,A,2019-01-02,1,warm", "row 1, column \"speed\""),
  ("label,g_mold,g_date,temp,speed\npass,A,yesterday,1,2", "row 1, column \"g_date\""),
  ("label,g_mold,g_date,temp\npass,A,2019-01-02,1", "column \"speed\""),
  ("label,g_mold,g_date,temp,speed", "has 0 rows"),
  ("seq,label,g_mold,g_date,temp,speed\n1,pass,A,2019-01-02,1,2\n1,pass,A,2019-01-02,1,2", "the id \"r-1\""),
])
func `what cannot be replayed is refused with its place`(text: String, place: String) throws {
  var sentence = ""
  do {
    _ = try withFile(text) { try file($0).parts() }
  } catch {
    sentence = "\(error)"
  }
  #expect(sentence.contains(place))
}

@Test func `a file that is not there is refused`() {
  #expect(throws: DataFault.self) { try file("/nowhere/parts.csv").parts() }
}

@Test func `the die-casting weeks are read whole where the data is there`() throws {
  let path = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../shared/data/diecast.csv.gz").standardizedFileURL.path
  guard FileManager.default.fileExists(atPath: path) else {
    print("skipped: ../shared/data/diecast.csv.gz is not there")
    return
  }
  let parts = try ReplayFile(
    path: path, rows: 12_001...Int.max, labelColumn: "label", attributes: ["g_mold"],
    features: ["molten_temp", "cast_pressure"], classNames: ["0", "1"], clock: .dates(column: "g_date"), idPrefix: ""
  ).parts()
  #expect(parts.count == 58_802)
  #expect(parts.map(\.time) == parts.map(\.time).sorted())
  #expect(Set(parts.map(\.cell.values[0])) == ["8412", "8573", "8600", "8722", "8917"])
}
