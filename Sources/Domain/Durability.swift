/// When a part is answered, and so what an answer outlives.
public enum Durability: String, Sendable, CaseIterable {
  /// After its row was handed to the system: survives a process that is killed; a power cut may take the last moments.
  case commit
  /// After the disk has said that it holds the row: survives a power cut too.
  case power
  /// At once; the row follows within 50 ms: a process that is killed may lose so much.
  case relaxed
}
