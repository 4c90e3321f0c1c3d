import ArgumentParser
import ControlText
import DataFiles

extension Kaizenctl {
  /// What is wrong with the words typed, in the manner of every other failure; nil where it has been said already.
  static func usageText(for error: any Error) -> String? {
    if let failure = unknownVerb(Array(CommandLine.arguments.dropFirst())) { return failure.text(CommandText()) }
    let text = fullMessage(for: error)
    guard text.hasPrefix(parserPrefix) else { return text.isEmpty ? nil : "kaizenctl: \(text)\n" }
    let sentence = text.dropFirst(parserPrefix.count)
    return "kaizenctl: \(sentence.prefix(1).lowercased())\(sentence.dropFirst())\n"
  }

  /// How the argument parser begins its messages.
  private static let parserPrefix = "Error: "

  /// The first word that should be a verb and is none, with the whole command put right where one verb is near.
  private static func unknownVerb(_ words: [String]) -> Failure? {
    var verbs = configuration.subcommands
    var index = 0
    while index < words.count, !verbs.isEmpty {
      let word = words[index]
      index += 1
      // The one global option whose value is a word of its own.
      if word == "--state-dir" { index += 1 }
      if word.hasPrefix("-") { continue }
      if word == "help" { return nil }
      if let verb = verbs.first(where: { $0._commandName == word }) {
        verbs = verb.configuration.subcommands
        continue
      }
      let names = verbs.map { $0._commandName }
      guard let nearest = nearestName(to: word, among: names) else {
        return Failure(
          .usage, "there is no verb \"\(printable(word))\"; there are \(names.joined(separator: ", ")).",
          next: .kaizenctl(["--help"]))
      }
      let mended = words.prefix(index - 1) + [nearest] + words.dropFirst(index)
      return Failure(
        .usage, "there is no verb \"\(printable(word))\"; did you mean \"\(nearest)\"?",
        next: .kaizenctl(Array(mended)))
    }
    return nil
  }
}
