/// The label cells of a file as they come, made into classes at the end.
struct LabelColumn {
  private var indexes: [String: Int] = [:]
  private var texts: [String] = []
  /// Index into `texts`, nil for unlabelled rows.
  private var rows: [Int?] = []

  var labelledCount: Int { rows.count { $0 != nil } }

  mutating func addUnlabelled() { rows.append(nil) }

  mutating func add(_ text: String, at place: DataPlace, classesMax: Int) throws(DataFault) {
    if let index = indexes[text] {
      rows.append(index)
      return
    }
    guard texts.count < classesMax else {
      throw place.fault(
        "there are more than \(classesMax) different labels; is this column really the true class?")
    }
    indexes[text] = texts.count
    rows.append(texts.count)
    texts.append(text)
  }

  /// Class names, and the class of each row.
  func resolve(column: String, classNames: [String]?, firstRow: Int) throws(DataFault) -> ([String], [Int?]) {
    // Rows of one class are no line, but may be some of the parts of one whose classes are known.
    guard texts.count > 1 || classNames != nil else {
      throw DataFault(
        column: column, "every row has the label \"\(texts.first ?? "")\"; a student needs rows of at least two classes"
      )
    }
    guard let classNames else {
      let sorted = Self.sorted(texts)
      return (sorted, classes { text in sorted.firstIndex(of: text) })
    }
    guard Set(classNames).count == classNames.count, classNames.count > 1 else {
      throw DataFault(column: column, "class names must be at least two different names")
    }
    if texts.allSatisfy(classNames.contains) {
      return (classNames, classes { text in classNames.firstIndex(of: text) })
    }
    for text in texts {
      guard let number = Int(text), classNames.indices.contains(number) else {
        let row = rows.firstIndex(of: indexes[text]).map { firstRow + $0 }
        throw DataFault(
          row: row, column: column,
          "the label \"\(text.prefix(40))\" is not one of the class names \(classNames.joined(separator: ", "))"
            + " nor a number from 0 to \(classNames.count - 1)")
      }
    }
    return (classNames, classes { text in Int(text) })
  }

  private func classes(_ classOf: (String) -> Int?) -> [Int?] {
    let classOfText = texts.map(classOf)
    return rows.map { index in index.flatMap { classOfText[$0] } }
  }

  private static func sorted(_ texts: [String]) -> [String] {
    let numbers = texts.compactMap { text in Int(text).map { (number: $0, text: text) } }
    guard numbers.count == texts.count else { return texts.sorted() }
    return numbers.sorted { ($0.number, $0.text) < ($1.number, $1.text) }.map(\.text)
  }
}
