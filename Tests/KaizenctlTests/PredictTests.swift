import Domain
import Foundation
import Testing
import Wire

@Suite struct PredictTests {
  private static let answer: ScriptedDaemon.InferScript = { call throws(WireFault) in
    guard case .infer(let line, _, let request) = call else { throw .unknownPath("scripted") }
    return InferReply(
      modelName: line.text, modelVersion: "4", id: request.id ?? "made-up",
      parameters: [
        "prediction_id": .text("p-1"), "group": .text("product=A7,camera=2"), "confidence": .number(0.75),
        "advice": .text("accept"), "latency_us": .integer(41), "recorded": .flag(true),
      ],
      outputs: [
        OutputTensor(name: "group", shape: [1], datatype: .bytes, data: .bytes(["product=A7,camera=2"])),
        OutputTensor(name: "probabilities", shape: [1, 3], datatype: .fp32, data: .floats([0.75, 0.2, 0.05])),
        OutputTensor(name: "label", shape: [1], datatype: .bytes, data: .bytes(["good"])),
      ]
    ).response
  }

  @Test func `features by name arrive in the line's order, with their attributes`() async throws {
    try await ScriptedDaemon.with(Plant.script, infer: Self.answer) { daemon in
      let ended = try await daemon.command(
        "predict", "press-3", "--id", "S-9", "--attribute", "product=A7", "--attribute", "camera=2", "force=-2.5e1",
        "heat=0.5")
      #expect(ended.code == 0, "\(ended.errors)")
      let tensor = InputTensor(name: "features", shape: [1, 2], datatype: .fp32, data: .floats([0.5, -25]))
      let request = InferRequest(
        id: "S-9", parameters: ["product": .text("A7"), "camera": .text("2")], inputs: [tensor])
      #expect(daemon.inferences == [.infer(try LineID("press-3"), nil, request)])
      #expect(
        ended.output == """
          S-9: good (75.0 %)
          advice: accept

          class     share
          good     75.0 %
          scratch  20.0 %
          dent      5.0 %

          student v4 of press-3, group product=A7,camera=2, 41 us, recorded

          """)
    }
  }

  @Test func `JSON of a part holds its schema and what the answer said`() async throws {
    try await ScriptedDaemon.with(Plant.script, infer: Self.answer) { daemon in
      let ended = try await daemon.command("predict", "press-3", "heat=1", "force=2", "--json")
      let object = try #require(jsonObject(ended.output))
      #expect(object["schema"] as? Int == 1)
      #expect(object["label"] as? String == "good")
      #expect(object["prediction_id"] as? String == "p-1")
      #expect(object["model_version"] as? Int == 4)
      #expect(object["latency_us"] as? Double == 41)
      #expect(object["recorded"] as? Bool == true)
    }
  }

  @Test(arguments: [#"{"force": 2, "heat": 1.5}"#, "[1.5, 2]"])
  func `features come from a file by name or in order`(text: String) async throws {
    try await ScriptedDaemon.with(Plant.script, infer: Self.answer) { daemon in
      let file = daemon.folder.appending(path: "part.json")
      try Data(text.utf8).write(to: file)
      let ended = try await daemon.command("predict", "press-3", "--json-inputs", file.path)
      #expect(ended.code == 0, "\(ended.errors)")
      guard case .infer(_, _, let request) = daemon.inferences.first else {
        Issue.record("nothing was asked")
        return
      }
      #expect(request.inputs.map(\.data) == [.floats([1.5, 2])])
    }
  }

  @Test(arguments: [
    (["heat=1"], "needs also force"), (["heat=1", "force=2", "colour=3"], "no feature colour"),
    (["heat=1", "force=hot"], "\"hot\" is not a finite number"), (["heat=1", "heat=2", "force=1"], "given twice"),
    (["heat", "force=1"], "name=value"), (["heat=nan", "force=1"], "not a finite number"),
    (["heat=1", "force=2", "--attribute", "shift=day"], "no attribute of press-3"),
  ])
  func `a wrong part is 64 and nothing is asked`(arguments: [String], sentence: String) async throws {
    try await ScriptedDaemon.with(Plant.script, infer: Self.answer) { daemon in
      let ended = try await daemon.command(["predict", "press-3"] + arguments)
      #expect(ended.code == 64)
      #expect(ended.errors.contains(sentence), "\(ended.errors)")
      #expect(daemon.inferences.isEmpty)
    }
  }

  @Test func `of many missing features ten are named, and the verb that lists all`() async throws {
    var wide = Plant.row
    wide.features = (1...25).map { "f\($0)" }
    let reply = LinesReply(lines: [wide])
    let script: ScriptedDaemon.Script = { _ throws(WireFault) in OperatorCoding.response(reply) }
    try await ScriptedDaemon.with(script, infer: Self.answer) { daemon in
      let ended = try await daemon.command("predict", "press-3", "f2=1")
      #expect(ended.code == 64)
      #expect(ended.errors.contains("needs also f1, f3, f4, f5, f6, f7, f8, f9, f10, f11 and 14 more."))
      #expect(ended.errors.hasSuffix("Next: kaizenctl lines press-3\n"))
    }
  }

  @Test(arguments: ["[1]", "[1, null]", "{\"heat\": 1}", "{\"heat\": \"hot\", \"force\": 1}", "7", "[1, 2", ""])
  func `a wrong file of features is 65`(text: String) async throws {
    try await ScriptedDaemon.with(Plant.script, infer: Self.answer) { daemon in
      let file = daemon.folder.appending(path: "part.json")
      try Data(text.utf8).write(to: file)
      let ended = try await daemon.command("predict", "press-3", "--json-inputs", file.path)
      #expect(ended.code == 65, "\(ended.errors)")
      let missing = try await daemon.command("predict", "press-3", "--json-inputs", file.path + "x")
      #expect(missing.code == 66)
      if text == "[1]" {
        #expect(
          ended.errors.contains("part.json holds 1 number in the shape [1]; one part of press-3 has the shape [2]."))
      }
    }
  }

  private static let camera: ScriptedDaemon.Script = { _ throws(WireFault) in
    var row = Plant.row
    row.input = "image"
    row.shape = [2, 3, 1]
    row.features = []
    return OperatorCoding.response(LinesReply(lines: [row]))
  }

  @Test(arguments: ["[1,2,3,4,5,6]", "[[1,2,3],[4,5,6]]", "[[[1],[2],[3]],[[4],[5],[6]]]"])
  func `a picture is a list of numbers, flat or row by row, from a file or standard input`(text: String) async throws {
    try await ScriptedDaemon.with(Self.camera, infer: Self.answer) { daemon in
      let file = daemon.folder.appending(path: "part.json")
      try Data(text.utf8).write(to: file)
      let ended = try await daemon.command("predict", "press-3", "--json-inputs", file.path)
      #expect(ended.code == 0, "\(ended.errors)")
      guard case .infer(_, _, let request) = daemon.inferences.first else {
        Issue.record("nothing was asked")
        return
      }
      #expect(
        request.inputs == [
          InputTensor(name: "features", shape: [1, 2, 3, 1], datatype: .fp32, data: .floats([1, 2, 3, 4, 5, 6]))
        ])
    }
  }

  @Test(arguments: [
    "[1,2,3]", "[[1,2],[3,4],[5,6]]", "[[1,2,3],[4,5]]", "[[1,2,3],4,5,6]", "[1,[2,3],4,5,6]", "[]", "[[],[]]",
    "{\"a\": 1}", "[[1,2,3],[4,5,null]]",
  ])
  func `a picture of another shape is 65 with the shapes that will do`(text: String) async throws {
    try await ScriptedDaemon.with(Self.camera, infer: Self.answer) { daemon in
      let file = daemon.folder.appending(path: "part.json")
      try Data(text.utf8).write(to: file)
      let ended = try await daemon.command("predict", "press-3", "--json-inputs", file.path)
      #expect(ended.code == 65, "\(ended.errors)")
      if !text.contains("null"), !text.contains("{") {
        #expect(ended.errors.contains("[2, 3, 1] or [2, 3] or [6]"), "\(ended.errors)")
      }
      #expect(daemon.inferences.isEmpty)
    }
  }

  @Test func `pixels have no names to give them by`() async throws {
    try await ScriptedDaemon.with(Self.camera, infer: Self.answer) { daemon in
      let ended = try await daemon.command("predict", "press-3", "x1=3")
      #expect(ended.code == 64)
      #expect(ended.errors.contains("an image 2x3x1, whose numbers have no names"), "\(ended.errors)")
      #expect(ended.errors.hasSuffix("Next: kaizenctl predict press-3 --json-inputs part.json\n"))
    }
  }

  private func asked(_ daemon: ScriptedDaemon) -> InferRequest? {
    guard case .infer(_, _, let request) = daemon.inferences.first else { return nil }
    return request
  }

  @Test func `a part may be a row of a file, with its attributes and without its label`() async throws {
    try await ScriptedDaemon.with(Plant.script, infer: Self.answer) { daemon in
      let file = daemon.folder.appending(path: "parts.csv")
      let text = "seq,force,product,heat,camera,class\n1,2,A7,1.5,1,good\n2,-4,B2,3.25,2,dent\n"
      try Data(text.utf8).write(to: file)
      let ended = try await daemon.command(
        "predict", "press-3", "--data", file.path, "--row", "2", "--label", "class", "--attribute", "camera=9")
      #expect(ended.code == 0, "\(ended.errors)")
      let request = try #require(asked(daemon))
      #expect(request.inputs.map(\.data) == [.floats([3.25, -4])])
      #expect(request.parameters == ["product": .text("B2"), "camera": .text("9")])
      let beyond = try await daemon.command(
        "predict", "press-3", "--data", file.path, "--row", "3", "--label", "class")
      #expect(beyond.code == 65, "\(beyond.errors)")
      let missing = try await daemon.command("predict", "press-3", "--data", file.path + "x", "--row", "1")
      #expect(missing.code == 66, "\(missing.errors)")
    }
  }

  @Test func `a row of a picture is all its other columns, which must be as many as pixels`() async throws {
    try await ScriptedDaemon.with(Self.camera, infer: Self.answer) { daemon in
      let file = daemon.folder.appending(path: "parts.csv")
      let text = "product,camera,label,a,b,c,d,e,f\nA7,1,good,1,2,3,4,5,6\n"
      try Data(text.utf8).write(to: file)
      let ended = try await daemon.command("predict", "press-3", "--data", file.path, "--row", "1")
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(try #require(asked(daemon)).inputs.map(\.shape) == [[1, 2, 3, 1]])
      try Data("product,camera,label,a,b\nA7,1,good,1,2\n".utf8).write(to: file)
      let narrow = try await daemon.command("predict", "press-3", "--data", file.path, "--row", "1")
      #expect(narrow.code == 65)
      #expect(narrow.errors.contains("image 2x3x1 is 6 numbers"), "\(narrow.errors)")
    }
  }
}
