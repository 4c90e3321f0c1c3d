import Domain
import Engine
import NeuralNet
import UnixSocket
import Wire

/// Answers `infer.sock` and `grpc.sock`: every call of the protocol in one place, between decoding and encoding.
struct InferenceDesk: Sendable {
  let plant: Plant
  let clock: DaemonClock
  let counters = InferenceCounters()

  func answer(_ request: WireRequest, from peer: Peer, reply: @escaping @Sendable (WireResponse) -> Void) {
    let times = RequestTimes(received: clock.nanoseconds(), read: request.readNanoseconds)
    var send = reply
    if let accepted = request.headers["Accept-Encoding"] {
      send = { reply($0.compressed(accepting: accepted)) }
    }
    do throws(WireFault) {
      perform(
        try InferenceCall.decode(request),
        Asking(
          uid: peer.uid, times: times, deadline: request.deadline.map { .now + $0 }, form: { $0.response }
        ) {
          [send] response, stages in
          var response = response
          response.times = stages
          send(response)
        })
    } catch {
      send(error.response)
    }
  }

  /// For transports that decode and encode by themselves.
  ///
  /// - Parameters:
  ///   - uid: the caller's.
  ///   - deadline: until when the caller waits; nil for one that waits.
  func answer(
    _ call: InferenceCall, from uid: UInt32, deadline: ContinuousClock.Instant?,
    reply: @escaping @Sendable (Result<InferenceReply, WireFault>) -> Void
  ) {
    let times = RequestTimes(received: clock.nanoseconds(), read: 0)
    perform(call, Asking(uid: uid, times: times, deadline: deadline, form: { $0 }) { answer, _ in reply(answer) })
    plant.turn()
  }

  private func perform(_ call: InferenceCall, _ asking: Asking<some Sendable>) {
    do throws(WireFault) {
      try dispatch(call, asking)
    } catch {
      asking.refuse(error)
    }
  }

  private func dispatch(_ call: InferenceCall, _ asking: Asking<some Sendable>) throws(WireFault) {
    switch call {
    case .live: asking.answer(.live(HealthReply(live: true, ready: true)))
    case .ready: asking.answer(.ready(HealthReply(live: true, ready: true)))
    case .serverMetadata: asking.answer(.serverMetadata(ServerMetadata(name: "kaizend", version: daemonVersion)))
    case .modelMetadata(let line, let version): asking.answer(.modelMetadata(try metadata(line, version)))
    case .modelReady(let line, let version):
      _ = try live(line, version)
      asking.answer(.modelReady(ModelReadyReply(name: line.text, ready: true)))
    case .infer(let line, let version, let request):
      let snapshot = try live(line, version)
      do throws(WireFault) {
        try infer(snapshot, version, request, asking)
      } catch {
        counters.failed(
          line, version: version ?? snapshot.champion, nanoseconds: clock.nanoseconds() - asking.times.received)
        throw error
      }
    case .outcomes(let line, let items):
      record(items, line: line, plant: plant, receipt: clock.receipt(uid: asking.uid)) { result in
        asking.send(asking.form(result.map { .outcomes($0) }), nil)
      }
    case .repositoryIndex(let readyOnly):
      asking.answer(.repositoryIndex(repositoryIndex.filter { $0.isReady || !readyOnly }))
    case .modelStats(let line, let version): asking.answer(.modelStats(try statistics(line, version)))
    }
  }

  /// Versions that do not serve are no longer loaded, and so are not in the index; of a line out of service the one that
  /// should is.
  private var repositoryIndex: [RepositoryEntry] {
    let serving = plant.serving.lineIDs.compactMap { plant.serving.snapshot($0) }.flatMap { snapshot in
      snapshot.liveVersions.map {
        RepositoryEntry(name: snapshot.definition.id.text, version: $0.description, isReady: true)
      }
    }
    let closed = plant.serving.closedLines.map {
      RepositoryEntry(
        name: $0.registered.definition.id.text, version: $0.registered.champion.description, isReady: false,
        reason: $0.sentence)
    }
    return serving + closed
  }

  private func statistics(_ line: LineID?, _ version: ModelVersion?) throws(WireFault) -> [ModelStatistics] {
    var snapshots: [LineSnapshot] = []
    if let line {
      snapshots = [try live(line, version)]
    } else {
      snapshots = plant.serving.lineIDs.compactMap { plant.serving.snapshot($0) }
    }
    return snapshots.flatMap { snapshot in
      (version.map { [$0] } ?? snapshot.liveVersions).map {
        counters.statistics(snapshot.definition.id, version: $0)
      }
    }
  }

  private func live(_ line: LineID, _ version: ModelVersion?) throws(WireFault) -> LineSnapshot {
    guard let snapshot = plant.serving.snapshot(line) else {
      throw plant.serving.reasonClosed(line).map { .notReady($0) } ?? .unknownLine(line.text)
    }
    if let version, !snapshot.serves(version) {
      throw .unknownVersion(line: line.text, version: version.description)
    }
    return snapshot
  }

