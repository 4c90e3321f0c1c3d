/// Boosted trees as bytes, all little-endian, in words of 32 bits unless said otherwise:
///
/// | part | words |
/// |---|---|
/// | "KZBTREES" | 2 |
/// | version: 1 | 1 |
/// | feature count, class count, tree count, node count of all trees | 4 |
/// | base scores, as floats | 1 with two classes, else one a class |
/// | nodes of every tree | tree count |
/// | each node: feature (all bits: a leaf), step, threshold or answer as a float | 3 a node |
/// | FNV-1a 64 of everything before | 2 |
extension BoostedTrees {
  static let magic = Array("KZBTREES".utf8)
  static let bytesVersion: UInt32 = 1
  /// Trees a file may hold: more than the longest boosting of the most classes that anyone waits for.
  static let treeCountMaximum = 1 << 20
  /// Beyond this a score says nothing, and sums of it could overflow.
  static let valueMaximum: Float = 1e6

  public var bytes: [UInt8] {
    var bytes = Self.magic
    func append(_ word: UInt32) {
      for shift in [UInt32(0), 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
    append(Self.bytesVersion)
    for count in [featureCount, classCount, trees.count, trees.reduce(0) { $0 + $1.nodes.count }] {
      append(UInt32(count))
    }
    for score in baseScores { append(score.bitPattern) }
    for tree in trees { append(UInt32(tree.nodes.count)) }
    for tree in trees {
      for node in tree.nodes {
        append(UInt32(bitPattern: node.feature))
        append(UInt32(bitPattern: node.step))
        append(node.value.bitPattern)
      }
    }
    let checksum = fnv1a(bytes[...])
    append(UInt32(truncatingIfNeeded: checksum))
    append(UInt32(truncatingIfNeeded: checksum >> 32))
    return bytes
  }

  /// - Throws: `TreeBytesError` for anything `bytes` did not write; nothing is allocated by a size not yet checked.
  public init(bytes: [UInt8]) throws(TreeBytesError) {
    guard bytes.starts(with: Self.magic) else { throw .notTrees }
    let headerSize = Self.magic.count + 5 * 4
    guard bytes.count >= headerSize else { throw .truncated }
    var reader = WordReader(bytes: bytes, position: Self.magic.count)
    let version = reader.next()
    guard version == Self.bytesVersion else { throw .unknownVersion(version) }
    let (featureCount, classCount) = (Int(reader.next()), Int(reader.next()))
    let (treeCount, nodeCount) = (Int(reader.next()), Int(reader.next()))
    guard (1...TreeParameters.featureCountLimit).contains(featureCount),
      (2...TreeParameters.classCountLimit).contains(classCount)
    else { throw .impossible("they claim \(featureCount) features and \(classCount) classes") }
    let outputCount = Self.outputCount(classCount: classCount)
    guard treeCount <= Self.treeCountMaximum, treeCount % outputCount == 0 else {
      throw .impossible("\(treeCount) trees do not fit \(classCount) classes")
    }
    let size = headerSize + 4 * (outputCount + treeCount + 3 * nodeCount) + 8
    guard bytes.count == size else { throw .wrongLength(expected: size, got: bytes.count) }
    var end = WordReader(bytes: bytes, position: size - 8)
    let stored = UInt64(end.next()) | UInt64(end.next()) << 32
    guard stored == fnv1a(bytes[..<(size - 8)]) else { throw .damaged }
    let baseScores = (0..<outputCount).map { _ in Float(bitPattern: reader.next()) }
    guard baseScores.allSatisfy({ abs($0) <= Self.valueMaximum }) else { throw .impossible("a score is no score") }
    let sizes = (0..<treeCount).map { _ in Int(reader.next()) }
    guard sizes.reduce(0, +) == nodeCount else { throw .impossible("their trees have other nodes than they hold") }
    var trees: [DecisionTree] = []
    trees.reserveCapacity(treeCount)
    for size in sizes { trees.append(try reader.tree(nodeCount: size, featureCount: featureCount)) }
    self.init(featureCount: featureCount, classCount: classCount, baseScores: baseScores, trees: trees)
  }
}

/// Why bytes are not boosted trees.
public enum TreeBytesError: Error, Equatable, CustomStringConvertible {
  case notTrees
  case unknownVersion(UInt32)
  case truncated
  case wrongLength(expected: Int, got: Int)
  case damaged
  case impossible(String)

  public var description: String {
    switch self {
    case .notTrees: "these are not trees: the file does not begin with KZBTREES; check the path"
    case .unknownVersion(let version):
      "the file of trees has version \(version), this program reads \(BoostedTrees.bytesVersion); use the program that"
        + " wrote it"
    case .truncated: "the file of trees ends inside its header: it was cut; copy it again"
    case .wrongLength(let expected, let got):
      "the file of trees should have \(expected) bytes and has \(got): it was cut or extended; copy it again"
    case .damaged: "the checksum of the file of trees does not match: its bytes were changed; copy it again"
    case .impossible(let reason): "the file describes impossible trees: \(reason); train them again"
    }
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

/// Reads words of bytes whose length has been checked.
private struct WordReader {
  let bytes: [UInt8]
  var position: Int

  mutating func next() -> UInt32 {
    defer { position += 4 }
    return UInt32(bytes[position]) | UInt32(bytes[position + 1]) << 8 | UInt32(bytes[position + 2]) << 16
      | UInt32(bytes[position + 3]) << 24
  }

  /// A tree every row finds a leaf in: children stand after their parent, inside the tree.
  mutating func tree(nodeCount: Int, featureCount: Int) throws(TreeBytesError) -> DecisionTree {
    guard nodeCount > 0 else { throw .impossible("a tree has no node") }
    var nodes: [DecisionTree.Node] = []
    nodes.reserveCapacity(nodeCount)
    for index in 0..<nodeCount {
      let node = DecisionTree.Node(
        feature: Int32(bitPattern: next()), step: Int32(bitPattern: next()), value: Float(bitPattern: next()))
      let isLeaf = node.feature == -1 && node.step == 0 && abs(node.value) <= BoostedTrees.valueMaximum
      let isSplit =
        (0..<featureCount).contains(Int(node.feature)) && node.step > 0 && index + Int(node.step) + 1 < nodeCount
        && node.value.isFinite
      guard isLeaf || isSplit else { throw .impossible("a node leads nowhere") }
      nodes.append(node)
    }
    return DecisionTree(nodes: nodes)
  }
}
