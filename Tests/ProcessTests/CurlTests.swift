import Domain
import Testing
import UnixSocket
import Wire

extension ProcessTests {
  /// What a stranger does who has nothing but curl and the protocol's text.
  @Suite struct CurlTests {
    private static let model = "/v2/models/press-1"

    private func withCurl(_ body: (Curl, TestedDaemon) async throws -> Void) async throws {
      guard let program = Curl.program else {
        print("skipped: curl is not installed")
        return
      }
      try await withDaemon(config: "[limits]\nbody_bytes_max = 65536\n") { daemon in
        try await body(Curl(program: program, socket: daemon.infer), daemon)
      }
    }

    private func part(_ id: String?, x: String = "0.5", shape: String = "[1,2]", datatype: String = "FP32") -> String {
      let name = id.map { "\"id\":\"\($0)\"," } ?? ""
      return """
        {\(name)"parameters":{"product":"A"},
         "inputs":[{"name":"features","shape":\(shape),"datatype":"\(datatype)","data":[\(x),0.25]}]}
        """
    }

    @Test func `health and metadata are as the protocol says`() async throws {
      try await withCurl { curl, _ in
        for path in ["/v2/health/live", "/v2/health/ready"] {
          let health = try await curl(path)
          #expect(health.status == 200)
          #expect(health.contentType == "application/json")
          #expect(health.body == .object(["live": .flag(true), "ready": .flag(true)]))
        }
        let server = try await curl("/v2")
        #expect(server.body["name"] == .text("kaizend"))
        #expect(server.body["version"]?.text != nil)
        #expect(server.body["extensions"]?.elements?.contains(.text("kaizen_outcomes")) == true)
        for path in [Self.model, Self.model + "/versions/1"] {
          let model = try await curl(path)
          #expect(model.status == 200)
          #expect(model.body["name"] == .text("press-1"))
          #expect(model.body["versions"] == .array([.text("1")]))
          #expect(model.body["platform"]?.text != nil)
          let input = try #require(model.body["inputs"]?.elements?.first)
          #expect(input["datatype"] == .text("FP32"))
          #expect(input["shape"] == .array([.integer(-1), .integer(2)]))
          #expect(model.body["outputs"]?.elements?.first?["name"] == .text("label"))
          #expect(try await curl(path + "/ready").status == 200)
        }
        #expect(try await curl("/v2/repository/index", method: "POST").body.elements?.count == 1)
        #expect(try await curl(Self.model + "/stats").body["model_stats"]?.elements?.count == 1)
      }
    }

    @Test func `a part is answered with its group, and asked again it is the same part`() async throws {
      try await withCurl { curl, daemon in
        let first = try await curl(Self.model + "/infer", body: part("serial-1"))
        #expect(first.status == 200)
        #expect(first.contentType == "application/json")
        #expect(first.body["model_name"] == .text("press-1"))
        #expect(first.body["model_version"] == .text("1"))
        #expect(first.body["id"] == .text("serial-1"))
        let parameters = try #require(first.body["parameters"])
        #expect(parameters["prediction_id"] == .text("serial-1"))
        #expect(parameters["group"] == .text("product=A"))
        #expect(parameters["advice"] == .text("accept"))
        #expect(parameters["recorded"] == .flag(true))
        #expect((parameters["confidence"]?.number ?? 0) > 0.6)
        #expect((parameters["latency_us"]?.integer ?? -1) >= 0)
        let outputs = try #require(first.body["outputs"]?.elements)
        #expect(outputs.first { $0["name"] == .text("label") }?["data"] == .array([.text("good")]))

        let rows = try await daemon.predictions()
        let again = try await curl(Self.model + "/infer", body: part("serial-1"))
        #expect(again.status == 200)
        #expect(again.body["outputs"] == first.body["outputs"])
        #expect(again.body["parameters"]?["confidence"] == parameters["confidence"])
        #expect(try await daemon.predictions() == rows, "the second answer stored no second row")

        let conflict = try await curl(Self.model + "/infer", body: part("serial-1", x: "-0.5"))
        expectFault(conflict, 409, "serial-1")
        #expect(try await daemon.predictions() == rows)

        let unnamed = try await curl(Self.model + "/versions/1/infer", body: part(nil))
        #expect(unnamed.status == 200)
        #expect(unnamed.body["id"]?.text?.split(separator: "-").count == 5, "a part without an id is given one")
        let unseen = part("serial-2").replacing("\"A\"", with: "\"Z\"")
        let other = try await curl(Self.model + "/infer", body: unseen)
        #expect(other.body["parameters"]?["advice"] == .text("manual_check"), "no student was trained on product Z")
        #expect(try await daemon.predictions() == rows + 2)
      }
    }

    @Test func `parts of a batch bring their own attributes and ids`() async throws {
      try await withCurl { curl, daemon in
        let batch = """
          {"id":"tray-7","inputs":[{"name":"features","shape":[3,2],"datatype":"FP32","data":[[0.5,0],[-0.5,0],[1,0]]},
           {"name":"product","shape":[3],"datatype":"BYTES","data":["A","B","Z"]},
           {"name":"part_id","shape":[3],"datatype":"BYTES","data":["t7-1","t7-2","t7-3"]}],
           "outputs":[{"name":"label"},{"name":"group"},{"name":"part_id"}]}
          """
        let answer = try await curl(Self.model + "/infer", body: batch)
        #expect(answer.status == 200)
        #expect(answer.body["id"] == .text("tray-7"))
        let outputs = try #require(answer.body["outputs"]?.elements)
        #expect(
          outputs.map { $0["data"] } == [
            .array([.text("good"), .text("bad"), .text("good")]),
            .array([.text("product=A"), .text("product=B"), .text("product=Z")]),
            .array([.text("t7-1"), .text("t7-2"), .text("t7-3")]),
          ])
        #expect(try await daemon.predictions() == 3)
        let outcome = try await curl(Self.model + "/outcomes", body: #"{"outcomes":[{"id":"t7-2","label":"bad"}]}"#)
        #expect(outcome.body["outcomes"]?.elements?.first?["status"] == .text("joined"))
      }
    }

