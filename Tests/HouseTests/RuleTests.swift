import Testing

/// A file longer than this holds more than one idea.
private let lineCountMaximum = 600

/// Code that a generator wrote and nobody edits: as long as it likes, in a style of its own (it tells the formatter so),
/// and with its own ways around the compiler; its imports are held to the house's table like all others.
private let generatedFolder = "/Generated/"

/// Words that would make a pure target depend on time, order of execution or luck.
private let impureWords: Set<Substring> = [
  "async", "await", "Task", "actor", "ContinuousClock", "SuspendingClock", "clock_gettime", "gettimeofday",
  "SystemRandomNumberGenerator", "drand48", "rand", "arc4random", "getrandom",
  "DispatchQueue", "Thread",
]

/// Calls that hide a global generator unless they are handed one.
private func usesGlobalRandomness(_ code: String) -> Bool {
  [".random(in:", ".shuffle()", ".shuffled()", ".randomElement()"].contains { call in
    code.split(separator: "\n").contains { $0.contains(call) && !$0.contains("using:") }
  }
}

private func impurities(_ file: SourceFile) -> [String] {
  var found = file.words.intersection(impureWords).sorted().map { "\(file.path) uses \($0)" }
  // `time` is also a word of the plant: only the call of the C library is meant.
  if file.code.contains(" time(nil)") || file.code.contains("Glibc.time(") { found.append("\(file.path) calls time()") }
  if usesGlobalRandomness(file.code) { found.append("\(file.path) draws from the global generator") }
  return found
}

/// Ways around the compiler that the house does without.
private func shortcuts(_ file: SourceFile) -> [String] {
  let code = file.code
  return ["@unchecked Sendable", "nonisolated(unsafe)", "try!", "NSLock", "@testable", "as!"]
    .filter { code.contains($0) }
    .map { "\(file.path) uses \($0)" }
}

@Test func `the words, the mathematics and the decisions hold no concurrency, no clock and no global randomness`()
  throws
{
  let repository = Repository()
  for (name, room) in house where room.layer <= .decisions {
    for file in try repository.swiftFiles(below: "Sources/\(name)") {
      #expect(impurities(file) == [])
    }
  }
}

@Test func `the check of purity finds what it looks for`() {
  let text = """
    func train() async { await Task.yield() }
    let draw = Float.random(in: 0..<1)
    let fine = Float.random(in: 0..<1, using: &generator)
    // async in a comment, "await" in a text: both are fine
    """
  let file = SourceFile(path: "A.swift", text: text)
  #expect(
    impurities(file) == [
      "A.swift uses Task", "A.swift uses async", "A.swift uses await", "A.swift draws from the global generator",
    ])
  #expect(impurities(SourceFile(path: "B.swift", text: "let time = row.time // async")) == [])
}

@Test func `no file is longer than six hundred lines`() throws {
  let repository = Repository()
  for folder in ["Sources", "Tests"] {
    for file in try repository.swiftFiles(below: folder) {
      if file.path.contains(generatedFolder) { continue }
      #expect(file.lineCount <= lineCountMaximum, "\(file.path) has \(file.lineCount) lines")
    }
  }
}

@Test func `nothing goes around the compiler's checks`() throws {
  let repository = Repository()
  for folder in ["Sources", "Tests"] {
    for file in try repository.swiftFiles(below: folder) {
      if file.path.contains(generatedFolder) { continue }
      #expect(shortcuts(file) == [])
    }
  }
}

@Test func `a shortcut is found in code and not in texts about it`() {
  #expect(shortcuts(SourceFile(path: "A.swift", text: "let a = try! f()")) == ["A.swift uses try!"])
  #expect(shortcuts(SourceFile(path: "A.swift", text: "let a = \"try!\" // as!\n")) == [])
  #expect(
    shortcuts(SourceFile(path: "A.swift", text: "let a = \"\\(f(\"x\")) try!\"; let b = c as! D")) == [
      "A.swift uses as!"
    ])
}
