import FoundationEssentials
import Glibc

/// A teacher's answers on disk, so that no teacher is asked about the same part twice.
///
/// One file a teacher: "KZLOGIT1", input count, class count, row count (32 bits each), then a row each its hash
/// (128 bits) and its logits, oldest first, and FNV-1a 64 of everything before; all little-endian. A file that is not
/// just so is no cache: it is ignored and written anew.
public struct LogitCache {
  private let path: String
  private let folder: String
  private let inputCount: Int
  private let classCount: Int
  /// Hash of a row's input -> its place among `logits`.
  private var places: [RowHash: Int] = [:]
  private var hashes: [RowHash] = []
  private var logits: [Float] = []
  /// Rows the teacher had to be asked about since this was opened.
  public private(set) var askedCount = 0

  private static let magic = Array("KZLOGIT1".utf8)
  private static let headerBytes = 20
  private static let checksumBytes = 8
  /// A file's bound: the newest 50,000 rows of a retraining, many times over, or 16 MB of parts with 256 classes.
  static let fileBytesMax = 64 << 20
  /// Teachers are replaced now and then; the caches of those before are worth little.
  static let filesMax = 8

  /// Opens the cache of one teacher.
  /// - Parameters:
  ///   - folder: made when the cache is saved.
  ///   - teacher: its SHA-256 in hex: another file is another teacher.
  public init(folder: String, teacher sha256: String, inputCount: Int, classCount: Int) {
    precondition(inputCount > 0 && classCount > 0, "a cache is for rows of numbers and logits")
    precondition(sha256.utf8.allSatisfy { $0 != UInt8(ascii: "/") }, "a hash is no path")
    self.folder = folder
    path = "\(folder)/\(sha256).logits"
    self.inputCount = inputCount
    self.classCount = classCount
    load()
  }

  private var recordBytes: Int { 16 + 4 * classCount }
  private var rowsMax: Int { (Self.fileBytesMax - Self.headerBytes - Self.checksumBytes) / recordBytes }

  /// The teacher's logits of `inputs` `[rowCount, inputCount]`, asking it only about rows that are not here.
  /// - Parameter ask: gives logits `[count, classCount]` of `count` rows; not called when all are known.
  public mutating func logits(
    inputs: [Float], rowCount: Int, ask: (_ inputs: [Float], _ count: Int) throws(TeacherError) -> [Float]
  ) throws(TeacherError) -> [Float] {
    precondition(inputs.count == rowCount * inputCount, "inputs are [rowCount, inputCount]")
    let rows = (0..<rowCount).map { RowHash(inputs[$0 * inputCount..<($0 + 1) * inputCount]) }
    var missing: [Int] = []
    var seen: Set<RowHash> = []
    for (row, hash) in rows.enumerated() where places[hash] == nil && seen.insert(hash).inserted { missing.append(row) }
    if !missing.isEmpty {
      let questions = missing.flatMap { inputs[$0 * inputCount..<($0 + 1) * inputCount] }
      let answers = try ask(questions, missing.count)
      precondition(answers.count == missing.count * classCount, "answers are [count, classCount]")
      askedCount += missing.count
      for row in missing {
        places[rows[row]] = hashes.count
        hashes.append(rows[row])
      }
      logits += answers
    }
    var result: [Float] = []
    result.reserveCapacity(rowCount * classCount)
    for hash in rows {
      let place = places[hash] ?? 0
      result += logits[place * classCount..<(place + 1) * classCount]
    }
    return result
  }

  /// Writes what was learned, whole or not at all; nothing when nothing was.
  /// - Returns: false where it could not be written: the teacher will be asked again, which is no failure.
  @discardableResult
  public func save() -> Bool {
    guard askedCount > 0 else { return true }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    } catch {
      return false
    }
    prune()
    return true
  }

  private var bytes: [UInt8] {
    let first = max(0, hashes.count - rowsMax)
    var bytes = Self.magic
    bytes.reserveCapacity(Self.headerBytes + (hashes.count - first) * recordBytes + Self.checksumBytes)
    func append(_ value: UInt64, _ count: Int) {
      for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (index * 8))) }
    }
    for value in [inputCount, classCount, hashes.count - first] { append(UInt64(value), 4) }
    for row in first..<hashes.count {
      append(hashes[row].low, 8)
      append(hashes[row].high, 8)
      for value in logits[row * classCount..<(row + 1) * classCount] { append(UInt64(value.bitPattern), 4) }
    }
    append(fnv1a(bytes[...]), 8)
    return bytes
  }

  /// Leaves the cache empty when the file is missing, damaged or another's.
  private mutating func load() {
    guard let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int,
      (Self.headerBytes + Self.checksumBytes...Self.fileBytesMax).contains(size),
      let data = try? Data(contentsOf: URL(filePath: path))
    else { return }
    let bytes = Array(data)
    func number(_ offset: Int, _ count: Int) -> UInt64 {
      (0..<count).reversed().reduce(0) { $0 << 8 | UInt64(bytes[offset + $1]) }
    }
    let end = bytes.count - Self.checksumBytes
    guard bytes.count == size, bytes.starts(with: Self.magic), number(8, 4) == UInt64(inputCount),
      number(12, 4) == UInt64(classCount), Int(number(16, 4)) * recordBytes == end - Self.headerBytes,
      number(end, 8) == fnv1a(bytes[..<end])
    else { return }
    for start in stride(from: Self.headerBytes, to: end, by: recordBytes) {
      let hash = RowHash(low: number(start, 8), high: number(start + 8, 8))
      let values = (0..<classCount).map { Float(bitPattern: UInt32(number(start + 16 + 4 * $0, 4))) }
      guard values.allSatisfy(\.isFinite), places[hash] == nil else { continue }
      places[hash] = hashes.count
      hashes.append(hash)
      logits += values
    }
  }

  /// Takes away the files that were written longest ago, beyond `filesMax`.
  private func prune() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let files = names.filter { $0.hasSuffix(".logits") }.map { name -> (path: String, date: Date) in
      let path = "\(folder)/\(name)"
      let date = (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
      return (path, date ?? .distantPast)
    }
    for file in files.sorted(by: { $0.date > $1.date }).dropFirst(Self.filesMax) where file.path != path {
      try? FileManager.default.removeItem(atPath: file.path)
    }
  }
}

/// 128 bits of a row's numbers as they are, bit by bit: two equal ones by chance are not to be expected in any plant.
private struct RowHash: Hashable {
  let low: UInt64
  let high: UInt64

  init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  /// Two multiplicative hashes with different constants, each stirred at the end (SplitMix64's finalizer).
  init(_ row: ArraySlice<Float>) {
    var low: UInt64 = 0xCBF2_9CE4_8422_2325
    var high: UInt64 = 0x9E37_79B9_7F4A_7C15
    for value in row {
      let bits = UInt64(value.bitPattern)
      low = (low ^ bits) &* 0x0000_0100_0000_01B3
      high = (high ^ bits) &* 0xD6E8_FEB8_6659_FD93
      high ^= high >> 32
    }
    self.low = Self.stirred(low ^ UInt64(row.count))
    self.high = Self.stirred(high)
  }

  private static func stirred(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): finds accidents, not forgery.
private func fnv1a(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.withUnsafeBufferPointer { bytes in
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash
  }
}
