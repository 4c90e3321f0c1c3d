import Domain

/// Starts and stops the separate training process of a run.
public protocol Trainer: AnyObject {
  /// Starts the process for the run, whose folder gets the spec and these files.
  ///
  /// - Parameters:
  ///   - files: bytes of students by the names that the spec gives them.
  ///   - events: called from any thread: progress any number of times, then the end, once.
  /// - Throws: `StorageFailure` when the folder could not be written.
  func start(
    _ spec: RetrainSpec, files: [String: [UInt8]], events: @escaping @Sendable (TrainingEvent) -> Void)
    throws(StorageFailure)
  /// Goes on with a run that an earlier process of the daemon left in the middle.
  /// - Returns: why it cannot: nothing is left of it, or it was taken up too often; nil when it goes on.
  func resume(run: Int, events: @escaping @Sendable (TrainingEvent) -> Void) -> String?
  /// Ends the process of a run, if it runs. Its end is still posted.
  func stop(run: Int)
  /// Lets the process of a run stand still, or go on.
  func setPaused(_ isPaused: Bool, run: Int)
}

public enum TrainingEvent: Sendable {
  case progress(TrainingProgress)
  case ended(TrainingEnd)
}

/// How a training process ended.
public enum TrainingEnd: Sendable, Equatable {
  /// `student` is nil when no arm could be trained.
  case finished(report: TrainingReport, student: [UInt8]?)
  case failed(String)
  /// Stopped by request (shutdown, operator).
  case stopped
}

/// Asks a line's teacher about a sample of a day, in a process of its own; one at a time.
public protocol Examiner: AnyObject {
  /// - Parameter ended: called from any thread, once.
  /// - Precondition: none runs.
  /// - Throws: `StorageFailure` when the folder could not be written; nothing was started then.
  func examine(_ spec: AgreementSpec, ended: @escaping @Sendable (ExaminationEnd) -> Void) throws(StorageFailure)
  /// Ends the process, if it runs. Its end is still told.
  func stop()
}

public enum ExaminationEnd: Sendable, Equatable {
  case finished(AgreementReport)
  case failed(String)
  case stopped
}
