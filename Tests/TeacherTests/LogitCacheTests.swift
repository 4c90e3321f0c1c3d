import Foundation
import Teacher
import Testing

/// A folder that is gone with this value.
private final class CacheFolder {
  let path = NSTemporaryDirectory() + "kaizend-test-\(UUID().uuidString)/cache"
  deinit { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }

  var file: URL { URL(fileURLWithPath: "\(path)/\(sha).logits") }
  let sha = String(repeating: "ab", count: 32)

  func cache(classCount: Int = 2) -> LogitCache {
    LogitCache(folder: path, teacher: sha, inputCount: 3, classCount: classCount)
  }
}

/// Logits that tell which row they are of.
private func answer(_ inputs: [Float], _ count: Int) -> [Float] {
  (0..<count).flatMap { row in
    let sum = inputs[row * 3] + 10 * inputs[row * 3 + 1] + 100 * inputs[row * 3 + 2]
    return [sum, -sum]
  }
}

private func rows(_ range: Range<Int>) -> [Float] {
  range.flatMap { [Float($0), Float($0 % 7) / 3, Float($0 % 2)] }
}

@Test func `no row is asked about twice, in one process or the next`() throws {
  let folder = CacheFolder()
  var asked: [Int] = []
  var cache = folder.cache()
  for range in [0..<100, 50..<120, 0..<120] {
    let inputs = rows(range)
    let logits = try cache.logits(inputs: inputs, rowCount: range.count) { inputs, count in
      asked.append(count)
      return answer(inputs, count)
    }
    #expect(logits == answer(inputs, range.count))
  }
  #expect(asked == [100, 20] && cache.askedCount == 120)
  #expect(cache.save())

  var again = folder.cache()
  let inputs = rows(10..<121) + rows(10..<11)
  let logits = try again.logits(inputs: inputs, rowCount: 112) { inputs, count in
    #expect(count == 1, "only the row that is new")
    return answer(inputs, count)
  }
  #expect(logits == answer(inputs, 112))
}

@Test func `a row that is asked about twice at once costs one question`() throws {
  var cache = CacheFolder().cache()
  let logits = try cache.logits(inputs: rows(0..<2) + rows(0..<2), rowCount: 4) { inputs, count in
    #expect(count == 2)
    return answer(inputs, count)
  }
  #expect(logits == answer(rows(0..<2), 2) + answer(rows(0..<2), 2))
}

@Test func `a damaged, cut or foreign file is no cache and is written anew`() throws {
  let folder = CacheFolder()
  func askedAbout(_ cache: inout LogitCache) throws -> Int {
    _ = try cache.logits(inputs: rows(0..<9), rowCount: 9) { inputs, count in answer(inputs, count) }
    return cache.askedCount
  }
  var first = folder.cache()
  #expect(try askedAbout(&first) == 9 && first.save())
  let whole = try Data(contentsOf: folder.file)
  var spoiled = [Data(), Data([1, 2, 3]), whole.dropLast(), whole + [0]]
  for index in stride(from: 0, to: whole.count, by: 7) {
    var bytes = whole
    bytes[index] ^= 0x40
    spoiled.append(bytes)
  }
  for bytes in spoiled {
    try bytes.write(to: folder.file)
    var cache = folder.cache()
    #expect(try askedAbout(&cache) == 9 && cache.save())
    var next = folder.cache()
    #expect(try askedAbout(&next) == 0)
  }
  var other = folder.cache(classCount: 3)
  _ = try other.logits(inputs: rows(0..<1), rowCount: 1) { _, _ in [1, 2, 3] }
  #expect(other.askedCount == 1)
}

@Test func `a folder that cannot be written costs the cache alone, and old teachers' files go`() throws {
  var nowhere = LogitCache(folder: "/proc/none", teacher: "ab", inputCount: 3, classCount: 2)
  #expect(try nowhere.logits(inputs: rows(0..<2), rowCount: 2, ask: { answer($0, $1) }) == answer(rows(0..<2), 2))
  #expect(!nowhere.save())
  let folder = CacheFolder()
  for teacher in 0..<12 {
    var cache = LogitCache(folder: folder.path, teacher: "t\(teacher)", inputCount: 3, classCount: 2)
    _ = try cache.logits(inputs: rows(0..<1), rowCount: 1, ask: { answer($0, $1) })
    #expect(cache.save())
  }
  let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
  #expect(files.count == 8 && files.contains("t11.logits"))
}

@Test func `a teacher's failure leaves the cache as it was`() throws {
  var cache = CacheFolder().cache()
  #expect(throws: TeacherError.self) {
    _ = try cache.logits(inputs: rows(0..<2), rowCount: 2) { (_, _) throws(TeacherError) in
      throw TeacherError(.run, "it broke")
    }
  }
  #expect(cache.askedCount == 0)
  #expect(try cache.logits(inputs: rows(0..<2), rowCount: 2, ask: { answer($0, $1) }) == answer(rows(0..<2), 2))
}
