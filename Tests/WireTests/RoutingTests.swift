import Domain
import Testing
import Wire

private func request(
  _ method: WireMethod, _ target: String, _ body: String = "", headers: WireHeaders = WireHeaders()
) throws -> WireRequest {
  try WireRequest(method: method, target: target, headers: headers, body: Array(body.utf8))
}

private func inferFault(
  _ method: WireMethod, _ target: String, _ body: String = "", headers: WireHeaders = WireHeaders()
) -> WireFault? {
  do {
    _ = try InferenceCall.decode(try request(method, target, body, headers: headers))
    return nil
  } catch { return error as? WireFault }
}

private func operatorFault(_ method: WireMethod, _ target: String, _ body: String = "") -> WireFault? {
  do {
    _ = try OperatorCall.decode(try request(method, target, body))
    return nil
  } catch { return error as? WireFault }
}

private let inferBody = #"{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}"#

@Test func `every call of the inference protocol comes back from what a client sends`() throws {
  let line = try LineID("die-casting")
  let tensor = Tensor(name: "x", shape: [1, 2], datatype: .fp32, data: .floats([1, 2]))
  let items = [
    OutcomeItem(id: "a", label: .text("ok")),
    OutcomeItem(
      id: "b", label: .number(1), observedAt: Timestamp("2026-01-02T03:04:05Z"), source: "audit",
      samplingProbability: 0.05, amends: true),
  ]
  let calls: [InferenceCall] = [
    .live, .ready, .serverMetadata, .modelMetadata(line, nil), .modelMetadata(line, ModelVersion(3)),
    .modelReady(line, nil), .modelReady(line, ModelVersion(1)), .infer(line, nil, InferRequest(inputs: [tensor])),
    .infer(line, ModelVersion(2), InferRequest(id: "7", inputs: [tensor])), .outcomes(line, items),
    .repositoryIndex(readyOnly: false), .repositoryIndex(readyOnly: true), .modelStats(line, nil),
    .modelStats(line, ModelVersion(2)), .modelStats(nil, nil),
  ]
  for call in calls {
    let sent = call.outgoing
    let received = try WireRequest(method: sent.method, target: sent.path, body: sent.body)
    #expect(try InferenceCall.decode(received) == call)
  }
}

@Test func `every operator call comes back from what a client sends`() throws {
  let line = try LineID("l1")
  let calls: [OperatorCall] = [
    .live, .ready, .outcomes(line, []), .checkOutcomes(line, [OutcomeItem(id: "a", label: .text("ok"))]),
    .coverage(line), .status, .lines, .addLine(try sampleLine()), .groups(line), .models(line),
    .modelBytes(line, ModelVersion(12)), .retrain(line, RetrainRequest(groups: ["mold=a,outcome=x%3D"], dryRun: true)),
    .retrain(line, RetrainRequest(groups: [], dryRun: false, scope: .whole)),
    .promote(line, PromoteRequest(version: 3, cells: ["mold=a", "mold=b%2C"], reason: "why")),
    .promote(line, PromoteRequest(version: 1, reason: nil)), .approve(run: 7, ApproveRequest(reason: nil)),
    .approve(run: 7, ApproveRequest(reason: "seen")), .reject(run: 8, RejectRequest(reason: "not now")),
    .rollback(line, RollbackRequest(cell: nil, reason: "why")), .runs(nil), .runs(line), .run(4), .explainRun(5),
    .explainGroup(line, group: "mold=8412,shift=day & é+%2C"), .audit(line: line, run: 3, group: "a=b", limit: 7),
    .audit(line: nil, run: nil, group: nil, limit: 100), .verifyAudit, .reload, .auditEntries(after: 40), .maintenance,
    .backup, .doctor, .backups, .removeBackup(stamp: "20261128T061500Z-2"),
    .backupBytes(BackupPiece(stamp: "20261128T061500Z", file: "teachers/a.onnx", offset: 12, count: 4096)),
    .report(line, since: nil), .report(line, since: Timestamp("2026-09-01T06:30:00.5Z")),
    .slices(line, anyDependence: false), .slices(line, anyDependence: true),
    .adoptSlice(line, AdoptSliceRequest(slice: "mold=a%2Cb,t1>=60.5", reason: nil)),
    .exportPlan(line, ExportSelection(format: .parquetCSV, features: true, group: "a=b,c=%2C")),
    .export(
      line, ExportSelection(format: .jsonl, since: Timestamp("2026-01-01"), until: Timestamp("2026-01-02T03:04:05.5Z")),
      ExportPage(table: .held, after: "12/SN%20 &1", through: 99)),
  ]
  for call in calls {
    let sent = try call.outgoing()
    let received = try WireRequest(method: sent.method, target: sent.path, body: sent.body)
    #expect(try OperatorCall.decode(received) == call)
  }
}

