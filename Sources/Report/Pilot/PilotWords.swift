import Domain
import Statistics

/// The languages a report is written in.
public enum PilotLanguage: String, Sendable, CaseIterable {
  case english = "en"
  case japanese = "ja"

  var words: any PilotWords {
    switch self {
    case .english: EnglishWords()
    case .japanese: JapaneseWords()
    }
  }
}

/// A date as people write it, without a time zone: days are those of UTC.
struct PlainDate: Equatable {
  let year: Int
  let month: Int
  let day: Int

  init(day: Int64) {
    // `2026-03-02T...`: years before 1000 have leading zeros, and no kaizend sees later ones than 9999.
    let text = Timestamp(microseconds: day * Timestamp.microsecondsPerDay).description
    let parts = text.prefix { $0 != "T" }.split(separator: "-").map { Int($0) ?? 0 }
    year = parts.count > 0 ? parts[0] : 0
    month = parts.count > 1 ? min(max(parts[1], 1), 12) : 1
    self.day = parts.count > 2 ? parts[2] : 1
  }

  init(_ time: Timestamp) { self.init(day: time.day) }
}

/// How many retrainings ended in which way.
struct JobCounts {
  let all: Int
  let promoted: Int
  let rolledBack: Int
  let rejected: Int
  let kept: Int
  /// Failed or broken off.
  let failed: Int
  /// Training, on trial, or waiting for somebody's approval.
  let open: Int
}

/// Every text of a report, once for each language: a sentence that one of them lacks does not compile.
///
/// What the daemon recorded (causes, findings of the gate, remarks) stands in the page as it was recorded, in English.
protocol PilotWords: Sendable {
  /// As HTML names it.
  var code: String { get }

  // MARK: Numbers
  func date(_ date: PlainDate) -> String
  /// Short, for an axis.
  func axisDate(_ date: PlainDate) -> String
  func share(_ value: Double) -> String
  /// `[94.1, 97.7]`, percent.
  func bounds(_ interval: Interval) -> String
  /// `96.2 % [94.1, 97.7] (n = 576)`.
  func rate(_ rate: Rate) -> String
  /// `+12.3 points [9.1, 15.6]`.
  func difference(_ difference: Difference) -> String
  func seconds(_ seconds: Double) -> String
  func hours(_ hours: Double) -> String
  func listed(_ names: [String]) -> String

  // MARK: Head
  func title(line: String) -> String
  func lead(from: PlainDate?, to: PlainDate?, made: PlainDate, mode: String) -> String
  var summaryTitle: String { get }
  var accuracyTitle: String { get }
  var jobsTitle: String { get }
  var keptTitle: String { get }
  var teacherTitle: String { get }
  var peopleTitle: String { get }
  var limitsTitle: String { get }

  // MARK: Summary
  var nothingCounted: String { get }
  func partsSentence(
    from: PlainDate, to: PlainDate, parts: Int, groups: Int, labelled: Int
  ) -> String
  func accuracySentence(_ rate: Rate, target: Double?) -> String
  var noAccuracySentence: String { get }
  func laggedSentence(_ groups: [String], all: Int) -> String
  var nothingLaggedSentence: String { get }
  func jobsSentence(_ counts: JobCounts) -> String
  var noJobsSentence: String { get }
  func effectSentence(_ effect: Effect) -> String
  func costSentence(rows: Int, seconds: Double, processorSeconds: Double?) -> String
  func laggingNowSentence(_ groups: [String], all: Int) -> String
  var nothingLagsNowSentence: String { get }
  func thinSentence(groups: Int, of all: Int) -> String

