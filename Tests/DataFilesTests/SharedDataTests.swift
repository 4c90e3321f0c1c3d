import DataFiles
import Domain
import Glibc
import Testing

private let dataFolder = "\(#filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 })/../shared/data"

private func isPresent(_ name: String) -> Bool {
  guard access("\(dataFolder)/\(name)", R_OK) == 0 else {
    print("skipped: \(dataFolder)/\(name) is not there")
    return false
  }
  return true
}

@Test func `the die-casting file is read with its columns in their roles`() throws {
  guard isPresent("diecast.csv.gz") else { return }
  let table = try PartsTable.read(
    path: "\(dataFolder)/diecast.csv.gz",
    request: PartsRequest(
      label: "label", groups: ["g_mold", "g_shift"], rows: 1...3000, classNames: ["pass", "fail"]))
  #expect(table.rowCount == 3000)
  #expect(table.featureNames.count == 23)
  #expect(table.featureNames.first == "molten_volume" && table.featureNames.last == "mold_8917")
  #expect(table.cell(row: 0) == Cell(["8722", "day"]))
  #expect(table.textColumns.isEmpty)
  #expect(Array(table.features(row: 0).prefix(3)) == [75, 258, 731])
}

@Test func `teacher logits and unlabelled rows of a bench file are read`() throws {
  guard isPresent("bench/spurdigits-0.csv.gz") else { return }
  let table = try PartsTable.read(
    path: "\(dataFolder)/bench/spurdigits-0.csv.gz",
    request: PartsRequest(
      label: "label", groups: ["g_group"], features: .allExcept(["teacher_*"]), teacherLogitsPrefix: "teacher_rich_"))
  #expect(table.featureNames.count == 144)
  #expect(table.teacherLogits?.prefix(2) == [-4.9212, 5.025])
  let splits = try #require(table.splits)
  #expect(zip(splits, table.labels).allSatisfy { ($0 == .unlabelled) == ($1 == nil) })
  #expect(splits.contains(.unlabelled))
}