    @Test func `outcomes are told what became of each`() async throws {
      try await withCurl { curl, daemon in
        #expect(try await curl(Self.model + "/infer", body: part("p1")).status == 200)
        let steps: [(item: String, status: String)] = [
          (#"{"id":"p1","label":"good"}"#, "joined"),
          (#"{"id":"p1","label":"good"}"#, "duplicate"),
          (#"{"id":"p1","label":"bad"}"#, "conflict"),
          (#"{"id":"p1","label":"bad","amends":true}"#, "amended"),
          (#"{"id":"p1","label":"good","source":"lab"}"#, "conflict"),
          (#"{"id":"p1","label":"bad","source":"audit"}"#, "joined"),
          (#"{"id":"p2","label":"good","observed_at":"2026-01-01T10:00:00Z"}"#, "held_unknown_id"),
          (#"{"id":"p1","label":"purple"}"#, "unknown_label"),
        ]
        for (item, status) in steps {
          let answer = try await curl(Self.model + "/outcomes", body: #"{"outcomes":[\#(item)]}"#)
          #expect(answer.status == 200)
          #expect(answer.body["outcomes"]?.elements?.first?["status"] == .text(status), "\(item)")
        }
        #expect(try await curl(Self.model + "/infer", body: part("p2")).status == 200)
        let late = try await curl(Self.model + "/outcomes", body: #"{"outcomes":[{"id":"p2","label":"good"}]}"#)
        #expect(late.body["outcomes"]?.elements?.first?["status"] == .text("duplicate"), "held until its part came")
        let mixed = #"{"outcomes":[{"id":"p1","label":"purple"},{"id":"p9","label":"bad"}]}"#
        let several = try await curl(Self.model + "/outcomes", body: mixed).body["outcomes"]?.elements ?? []
        #expect(several.map { $0["status"]?.text } == ["unknown_label", "held_unknown_id"])
        expectFault(try await curl(Self.model + "/outcomes", body: #"{"outcomes":[{"id":"p1"}]}"#), 400, "label")
        #expect(try await daemon.status().ledger.outcomes == 3)
      }
    }

    @Test func `every error is a sentence with its status`() async throws {
      try await withCurl { curl, daemon in
        let infer = Self.model + "/infer"
        let rows = try await daemon.predictions()
        expectFault(try await curl("/v3"), 404, "/v3")
        expectFault(try await curl("/v2/models/press-9"), 404, "press-9")
        expectFault(try await curl("/v2/models/press-9/infer", body: part("e")), 404, "press-9")
        expectFault(try await curl("/v2/models/press-9/outcomes", body: #"{"outcomes":[{"id":"a","label":"b"}]}"#), 404)
        expectFault(try await curl(Self.model + "/versions/99"), 404, "99")
        expectFault(try await curl(Self.model + "/versions/99/infer", body: part("e")), 404, "99")
        expectFault(try await curl(Self.model + "/versions/99/ready"), 404, "99")
        let method = try await curl(infer)
        expectFault(method, 405, "GET")
        #expect(method.headers.contains("Allow: POST"))
        expectFault(try await curl("/v2/health/live", method: "DELETE"), 405, "DELETE")
        expectFault(try await curl(infer, body: #"{"id":"e",}"#), 400, "byte 10")
        expectFault(try await curl(infer, body: ""), 400)
        expectFault(try await curl(infer, body: "[]"), 400, "object")
        expectFault(try await curl(infer, body: part("e", shape: "[1,3]")), 400, "features")
        expectFault(try await curl(infer, body: part("e", shape: "[2]", datatype: "COMPLEX")), 400)
        expectFault(try await curl(infer, body: part("e", x: "0.5,0.5", shape: "[1,3]")), 400, "[n, 2]")
        expectFault(try await curl(infer, body: part("e", x: "NaN")), 400)
        expectFault(try await curl(infer, body: part("e", x: "1e300")), 400, "finite")
        expectFault(try await curl(infer, body: #"{"id":"e","inputs":[]}"#), 400, "inputs")
        expectFault(try await curl(infer, body: #"{"id":"e"}"#), 400)
        let long = String(repeating: "x", count: 129)
        expectFault(try await curl(infer, body: part(long)), 400, "128")
        let large = part("e") + String(repeating: " ", count: 70_000)
        expectFault(try await curl(infer, body: large), 413, "65536")
        expectFault(try await curl(infer, body: part("e"), headers: ["Content-Encoding: br"]), 415, "br")
        #expect(try await daemon.predictions() == rows, "a refused part leaves no row")
        #expect(try await curl(infer, body: part("e")).status == 200)
      }
    }

    private func expectFault(_ answer: Curl.Answer, _ status: Int, _ words: String = "") {
      #expect(answer.status == status)
      #expect(answer.contentType == "application/json", "clients compare the whole type")
      guard case .object(let members) = answer.body else {
        Issue.record("the body of \(status) is no object")
        return
      }
      #expect(Array(members.keys) == ["error"])
      #expect(words.isEmpty || answer.error.contains(words), "\(answer.error)")
      #expect(answer.error.split(separator: " ").count >= 4, "a sentence: \(answer.error)")
    }
  }
}