  private func metadata(_ line: LineID, _ version: ModelVersion?) throws(WireFault) -> ModelMetadata {
    let snapshot = try live(line, version)
    let definition = snapshot.definition
    return ModelMetadata(
      name: line.text, versions: (version.map { [$0] } ?? snapshot.liveVersions).map(\.description),
      platform: "kaizend_student",
      inputs: [
        TensorMetadata(name: InferBatch.featuresName, datatype: .fp32, shape: [-1] + definition.input.sizes)
      ],
      outputs: InferAnswer.outputs(classCount: definition.classNames.count))
  }

  private func infer(
    _ snapshot: LineSnapshot, _ version: ModelVersion?, _ request: InferRequest, _ asking: Asking<some Sendable>
  ) throws(WireFault) {
    let line = snapshot.definition.id
    let receipt = clock.receipt(uid: asking.uid)
    let batch = try InferBatch(request, definition: snapshot.definition)
    let requestID = request.id ?? uuidVersion7(receipt.wallClock)
    let queries = try PartQueries.read(request, batch: batch, requestID: requestID)
    let wanted = try InferAnswer.checkedOutputs(request.outputs)
    var times = asking.times
    times.decoded = clock.nanoseconds()
    var parts: ServedParts
    do {
      parts = try plant.serving.predict(on: snapshot, version: version, parts: queries, receipt: receipt)
    } catch {
      throw wireFault(error, line: line)
    }
    parts.deadline = asking.deadline
    times.inferred = clock.nanoseconds()
    plant.queue(parts) { [clock, counters, times, binary = request.binaryOutputs] result in
      var times = times
      switch result {
      case .success(let parts):
        times.committed = clock.nanoseconds()
        let latency = clock.monotonicMicroseconds() - receipt.monotonicMicroseconds
        let reply = InferAnswer(snapshot: snapshot, requestID: requestID, parts: parts, latencyMicroseconds: latency)
          .reply(outputs: wanted)
        let formed = asking.form(.success(.infer(reply, binary: binary)))
        times.encoded = clock.nanoseconds()
        counters.succeeded(line, parts: parts, times: times, at: receipt.wallClock)
        asking.send(formed, times.stages)
      case .failure(let fault):
        counters.failed(
          line, version: version ?? snapshot.champion, nanoseconds: clock.nanoseconds() - times.received)
        asking.refuse(wireFault(fault))
      }
    }
  }
}

/// Who asks, since when, and what becomes of the answer.
private struct Asking<Form: Sendable>: Sendable {
  let uid: UInt32
  let times: RequestTimes
  let deadline: ContinuousClock.Instant?
  /// Gives an answer the form of its transport; its time counts as ours.
  let form: @Sendable (Result<InferenceReply, WireFault>) -> Form
  /// The times are those of an infer request.
  let send: @Sendable (Form, StageTimes?) -> Void

  func answer(_ reply: InferenceReply) { send(form(.success(reply)), nil) }
  func refuse(_ fault: WireFault) { send(form(.failure(fault)), nil) }
}

/// Hands outcomes to the plant and answers with one status each; both sockets take them.
///
/// - Parameter isTrial: true to learn what would become of them, without storing any.
func record(
  _ items: [OutcomeItem], line: LineID, plant: Plant, receipt: Receipt, isTrial: Bool = false,
  reply: @escaping @Sendable (Result<OutcomesReply, WireFault>) -> Void
) {
  let reports = items.map {
    OutcomeReport(
      part: $0.id, label: $0.label.text, observedAt: $0.observedAt, source: $0.source,
      samplingProbability: $0.samplingProbability, amends: $0.amends)
  }
  plant.record(line: line, outcomes: reports, receipt: receipt, isTrial: isTrial) { result in
    switch result {
    case .success(let statuses):
      reply(.success(OutcomesReply(rows: zip(items, statuses).map { .init(id: $0.id, status: $1) })))
    case .failure(let fault): reply(.failure(wireFault(fault)))
    }
  }
}

func wireFault(_ fault: ServingFault, line: LineID) -> WireFault {
  switch fault {
  case .unknownLine(let name): .unknownLine(name)
  case .unknownVersion(let version, _): .unknownVersion(line: line.text, version: version.description)
  case .unusableAnswer: .internalFailure(fault.sentence)
  case .wrongFeatureCount, .badAttribute, .badPartID, .eventTimeInFuture: .badMessage(fault.sentence)
  }
}

func wireFault(_ fault: RecordingFault) -> WireFault {
  switch fault {
  case .busy: .queueFull(retryAfterSeconds: 1)
  case .conflict(let part): .idConflict(part)
  case .storage(let sentence): .notReady(sentence)
  case .unknownLine(let name): .unknownLine(name)
  }
}
