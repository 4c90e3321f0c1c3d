import CSQLite
import Domain
import Glibc
import Testing
import UnixSocket
import Wire

extension TestedDaemon {
  /// Many parts and the outcomes of half of them, a thousand a request.
  func fill(parts: Int, prefix: String = "fill") async throws {
    let client = try await client()
    let line = try TestLine.id()
    for start in stride(from: 0, to: parts, by: 1000) {
      let names = (start..<min(parts, start + 1000)).map { "\(prefix)-\(1_000_000 + $0)" }
      let request = InferRequest(
        id: names[0],
        inputs: [
          TestLine.features(names.map(Load.x)),
          Tensor(name: "part_id", shape: [names.count], datatype: .bytes, data: .bytes(names)),
          Tensor(
            name: "product", shape: [names.count], datatype: .bytes,
            data: .bytes(names.indices.map { $0 % 3 == 0 ? "A" : "B" })),
        ])
      let answer = try await client.send(
        InferenceCall.infer(line, nil, request).outgoing, deadline: .seconds(30))
      try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
      let items = names.indices.filter { $0 % 2 == 0 }.map {
        OutcomeItem(id: names[$0], label: .text(Load.label(names[$0])))
      }
      let outcomes = try await client.send(InferenceCall.outcomes(line, items).outgoing, deadline: .seconds(30))
      try #require(outcomes.status == 200)
    }
    await client.close()
  }
}

/// A database read, or spoiled, without any of the store's care.
final class RawRows {
  private var handle: OpaquePointer?

  init(_ path: String) throws {
    try #require(sqlite3_open(path, &handle) == SQLITE_OK)
    sqlite3_busy_timeout(handle, 5000)
  }

  deinit { sqlite3_close(handle) }

  func execute(_ sql: String) throws {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    try #require(code == SQLITE_OK, "\(String(cString: sqlite3_errmsg(handle)))")
  }

  /// The first column of every row.
  func texts(_ sql: String) throws -> [String] {
    var statement: OpaquePointer?
    try #require(
      sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, "\(String(cString: sqlite3_errmsg(handle)))")
    defer { sqlite3_finalize(statement) }
    var texts: [String] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      texts.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "NULL")
    }
    return texts
  }

  func number(_ sql: String) throws -> Int { try #require(Int(try texts(sql).first ?? "")) }
}
