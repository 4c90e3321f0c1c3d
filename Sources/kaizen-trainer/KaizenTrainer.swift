import ArgumentParser

/// The training process: makes a line's first student from a file of parts, or a challenger from the ledger.
///
/// It changes nothing but the folder it is given; registering and promoting is the daemon's.
@main
struct KaizenTrainer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kaizen-trainer",
    abstract: "Trains students for kaizend; started by kaizenctl and by the daemon, not by hand.",
    subcommands: [Distill.self, Check.self, Study.self, Retrain.self, Agree.self, ExportModel.self, ImportModel.self])
}
