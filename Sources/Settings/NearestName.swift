/// The known name that differs from `name` by the fewest letters; nil where none is near.
func nearestName(to name: String, among known: [String]) -> String? {
  // A third of the letters wrong is a slip; more is another word.
  let limit = max(2, name.unicodeScalars.count / 3)
  // Longer than any key could be misspelt: not worth the quadratic comparison.
  if name.unicodeScalars.count > 100 { return nil }
  let ranked = known.map { (name: $0, distance: editDistance(name, $0)) }
  guard let best = ranked.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }) else { return nil }
  return best.distance <= limit ? best.name : nil
}

/// Letters to insert, delete or replace to get from one text to the other. Source: Wagner & Fischer 1974.
func editDistance(_ left: String, _ right: String) -> Int {
  let right = Array(right.unicodeScalars)
  var previous = Array(0...right.count)
  for (row, letter) in left.unicodeScalars.enumerated() {
    var current = [row + 1]
    for column in right.indices {
      let replaced = previous[column] + (letter == right[column] ? 0 : 1)
      current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
    }
    previous = current
  }
  return previous[right.count]
}
