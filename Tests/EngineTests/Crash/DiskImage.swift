import Foundation

/// The bytes of a folder's files.
struct DiskImage {
  var files: [String: [UInt8]] = [:]

  func write(to folder: String) throws {
    for (name, bytes) in files { try Data(bytes).write(to: URL(filePath: folder + "/" + name)) }
  }

  fileprivate mutating func put(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int, in name: String) {
    guard !bytes.isEmpty else { return }
    files[name, default: []].withRoom(for: offset + bytes.count) { room in
      for index in bytes.indices { room[offset + index] = bytes[index] }
    }
  }

  fileprivate mutating func cut(_ name: String, to length: Int) {
    files[name, default: []].setLength(length)
  }

  fileprivate mutating func apply(_ change: ListedDisk.Change) {
    switch change {
    case .create(let name): files[name] = []
    case .write(let name, let offset, let bytes): put(bytes, at: offset, in: name)
    case .truncate(let name, let length): cut(name, to: length)
    case .delete(let name): files[name] = nil
    case .sync, .failedSync, .folderSync, .mark: break
    }
  }
}

extension [UInt8] {
  fileprivate mutating func withRoom(for length: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
    if count < length { setLength(length) }
    withUnsafeMutableBufferPointer { body($0) }
  }

  /// A file that grows is filled with zeros.
  fileprivate mutating func setLength(_ length: Int) {
    if count > length {
      removeLast(count - length)
    } else {
      append(contentsOf: repeatElement(0, count: length - count))
    }
  }
}

extension ListedDisk {
  /// What a killed process leaves: everything it did, up to the change `end`.
  func afterKill(at end: Int) -> DiskImage {
    var image = base
    for index in 0..<end { image.apply(self[index]) }
    return image
  }

  /// What a power cut leaves: of each file everything up to its last sync, and of what was done since, each sector or
  /// not, in any combination; torn ones too where `isTearing`. A write leaves bytes beside it alone, as SQLite assumes
  /// (powersafe overwrite). Files made and deleted since the folder's last sync are there and gone up to a point.
  func afterPowerCut(at end: Int, isTearing: Bool, random: inout some RandomNumberGenerator) -> DiskImage {
    let fate = Fate(self, end: end, random: &random)
    var image = base
    for index in 0..<end {
      let change = self[index]
      switch fate.of(index) {
      case .certain: image.apply(change)
      case .lost: break
      case .open: image.apply(change, inPart: isTearing, random: &random)
      }
    }
    return image
  }
}

/// The smallest piece that a disk writes whole, or not.
private let sectorByteCount = 512

extension DiskImage {
  /// One of the ways in which an unsynced change may have come to the disk.
  fileprivate mutating func apply(
    _ change: ListedDisk.Change, inPart isTearing: Bool, random: inout some RandomNumberGenerator
  ) {
    guard case .write(let name, let offset, let bytes) = change else {
      if random.chance(0.5) { apply(change) }
      return
    }
    // The length is in another place of the disk than the bytes.
    if random.chance(0.3) { files[name, default: []].withRoom(for: offset + bytes.count) { _ in } }
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + sectorByteCount - (offset + start) % sectorByteCount)
      let piece = UnsafeBufferPointer(rebasing: bytes[start..<end])
      switch random.next(upperBound: isTearing ? 3 : 2) as UInt64 {
      case 0: break
      case 1: put(piece, at: offset + start, in: name)
      default:
        let torn = UnsafeBufferPointer(rebasing: piece[..<Int.random(in: 0...piece.count, using: &random)])
        put(torn, at: offset + start, in: name)
      }
      start = end
    }
  }
}

/// What is certain of each change when the power goes.
private struct Fate {
  enum Certainty {
    case certain, open, lost
  }

  private var fates: [Certainty]

  func of(_ index: Int) -> Certainty { fates[index] }

  init(_ disk: ListedDisk, end: Int, random: inout some RandomNumberGenerator) {
    fates = Array(repeating: .open, count: end)
    var unsynced: [String: [Int]] = [:]
    var names: [Int] = []
    for index in 0..<end {
      switch disk[index] {
      case .write(let name, _, _), .truncate(let name, _): unsynced[name, default: []].append(index)
      case .sync(let name):
        for change in unsynced[name] ?? [] { fates[change] = .certain }
        unsynced[name] = []
      case .failedSync(let name): unsynced[name] = []
      case .create, .delete: names.append(index)
      case .folderSync:
        for change in names { fates[change] = .certain }
        names = []
      case .mark: break
      }
    }
    // A folder's changes come to the disk in their order.
    let kept = Int.random(in: 0...names.count, using: &random)
    for (place, index) in names.enumerated() { fates[index] = place < kept ? .certain : .lost }
    loseFilesOfLostNames(disk, names.dropFirst(kept))
  }

  /// What was written to a file that is not there, or under a name that still means the file before, is lost with it.
  private mutating func loseFilesOfLostNames(_ disk: ListedDisk, _ lost: ArraySlice<Int>) {
    for place in lost {
      let name: String
      switch disk[place] {
      case .create(let created): name = created
      case .delete(let deleted): name = deleted
      default: continue
      }
      for index in place..<fates.count {
        switch disk[index] {
        case .write(name, _, _), .truncate(name, _): fates[index] = .lost
        default: break
        }
      }
    }
  }
}

extension RandomNumberGenerator {
  mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }
}
