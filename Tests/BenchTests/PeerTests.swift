import Testing
import kaizen_bench

/// A peers' program in the shell: `answers` handles each question in `$line`.
private func peer(_ answers: String) throws -> PeerProcess {
  try PeerProcess(
    program: "/bin/sh", arguments: ["-c", "while read -r line; do \(answers); done"], environment: ["PACE": "0.5"])
}

/// The sentence of what `work` throws.
private func sentence(_ work: () throws -> Void) -> String {
  do {
    try work()
    return "nothing was thrown"
  } catch {
    return "\(error)"
  }
}

@Test func `a peer is asked in lines of JSON and answers with seconds`() throws {
  let process = try peer(
    """
    case $line in
      '{"count":7,"kind":"run"}') echo '{"seconds":'$PACE'}';;
      *) echo '{"error":"unexpected question"}';;
    esac
    """)
  #expect(try process.run(count: 7) == 0.5)
  #expect(try process.run(count: 7) == 0.5)
  #expect(sentence { _ = try process.run(count: 8) } == "unexpected question")
}

@Test func `an answer in two pieces is put together, and two in one are taken apart`() throws {
  let process = try peer(#"printf '{"sec'; printf 'onds":1}\n{"seconds":2}\n'; read -r line"#)
  #expect(try process.run(count: 1) == 1)
  #expect(try process.run(count: 1) == 2)
}

@Test func `what a peer fails at is told in a sentence`() throws {
  let babbling = try peer("echo Traceback")
  #expect(sentence { _ = try babbling.run(count: 1) } == #"the peers' program answered "Traceback""#)
  let silent = try peer("echo '{}'")
  #expect(sentence { _ = try silent.run(count: 1) } == "the peers' program did not say how long it took")
  let ending = try peer("exit 1")
  #expect(sentence { _ = try ending.run(count: 1) }.hasPrefix("the peers' program has ended"))
  #expect(sentence { _ = try ending.run(count: 1) }.hasPrefix("the peers' program has ended"))
  #expect(
    sentence { _ = try PeerProcess(program: "/no/such/python", arguments: [], environment: [:]) }
      .hasPrefix("/no/such/python could not be started"))
}
