import Domain

/// What a line is busy with, as far as it bears on a new job.
public struct LineStanding: Sendable, Equatable {
  /// The champion and the students that serve cells of their own.
  public var liveStudents: Int
  public var maximumLiveStudents: Int
  /// The run whose challenger is on trial for the whole line.
  public var isOnTrial: Int?
  /// Since the champion began to serve, in the line's time.
  public var championAgeDays: Double
  /// It is one of the line's quiet hours.
  public var isQuiet: Bool
  /// Cells for which a challenger waits for a person's yes, and the run it comes from.
  public var awaiting: [Cell: Int]
  /// The cells of each student that is not the champion: one whose cells are all retrained goes and frees its place.
  public var scopedCells: [ModelVersion: Set<Cell>]

  /// Three are what a person can keep in mind; each is another student to examine, to watch and to take back.
  public static let usualMaximumLiveStudents = 3

  public init(
    liveStudents: Int = 1, maximumLiveStudents: Int = LineStanding.usualMaximumLiveStudents, isOnTrial: Int? = nil,
    championAgeDays: Double = 0, isQuiet: Bool = false, awaiting: [Cell: Int] = [:],
    scopedCells: [ModelVersion: Set<Cell>] = [:]
  ) {
    self.liveStudents = liveStudents
    self.maximumLiveStudents = maximumLiveStudents
    self.isOnTrial = isOnTrial
    self.championAgeDays = championAgeDays
    self.isQuiet = isQuiet
    self.awaiting = awaiting
    self.scopedCells = scopedCells
  }

  /// Students that would be live with a new one on these cells, all served by one student now.
  func liveStudents(with cells: [Cell], servedBy version: ModelVersion) -> Int {
    let isReplaced = scopedCells[version].map { !$0.isEmpty && $0.isSubset(of: cells) } ?? false
    return liveStudents + (isReplaced ? 0 : 1)
  }
}
