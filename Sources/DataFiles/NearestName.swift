/// The name a person most likely meant: the fewest edits away, at most two or a third of its letters.
public func nearestName(to wanted: String, among names: [String]) -> String? {
  // Longer names are compared by their beginning: enough to find a typing error, bounded work.
  let comparedBytes = 64
  let target = Array(wanted.lowercased().utf8.prefix(comparedBytes))
  var best: (name: String, distance: Int)?
  for name in names {
    let distance = editDistance(target, Array(name.lowercased().utf8.prefix(comparedBytes)))
    if distance < best?.distance ?? .max { best = (name, distance) }
  }
  guard let best, best.distance <= max(2, target.count / 3) else { return nil }
  return best.name
}

/// Insertions, deletions and replacements between two texts (V. I. Levenshtein, 1966).
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var row = Array(0...right.count)
  for (leftIndex, leftByte) in left.enumerated() {
    var diagonal = row[0]
    row[0] = leftIndex + 1
    for (rightIndex, rightByte) in right.enumerated() {
      let replaced = diagonal + (leftByte == rightByte ? 0 : 1)
      diagonal = row[rightIndex + 1]
      row[rightIndex + 1] = min(replaced, row[rightIndex] + 1, diagonal + 1)
    }
  }
  return row[right.count]
}
