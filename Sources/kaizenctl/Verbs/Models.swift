import ArgumentParser
import ControlText
import Domain
import Wire

struct Models: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The students of a line: list, export, import.",
    discussion: "`kaizenctl models LINE` lists them.",
    subcommands: [List.self, Export.self, Import.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The students of a line and which cells each serves.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The line; may be left out where there is only one.") var line: LineID?

    func run() async throws {
      try await options.reporting {
        let line = if let line { line } else { try await options.daemon.onlyLine("models") }
        let answer = try await options.daemon.ask(.models(line), as: ModelsReply.self)
        try options.output.show(answer.reply, json: answer.bytes)
      }
    }
  }

  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a student as an ONNX file.",
      discussion: """
        The file reads parts just as the daemon does (input "features") and gives a logit per class ("logits"); the \
        standardisation is inside. Its metadata tell line, version, classes and features.
        """)

    @OptionGroup var options: GlobalOptions
    @Argument var line: LineID
    @Argument(help: "The file to write.") var file: String
    @Option(help: "The student's version (else the champion's).") var version: Int?

    func validate() throws {
      if let version, version < 1 { throw ValidationError("--version counts from 1 (got \(version)).") }
    }

    func run() async throws {
      try await options.reporting {
        let exchange = try ModelExchange(options)
        defer { exchange.folder.remove() }
        let row = try await exchange.row(of: line)
        let version = ModelVersion(version ?? row.champion)
        let student = try await exchange.fetch(line, version)
        let models = try await options.daemon.ask(.models(line), as: ModelsReply.self).reply.models
        let serves = models.first { $0.version == version.number }?.cells ?? []
        try exchange.write(
          ModelCard(
            row,
            notes: [
              "kaizen.line": line.text, "kaizen.version": version.description, "kaizen.sha256": student.sha256,
              "kaizen.group_attributes": row.attributes.joined(separator: ","),
              "kaizen.groups": serves.isEmpty ? "all" : serves.joined(separator: "; "),
            ]))
        try exchange.run(.exportModel, ["--student=\(exchange.student)", "--out=\(file)"])
        let reply = ExportedModelReply(
          line: line.text, version: version.number, file: file, sha256: student.sha256)
        try options.output.show(reply, json: OperatorCoding.bytes(reply))
      }
    }
  }

  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Register an ONNX file as a student of a line.",
      discussion: """
        Takes what PyTorch exports of dense and convolutional networks with ReLU, pooling and batch normalisation. It \
        serves nobody until `kaizenctl promote` puts it into service; no gate judges it then, and `rollback` undoes it.
        """)

    @OptionGroup var options: GlobalOptions
    @Argument var line: LineID
    @Argument(help: "The ONNX file.") var file: String
    @Flag(help: "Put it into service for every part at once.") var activate = false
    @Option(help: "Why it is activated, for the audit log.") var reason: String?

    func validate() throws {
      if reason != nil, !activate { throw ValidationError("--reason goes with --activate.") }
    }

    func run() async throws {
      try await options.reporting {
        let exchange = try ModelExchange(options)
        defer { exchange.folder.remove() }
        let row = try await exchange.row(of: line)
        _ = try await exchange.fetch(line, ModelVersion(row.champion))
        try exchange.write(ModelCard(row, notes: nil))
        try exchange.run(
          .importModel, ["--model=\(file)", "--like=\(exchange.student)", "--out=\(exchange.folder.path)"])
        let summary: ImportSummary = try exchange.folder.decoded(ImportSummary.file)
        let request = ImportModelRequest(
          student: try exchange.folder.student(), source: file.split(separator: "/").last.map { String($0) } ?? file,
          sha256: summary.sha256)
        try exchange.checkInterruption(.importModel)
        let model = try await options.daemon.ask(.importModel(line, request), as: ImportModelReply.self).reply
        var activation: PromoteReply?
        if activate {
          let call = OperatorCall.promote(line, PromoteRequest(version: model.version, reason: reason))
          activation = try await options.daemon.ask(call, as: PromoteReply.self, conflict: .busy).reply
        }
        let reply = ImportedModelReply(model: model, activation: activation, remarks: summary.remarks)
        try options.output.show(reply, json: OperatorCoding.bytes(reply))
      }
    }
  }
}
