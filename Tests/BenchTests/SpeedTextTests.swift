import Testing
import Wire
import kaizen_bench

private func result(
  _ student: String, batch: Int, torch: SpeedResult.Peer?, onnxruntime: SpeedResult.Peer?, goals: [SpeedGoal]
) -> SpeedResult {
  SpeedResult(
    student: student, layers: "64", batch: batch, microseconds: 41.23, gflops: 123.4, shareOfPeak: 0.462,
    torch: torch, onnxruntime: onnxruntime, goals: goals)
}

private func report(_ scenario: SpeedReport.Scenario, _ results: [SpeedResult], torch: String?, absent: [String])
  -> SpeedReport
{
  SpeedReport(
    scenario: scenario, instructionSet: "avx2", core: 0, rounds: 9, peakGflops: 133.4,
    peers: .init(
      torch: torch, onnxruntime: scenario == .infer ? "1.32.0" : nil, absent: absent, peakMemoryKilobytes: 409_600),
    results: results, peakMemoryKilobytes: 30_720)
}

@Test func `a training report is a table with the goals beside the figures`() {
  let text = SpeedText.text(
    report(
      .train,
      [
        result(
          "mlp", batch: 64, torch: .init(microseconds: 392.1, ratio: 9.51, variant: nil), onnxruntime: nil,
          goals: [
            SpeedGoal(.torchRatio, least: 8, found: 9.51), SpeedGoal(.shareOfPeak, least: 0.6, found: 0.462),
          ]),
        result(
          "cnn2d-64", batch: 256, torch: .init(microseconds: 219_530.4, ratio: 2.94, variant: nil), onnxruntime: nil,
          goals: [SpeedGoal(.torchRatio, least: 2.5, found: 2.94)]),
      ], torch: "2.15.0", absent: []))
  #expect(
    text == """
      One training step (forward, loss, backward, AdamW) of kaizend, PyTorch 2.15.0,
      in microseconds of processor time; all on one core, one thread, medians of 9
      rounds. Peak of the core with avx2: 133 GFLOP/s.

      student   batch  kaizend  PyTorch  ratio    goal  GFLOP/s  of peak    60 %
      mlp          64     41.2      392   9.51    8 ok      123     46 %  missed
      cnn2d-64    256     41.2   219530   2.94  2.5 ok      123     46 %

      2 of 3 goals met. Ratio: their time divided by ours. Highest memory:
      kaizen-bench 30 MB, PyTorch's process 400 MB.
      """)
}

@Test func `a table stays within eighty columns, whatever is missed`() {
  let peer = SpeedResult.Peer(microseconds: 219_530, ratio: 0.123, variant: nil)
  let goals = [
    SpeedGoal(.torchRatio, least: 2.5, found: 0.1), SpeedGoal(.onnxruntimeRatio, least: 2.5, found: 0.1),
    SpeedGoal(.shareOfPeak, least: 0.6, found: 0.1),
  ]
  for scenario in [SpeedReport.Scenario.train, .infer] {
    let text = SpeedText.text(
      report(
        scenario, [result("cnn2d-64", batch: 256, torch: peer, onnxruntime: peer, goals: goals)], torch: "2.15.0",
        absent: []))
    for line in text.split(separator: "\n") { #expect(line.count <= SpeedText.pageWidth, "\(line)") }
  }
}

@Test func `an inference report puts ONNX Runtime first, and says who is missing`() {
  let onnxruntime = SpeedResult.Peer(microseconds: 2.449, ratio: 0.98, variant: nil)
  let text = SpeedText.text(
    report(
      .infer,
      [
        result(
          "cnn1d", batch: 1, torch: nil, onnxruntime: onnxruntime,
          goals: [SpeedGoal(.onnxruntimeRatio, least: 2.5, found: 0.98)]),
        result("cnn1d", batch: 32, torch: nil, onnxruntime: nil, goals: []),
      ], torch: nil, absent: ["PyTorch is not measured: it is not there."]))
  #expect(
    text == """
      The answers to one batch of kaizend, ONNX Runtime 1.32.0, in microseconds of
      processor time; all on one core, one thread, medians of 9 rounds. Peak of the
      core with avx2: 133 GFLOP/s.

      student  batch  kaizend  ONNX RT  ratio        goal  PyTorch  ratio  of peak
      cnn1d        1     41.2     2.45  0.980  2.5 missed        -      -     46 %
      cnn1d       32     41.2        -      -                    -      -     46 %

      PyTorch is not measured: it is not there.

      0 of 1 goals met. Ratio: their time divided by ours. Highest memory:
      kaizen-bench 30 MB, PyTorch's process 400 MB.
      """)
}

@Test func `a goal without a figure is neither met nor missed`() {
  let goal = SpeedGoal(.torchRatio, least: 8, found: nil)
  #expect(goal.met == nil)
  let text = SpeedText.text(
    report(
      .train, [result("mlp", batch: 64, torch: nil, onnxruntime: nil, goals: [goal])], torch: nil,
      absent: ["Only kaizend is measured, as asked."]))
  #expect(text.contains("-      -   8 ?"))
  #expect(text.contains("0 of 0 goals met"))
}

@Test func `the JSON has these keys`() throws {
  let peer = SpeedResult.Peer(microseconds: 2, ratio: 4, variant: "channels_last")
  let goal = SpeedGoal(.onnxruntimeRatio, least: 3, found: 4)
  let made = report(
    .infer, [result("mlp", batch: 1, torch: peer, onnxruntime: peer, goals: [goal])], torch: "2.15.0", absent: ["A."])
  let json = try made.json()
  #expect(
    json
      == #"{"core":0,"instruction_set":"avx2","peak_gflops":133.4,"peak_memory_kilobytes":30720,"peers":{"absent":["A."]"#
      + #","onnxruntime":"1.32.0","peak_memory_kilobytes":409600,"torch":"2.15.0"},"results":[{"batch":1,"gflops":123.4"#
      + #","goals":[{"figure":"onnxruntime_ratio","least":3,"met":true}],"layers":"64","microseconds":41.23,"#
      + #""onnxruntime":{"microseconds":2,"ratio":4,"variant":"channels_last"},"share_of_peak":0.462,"student":"mlp","#
      + #""torch":{"microseconds":2,"ratio":4,"variant":"channels_last"}}],"rounds":9,"scenario":"infer","schema":1}"#)
  let read: SpeedReport = try OperatorCoding.message(from: Array(json.utf8))
  #expect(read == made)
}
