import ControlText
import Testing

@Test func `a paragraph breaks at spaces and keeps within its width`() {
  #expect(wrapped("one two three four", width: 9) == ["one two", "three", "four"])
  #expect(wrapped("one two three four", width: 9, indent: 2) == ["one two", "  three", "  four"])
  #expect(wrapped("", width: 9) == [""])
}

@Test func `a group too long for a line breaks after its commas`() {
  let group = "product=A7,camera=2,shift=night,outcome=bad"
  let lines = wrapped(group, width: 20)
  #expect(lines == ["product=A7,camera=2,", "shift=night,", "outcome=bad"])
  #expect(lines.joined() == group)
}

@Test func `a word without commas stays whole however long it is`() {
  let path = "/var/lib/kaizend/teachers/press-3.onnx"
  #expect(wrapped("see \(path) there", width: 10) == ["see", path, "there"])
}

@Test func `an accuracy and its interval stay on one line`() {
  #expect(
    wrapped("product=A7 88.1 % [83.2, 91.9] n=212", width: 30) == ["product=A7 88.1 % [83.2, 91.9]", "n=212"])
  #expect(
    wrapped("product=A7,camera=2 88.1 % [83.2, 91.9] n=212", width: 30)
      == ["product=A7,camera=2", "88.1 % [83.2, 91.9] n=212"])
}

@Test func `an opening bracket that never closes does not glue the rest together`() {
  #expect(wrapped("a [note without end of it", width: 8).allSatisfy { $0.count <= 8 })
}

@Test func `control characters of others never reach the terminal`() {
  let hostile = "A7\u{1B}[2J\u{07}\r\n\u{9B}31m\u{202E}"
  let safe = printable(hostile)
  #expect(!safe.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0.value == 0x202E })
  #expect(safe.hasPrefix("A7\u{FFFD}[2J"))
  #expect(printable("Spritzguß, 射出成形") == "Spritzguß, 射出成形")
}
