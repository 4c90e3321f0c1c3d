import ControlText
import Domain
import Testing
import Wire

@Test func `an answer by hand names class, advice and shares`() {
  let reply = PredictReply(
    line: "press-3", id: "S-1", modelVersion: 4, predictionID: "01", group: "product=A7,camera=2", label: "bad",
    confidence: 0.912, advice: "manual_check", adviceReasons: "low_confidence,unseen_group", latencyUs: 48.6,
    recorded: true,
    classes: [ClassShare(label: "good", probability: 0.088), ClassShare(label: "bad", probability: 0.912)])
  #expect(
    reply.text(plain) == """
      S-1: bad (91.2 %)
      advice: manual_check, let a person look at this part (low confidence, new group)

      class   share
      bad    91.2 %
      good    8.8 %

      student v4 of press-3, group product=A7,camera=2, 49 us, recorded
      """)
  var unrecorded = reply
  unrecorded.recorded = false
  #expect(
    unrecorded.text(plain).hasSuffix(
      """
      student v4 of press-3, group product=A7,camera=2, 49 us
      This part is not recorded: the ledger takes no rows now, so its outcome cannot
      be counted later.
      Next: kaizenctl status
      """))
}

@Test func `an answer by hand keeps its keys on the wire`() throws {
  let reply = PredictReply(
    line: "press-3", id: "S-1", modelVersion: 4, predictionID: "01", group: nil, label: nil, confidence: nil,
    advice: nil, latencyUs: 1, recorded: false, classes: [])
  let json = String(decoding: try OperatorCoding.bytes(reply), as: UTF8.self)
  #expect(
    json
      == #"{"classes":[],"id":"S-1","latency_us":1,"line":"press-3","model_version":4,"prediction_id":"01","recorded":false,"schema":1}"#
  )
  #expect(try OperatorCoding.message(PredictReply.self, from: Array(json.utf8)) == reply)
}

@Test func `an import counts by status and lists what was not stored`() {
  var reply = ImportReply(line: "press-3", file: "out.csv", dryRun: false)
  reply.add(row: 1, id: "S-1", label: "bad", status: .joined)
  reply.add(row: 2, id: "S-2", label: "bad", status: .joined)
  reply.add(row: 3, id: "S-3", label: "bda", status: .unknownLabel)
  reply.add(row: 4, id: "S-4", label: "bad", status: .conflict)
  reply.add(row: 5, id: "S-5", label: "bad", status: .heldUnknownID)
  #expect(reply.rejectedRows == 2)
  #expect(
    reply.text(plain) == """
      5 outcomes of out.csv for press-3
          2 joined to their predictions
          1 held until their prediction comes
          1 in conflict with the label in force
          1 with an unknown label

      2 rows not taken:
          row 3 (S-3): "bda" is not a class of this line
          row 4 (S-4): another label is in force, and this row does not replace it
      """)
}

@Test func `an import of a wrong column lists a bounded number of rows`() {
  var reply = ImportReply(line: "press-3", file: "out.csv", dryRun: true)
  for row in 1...1000 { reply.add(row: row, id: "S", label: "1", status: .unknownLabel) }
  #expect(reply.rejectedRows == 1000)
  #expect(reply.rejections.count == ImportReply.maximumRejections)
  let text = reply.text(plain)
  #expect(text.contains("A dry run: nothing was stored."))
  #expect(text.contains("1,000 rows would not be taken:"))
  #expect(text.hasSuffix("... and 800 more"))
}

@Test func `a bar fits the terminal and never leaves 0 to 100 %`() {
  let half = TrainingProgress(stage: "groupdistil", fraction: 0.5, secondsLeft: 80)
  #expect(
    ProgressText.bar(half, style: plain)
      == "[###############...............]  50.0 %  groupdistil, about 1 min 20 s left")
  for fraction in [-1, 0, 0.333, 1, 7, Double.nan, .infinity] {
    let bar = ProgressText.bar(
      TrainingProgress(stage: String(repeating: "s", count: 100), fraction: fraction, secondsLeft: .nan), style: plain)
    #expect(bar.count <= 80)
  }
}

@Test func `a log gets a line for each stage and each tenth`() {
  var log = ProgressText()
  var lines: [String] = []
  for step in 0...1000 {
    let progress = TrainingProgress(
      stage: step < 300 ? "labels" : "groupdistil", fraction: Double(step) / 1000, secondsLeft: nil)
    if let line = log.line(progress) { lines.append(line) }
  }
  #expect(lines.count == 11)
  #expect(lines.first == "0.0 % labels")
  #expect(lines[3] == "30.0 % groupdistil")
  #expect(lines.last == "100.0 % groupdistil")
}
