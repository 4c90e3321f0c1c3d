/// Breaks `text` at spaces into lines of at most `width` columns; `indent` stands before every line after the first.
///
/// A word longer than a line is broken after a comma where one fits (group names have no spaces), otherwise it is left
/// whole: a command or path cut in two could not be copied.
public func wrapped(_ text: String, width: Int, indent: Int = 0) -> [String] {
  var lines: [String] = []
  var line = ""
  var isFirstWord = true
  let margin = String(repeating: " ", count: indent)
  for word in words(of: printable(text)) {
    for (index, piece) in pieces(of: word, width: max(1, width - indent)).enumerated() {
      let separator = isFirstWord || index > 0 ? "" : " "
      if !isFirstWord, index > 0 || line.count + separator.count + piece.count > width {
        lines.append(line)
        line = margin + piece
      } else {
        line += separator + piece
      }
      isFirstWord = false
    }
  }
  lines.append(line)
  return lines
}

/// The words of a text; a number with its unit and interval, `88.1 % [83.2, 91.9]`, is one of them.
private func words(of text: String) -> [String] {
  var words: [String] = []
  var isInBrackets = false
  for part in text.split(separator: " ", omittingEmptySubsequences: true) {
    let belongsToLast = isInBrackets || part.hasPrefix("%") || (part.hasPrefix("[") && words.last?.last == "%")
    if belongsToLast, let last = words.popLast() {
      words.append("\(last) \(part)")
    } else {
      words.append(String(part))
    }
    if part.hasPrefix("[") { isInBrackets = belongsToLast }
    if part.contains("]") { isInBrackets = false }
  }
  return words
}

/// A word cut after commas into pieces of at most `width` columns, where commas allow it.
private func pieces(of word: String, width: Int) -> [String] {
  guard word.count > width else { return [word] }
  var result: [String] = []
  var piece = ""
  var rest = Substring(word)
  while !rest.isEmpty {
    let end = rest.firstIndex(of: ",").map(rest.index(after:)) ?? rest.endIndex
    let part = rest[..<end]
    rest = rest[end...]
    if !piece.isEmpty, piece.count + part.count > width {
      result.append(piece)
      piece = ""
    }
    piece += part
  }
  return result + [piece]
}

/// `1. ...`, `2. ...`, each wrapped under its own number.
func numbered(_ sentences: [String], width: Int) -> [String] {
  let digits = String(sentences.count).count
  return sentences.enumerated().flatMap { index, sentence in
    let number = String(index + 1)
    let head = String(repeating: " ", count: digits - number.count + 1) + number + ". "
    let body = wrapped(sentence, width: width - head.count)
    return body.enumerated().map { $0 == 0 ? head + $1 : String(repeating: " ", count: head.count) + $1 }
  }
}