  // MARK: Accuracy
  var allParts: String { get }
  func plotDescription(_ name: String) -> String
  func plotCaption(binDays: Int) -> String
  func legend(_ shape: TimeMark.Shape) -> String
  func targetLabel(_ target: Double) -> String
  var noLabels: String { get }
  func plotHeading(_ name: String, _ rate: Rate) -> String
  func plotsLeftOut(_ count: Int) -> String
  var groupTableNote: String { get }
  var groupColumn: String { get }
  var partsColumn: String { get }
  var labelledColumn: String { get }
  var accuracyColumn: String { get }
  func recentColumn(days: Int) -> String
  var targetColumn: String { get }
  var stateColumn: String { get }
  func groupState(_ state: String?) -> String
  func otherGroups(_ count: Int) -> String
  var withoutOutcomeRow: String { get }
  var insufficient: String { get }

  // MARK: Retrainings
  var noJobsYet: String { get }
  func olderJobs(_ count: Int) -> String
  var jobColumn: String { get }
  var endColumn: String { get }
  var fateColumn: String { get }
  var rowsColumn: String { get }
  var minutesColumn: String { get }
  var startedByColumn: String { get }
  func jobState(_ job: PilotJob) -> String
  func jobKind(_ job: PilotJob) -> String
  var effectsHeading: String { get }
  var effectsCaption: String { get }
  var beforeColumn: String { get }
  var afterColumn: String { get }
  var differenceColumn: String { get }
  var verdictColumn: String { get }
  func verdict(_ verdict: Effect.Verdict) -> String
  func jobHeading(_ job: PilotJob) -> String
  func jobStory(_ job: PilotJob) -> [String]
  /// What a person decided of it; nil for what is no decision.
  func decision(_ event: PilotEvent) -> String?
  var recordedHeading: String { get }
  var armsHeading: String { get }
  var armColumn: String { get }
  var armScoreColumn: String { get }
  var armStepsColumn: String { get }
  var armSecondsColumn: String { get }
  var armResultColumn: String { get }
  func armName(_ name: String) -> String
  var armKept: String { get }
  var armNotKept: String { get }
  var armSkipped: String { get }
  var gateHeading: String { get }
  var gateCaption: String { get }
  var newlyRightColumn: String { get }
  var newlyWrongColumn: String { get }
  var weightsHeading: String { get }
  var weightsCaption: String { get }
  var stepsWord: String { get }
  var jobsWithoutDetail: String { get }

  // MARK: What was left as it was
  var waitingNow: String { get }
  var nothingKept: String { get }
  var reasonColumn: String { get }
  func keptNote(_ job: PilotJob) -> String
  func hopeless(_ group: String, on date: PlainDate) -> String
  func proposed(_ group: String, on date: PlainDate) -> String

  // MARK: Teacher
  var noTeacher: String { get }
  var teacherNote: String { get }
  var teacherVerdictColumn: String { get }
  var teacherAccuracyColumn: String { get }
  var teacherWorstColumn: String { get }
  var teacherCalibrationColumn: String { get }
  var teacherAgainstColumn: String { get }
  func teacherVerdict(_ verdict: TeacherVerdict) -> String
  func teacherAgainst(wins: Int, losses: Int, total: Int) -> String

  // MARK: People
  var nobodyDecided: String { get }
  var whenColumn: String { get }
  var whoColumn: String { get }
  var whatColumn: String { get }
  func event(_ event: String) -> String
  func eventsLeftOut(_ count: Int) -> String

  // MARK: Limits
  func unlabelledLimit(share: Double, parts: Int) -> String
  func youngLimit(parts: Int, labelled: Int, hours: Double?) -> String
  func droppedLimit(parts: Int) -> String
  func waitingLimit(parts: Int) -> String
  func silentLimit(channel: String, outcomes: Int) -> String
  func conflictLimit(channel: String, conflicts: Int, outcomes: Int) -> String
  func thinLimit(groups: [String], all: Int, minimum: Int) -> String
  func otherGroupsLimit(groups: Int, parts: Int) -> String
  var effectLimit: String { get }
  var intervalLimit: String { get }
  var ownTimeLimit: String { get }
  var dayLimit: String { get }
  /// Said where the page is in another language than what the daemon records; nil where it is not.
  var recordedLimit: String? { get }
}