@Test(arguments: [
  "/", "/v1", "/v3", "/v2/health", "/v2/health/dead", "/v2/models", "/v2/models/a/versions/1/outcomes",
  "/v2/models/a/nothing", "/v2/models/a/ready/more", "/v2/repository", "/v2/models/a/versions/1/infer/x", "/v2/x/y",
])
func `paths that are not in the protocol are 404`(path: String) {
  #expect(inferFault(.get, path)?.status == 404)
}

@Test(arguments: [
  "/", "/v1", "/v1/x", "/v1/lines/l", "/v1/lines/l/x", "/v1/runs/x", "/v1/explain", "/v1/explain/-1", "/v1/audit/x",
  "/v2/models/l/infer", "/v2", "/v1/lines/l/models/1", "/v1/runs/99999999999999999999", "/v1/lines/l/groups/x",
  "/v1/maintenance/x", "/v1/backups/s", "/v1/backups/s/x", "/v1/backup/x", "/v1/lines/l/export/x", "/v1/doctor/x",
  "/v1/runs/1/x", "/v1/runs/x/approve", "/v1/runs/1/approve/x", "/v1/lines/l/models/1/activate",
])
func `paths that are not in the operator API are 404`(path: String) {
  #expect(operatorFault(.get, path)?.status == 404)
}

@Test func `lines and versions that cannot be are unknown`() {
  #expect(inferFault(.get, "/v2/models/UPPER") == .unknownLine("UPPER"))
  #expect(inferFault(.get, "/v2/models/..")?.status == 404)
  for version in ["0", "-1", "+1", "x", "1.0", "99999999999999999999", "%20"] {
    #expect(inferFault(.get, "/v2/models/l/versions/\(version)")?.status == 404)
  }
}

@Test(arguments: [
  (WireMethod.post, "/v2", "GET, HEAD"), (.get, "/v2/models/l/infer", "POST"), (.get, "/v2/models/l/outcomes", "POST"),
  (.get, "/v2/repository/index", "POST"), (.other("DELETE"), "/v2/models/l", "GET, HEAD"),
  (.post, "/v2/health/live", "GET, HEAD"), (.head, "/v2/models/l/infer", "POST"),
])
func `a wrong method is 405 and says what is allowed`(method: WireMethod, path: String, allow: String) {
  let fault = inferFault(method, path)
  #expect(fault?.status == 405)
  #expect(fault?.response.headers["allow"] == allow)
}

@Test func `wrong methods of the operator API are 405`() {
  #expect(operatorFault(.post, "/v1/status")?.status == 405)
  #expect(operatorFault(.get, "/v1/lines/l/retrain")?.status == 405)
  #expect(operatorFault(.get, "/v1/audit/verify")?.status == 405)
  for path in [
    "/v1/backup", "/v1/doctor", "/v1/backups/s/remove", "/v1/runs/1/approve", "/v1/runs/1/reject",
    "/v1/lines/l/promote",
  ] {
    #expect(operatorFault(.get, path)?.status == 405)
  }
  for path in ["/v1/maintenance", "/v1/backups", "/v1/lines/l/export", "/v1/audit/entries"] {
    #expect(operatorFault(.post, path)?.status == 405)
  }
  #expect(operatorFault(.other("PUT"), "/v1/lines")?.response.headers["Allow"] == "GET, HEAD, POST")
}

@Test(arguments: [
  ("/v1/runs/1/reject", "{}", "reason"), ("/v1/runs/1/reject", #"{"reason":" "}"#, "says nothing"),
  ("/v1/runs/1/approve", #"{"reason":"a\u001b[2J"}"#, "control characters"),
  ("/v1/lines/l/promote", #"{"cells":[]}"#, "version"),
  ("/v1/lines/l/promote", #"{"version":0,"cells":[]}"#, "counts from 1"),
  ("/v1/lines/l/promote", #"{"version":1,"cells":["a","a"]}"#, "twice"),
  ("/v1/lines/l/promote", #"{"version":1,"cells":[],"reason":""}"#, "says nothing"),
])
func `what an operator decides needs its words`(path: String, body: String, told: String) {
  let fault = operatorFault(.post, path, body)
  #expect(fault?.status == 400)
  #expect(fault?.sentence.contains(told) == true, "\(fault?.sentence ?? "")")
}

@Test func `HEAD is read as GET`() throws {
  #expect(try InferenceCall.decode(try request(.head, "/v2/health/live")) == .live)
  #expect(try OperatorCall.decode(try request(.head, "/v1/status/")) == .status)
}

@Test(arguments: ["/v2/models/l/infer", "/v2/models/l/outcomes"])
func `bodies of another type or encoding are 415, those of curl pass`(path: String) {
  let body = path.hasSuffix("infer") ? inferBody : #"{"outcomes":[]}"#
  for type in ["text/plain", "multipart/form-data", "application/jsonx", ""] {
    #expect(inferFault(.post, path, body, headers: ["Content-Type": type].wire)?.status == 415)
  }
  for type in ["application/json", "Application/JSON; charset=utf-8", "application/x-www-form-urlencoded"] {
    #expect(inferFault(.post, path, body, headers: ["content-type": type].wire) == nil)
  }
  for coding in ["br", "zstd", "gzip, gzip", "compress"] {
    #expect(inferFault(.post, path, body, headers: ["Content-Encoding": coding].wire)?.status == 415)
  }
}

@Test func `only infer requests carry raw tensors, and Triton's clients name another type or none`() {
  let octets = ["Content-Type": "application/octet-stream"].wire
  #expect(inferFault(.post, "/v2/models/l/infer", inferBody, headers: octets) == nil)
  #expect(inferFault(.post, "/v2/models/l/infer", inferBody) == nil)
  #expect(inferFault(.post, "/v2/models/l/outcomes", #"{"outcomes":[]}"#, headers: octets)?.status == 415)
  let length = ["inference-header-content-length": "15"].wire
  #expect(inferFault(.post, "/v2/models/l/outcomes", #"{"outcomes":[]}"#, headers: length)?.status == 415)
}

@Test func `the index takes a filter, an empty object or nothing`() throws {
  let path = "/v2/repository/index"
  func call(_ body: String) throws -> InferenceCall { try InferenceCall.decode(try request(.post, path, body)) }
  #expect(try call("") == .repositoryIndex(readyOnly: false))
  #expect(try call("{}") == .repositoryIndex(readyOnly: false))
  #expect(try call(#"{"ready":true,"x":[]}"#) == .repositoryIndex(readyOnly: true))
  #expect(try call(#"{"ready":false}"#) == .repositoryIndex(readyOnly: false))
  for body in ["[]", "{", #"{"ready":1}"#, #"{"ready":true} x"#] {
    #expect(inferFault(.post, path, body)?.status == 400, "\(body)")
  }
}

@Test func `statistics are of a version, a line or everything, and nobody loads models from here`() throws {
  func call(_ path: String) throws -> InferenceCall { try InferenceCall.decode(try request(.get, path)) }
  let line = try LineID("l")
  #expect(try call("/v2/models/stats") == .modelStats(nil, nil))
  #expect(try call("/v2/models/l/stats") == .modelStats(line, nil))
  #expect(try call("/v2/models/l/versions/3/stats/") == .modelStats(line, ModelVersion(3)))
  #expect(try call("/v2/models/stats/stats") == .modelStats(try LineID("stats"), nil))
  #expect(inferFault(.post, "/v2/models/stats")?.status == 405)
  #expect(inferFault(.post, "/v2/repository/models/l/load")?.status == 403)
  #expect(inferFault(.post, "/v2/repository/models/l/unload", "{}")?.status == 403)
  #expect(inferFault(.get, "/v2/repository/models/l/load")?.status == 405)
  #expect(inferFault(.post, "/v2/repository/models/l/other")?.status == 404)
}

extension [String: String] {
  fileprivate var wire: WireHeaders {
    var headers = WireHeaders()
    for (name, value) in self { headers.append(name, value) }
    return headers
  }
}

@Test(arguments: ["v2", "", "*", "/a%2Fb", "/a%", "/a%4", "/a%zz", "/a%00", "/%ff", "/x?%0a=1", "/a%7f"])
func `targets that are no clean path are refused`(target: String) {
  #expect(throws: WireFault.self) { try request(.get, target) }
}

@Test func `targets are bounded and decoded, absolute form too`() throws {
  #expect(throws: WireFault.self) { try request(.get, "/" + String(repeating: "a", count: WireTarget.bytesMax)) }
  let many = (0...WireTarget.queryCountMax).map { "a\($0)=1" }.joined(separator: "&")
  #expect(throws: WireFault.self) { try request(.get, "/?" + many) }
  let decoded = try request(.get, "http://localhost/a%20b/%C3%A9?x=1%2B+2&y&x=3=4&")
  #expect(decoded.path == "/a b/é")
  #expect(decoded.query == ["x": "3=4", "y": ""])
  #expect(try request(.get, "http://localhost").path == "/")
}

@Test func `header names are found in any case and their number is bounded`() {
  var headers: WireHeaders = ["Kaizen-Deadline-Ms": "5"].wire
  #expect(headers["kaizen-deadline-MS"] == "5")
  #expect(headers["kaizen"] == nil)
  for _ in 0..<1000 { headers.append("a", "b") }
  #expect(headers.names.count == WireHeaders.fieldCountMax)
}

@Test(arguments: [
  (WireFault.malformedJSON(offset: 3, reason: "x"), 400), (.malformedHTTP("x"), 400), (.badTarget("x"), 400),
  (.badMessage("x"), 400), (.badTensor(name: "t", reason: "x"), 400), (.missingInput("x"), 400),
  (.nonFinite(name: "t", index: 2), 400), (.forbidden("x"), 403), (.unknownPath("/x"), 404), (.unknownLine("x"), 404),
  (.unknownVersion(line: "l", version: "9"), 404), (.unknownRun(7), 404), (.unknownGroup(line: "l", group: "g"), 404),
  (.methodNotAllowed(method: "PUT", allow: "GET"), 405), (.requestTimeout(seconds: 1), 408), (.idConflict("x"), 409),
  (.refused("x"), 409), (.bodyTooLarge(limit: 5), 413), (.unsupportedMedia("x"), 415),
  (.headersTooLarge(limit: 5), 431),
  (.internalFailure("x"), 500), (.queueFull(retryAfterSeconds: 3), 503), (.tooManyConnections(limit: 5), 503),
  (.notReady("x"), 503), (.deadlinePassed(milliseconds: 5), 504),
])
func `every fault is its status and one sentence as JSON`(fault: WireFault, status: Int) throws {
  let response = fault.response
  #expect(response.status == status)
  #expect(response.contentType == "application/json")
  #expect(try JSONValue(parsing: response.body) == .object(["error": .text(fault.sentence)]))
  #expect(response.errorSentence == fault.sentence)
}

@Test func `a full queue says when to come back`() {
  #expect(WireFault.queueFull(retryAfterSeconds: 3).response.headers["Retry-After"] == "3")
}

@Test(arguments: [
  "{}", "[]", #"{"outcomes":3}"#, #"{"outcomes":[1]}"#, #"{"outcomes":[{"id":"a"}]}"#, #"{"outcomes":[{"label":"a"}]}"#,
  #"{"outcomes":[{"id":"","label":"a"}]}"#, #"{"outcomes":[{"id":"a","label":null}]}"#,
  #"{"outcomes":[{"id":"a","label":"x","observed_at":"yesterday"}]}"#,
  #"{"outcomes":[{"id":"a","label":"x","observed_at":5}]}"#, #"{"outcomes":[{"id":"a","label":"x","amends":"yes"}]}"#,
  #"{"outcomes":[{"id":"a","label":"x","source":[]}]}"#, #"{"outcomes":[{"id":7,"label":"x"}]}"#,
  #"{"outcomes":[{"id":"a","label":{}}]}"#, #"{"outcomes":[{"id":"a","label":"x","sampling_probability":0}]}"#,
  #"{"outcomes":[{"id":"a","label":"x","sampling_probability":1.1}]}"#,
  #"{"outcomes":[{"id":"a","label":"x","sampling_probability":"1"}]}"#,
])
func `outcomes that are none are refused`(body: String) {
  #expect(inferFault(.post, "/v2/models/l/outcomes", body)?.status == 400)
}

@Test func `what an outcome does not say may be null, and what nobody knows is passed over`() throws {
  let text =
    #"{"x":[1],"outcomes":[{"id":"a","more":{"b":[]},"label":"l","observed_at":null,"source":null,"amends":null,"sampling_probability":null}]}"#
  #expect(try OutcomesRequest.parse(Array(text.utf8)) == [OutcomeItem(id: "a", label: .text("l"))])
}

@Test func `labels are names, and numbers read as the names they spell`() throws {
  let items = try OutcomesRequest.parse(Array(#"{"outcomes":[{"id":"a","label":1.0},{"id":"b","label":"x"}]}"#.utf8))
  #expect(items.map(\.label.text) == ["1", "x"])
}

@Test func `the answer to outcomes comes back with every status`() throws {
  let reply = OutcomesReply(rows: OutcomeStatus.allCases.map { .init(id: $0.rawValue, status: $0) })
  #expect(try OutcomesReply(parsing: reply.response.body) == reply)
  let text = String(decoding: reply.response.body, as: UTF8.self)
  #expect(text.hasPrefix(#"{"outcomes":[{"id":"joined","status":"joined"}"#))
}

@Test func `health, metadata and Triton's answers are the documented JSON`() throws {
  func text(_ response: WireResponse) -> String { String(decoding: response.body, as: UTF8.self) }
  let warming = HealthReply(live: true, ready: false)
  #expect(text(warming.response(asking: .ready)) == #"{"live":true,"ready":false}"#)
  #expect(warming.response(asking: .ready).status == 503)
  #expect(warming.response(asking: .live).status == 200)
  #expect(
    text(ServerMetadata(name: "kaizend", version: "0.1").response)
      == #"{"name":"kaizend","version":"0.1","extensions":["binary_tensor_data","model_repository","statistics","kaizen_outcomes"]}"#
  )
  let input = TensorMetadata(name: "features", datatype: .fp32, shape: [-1, 64])
  let output = TensorMetadata(name: "class", datatype: .bytes, shape: [-1])
  #expect(
    text(ModelMetadata(name: "l", versions: ["1"], platform: "kaizen", inputs: [input], outputs: [output]).response)
      == #"{"name":"l","versions":["1"],"platform":"kaizen","inputs":[{"name":"features","datatype":"FP32","shape":[-1,64]}],"outputs":[{"name":"class","datatype":"BYTES","shape":[-1]}]}"#
  )
  #expect(ModelReadyReply(name: "l", ready: false).response.status == 503)
  #expect(
    text(RepositoryEntry.response([RepositoryEntry(name: "l", version: "1", isReady: true)]))
      == #"[{"name":"l","reason":"","state":"READY","version":"1"}]"#)
  var row = ModelStatistics(name: "l", version: "1")
  row.success.add(2)
  row.success.add(3)
  row.fail.add(9)
  row.computeInfer.add(1)
  let statistics = try JSONValue(parsing: ModelStatistics.response([row]).body)["model_stats"]?.elements?.first
  #expect(statistics?["name"] == .text("l"))
  let times = statistics?["inference_stats"]
  #expect(times?["success"] == .object(["count": .integer(2), "ns": .integer(5)]))
  #expect(times?["fail"] == .object(["count": .integer(1), "ns": .integer(9)]))
  for key in ["queue", "compute_input", "compute_output", "cache_hit", "cache_miss"] {
    #expect(times?[key] == .object(["count": .integer(0), "ns": .integer(0)]), "\(key)")
  }
}

@Test(arguments: [
  "/v1/audit/entries?after=x", "/v1/backups/s/bytes", "/v1/backups/s/bytes?file=a&offset=0&count=0",
  "/v1/backups/s/bytes?file=a&offset=-1&count=1", "/v1/backups/s/bytes?file=a&offset=0&count=99999999",
  "/v1/lines/l/export", "/v1/lines/l/export?table=parts", "/v1/lines/l/export?table=all&through=1",
  "/v1/lines/l/export/plan?format=xlsx", "/v1/lines/l/export/plan?since=yesterday",
])
func `questions that are not complete are 400`(path: String) {
  #expect(operatorFault(.get, path)?.status == 400)
}
