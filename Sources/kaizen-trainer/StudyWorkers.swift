import Dispatch
import Domain
import FoundationEssentials
import GroupDistil
import NeuralNet
import Synchronization

/// The seeds of a study on the cores of this machine, one seed a core at a time.
struct StudyWorkers {
  let file: StudyFile
  let methods: [StudyMethod]
  let seeds: [UInt64]

  /// What one seed gave.
  struct End {
    var runs: [StudyRun] = []
    var examination: TeacherExamination?
    /// Methods that could not be trained, in sentences.
    var failures: [String] = []
  }

  private struct State {
    var next = 0
    var ends: [End]
    var failure: Failure?
    var schedule: StudySchedule
    var toldAt = -Double.infinity
  }

  /// Between two lines of progress: a terminal shows no more.
  private static let tellSeconds = 0.2

  /// Blocks until every seed has ended.
  /// - Returns: one end a seed, in their order.
  /// - Throws: `Failure` of the first seed that could not go on; the others then stop soon.
  func run() throws(Failure) -> [End] {
    let coreCount = max(1, min(seeds.count, ProcessInfo.processInfo.activeProcessorCount))
    let state = Mutex(
      State(
        ends: Array(repeating: End(), count: seeds.count),
        schedule: StudySchedule(
          costs: StudySchedule.costs(of: methods, preparation: preparationCost), seedCount: seeds.count,
          coreCount: coreCount)))
    DispatchQueue.concurrentPerform(iterations: coreCount) { _ in
      while let index = state.withLock({ Self.take(&$0, of: seeds.count) }) { work(index, state) }
    }
    let (ends, failure) = state.withLock { ($0.ends, $0.failure) }
    if let failure { throw failure }
    return ends
  }

  private static func take(_ state: inout State, of count: Int) -> Int? {
    guard state.failure == nil, state.next < count else { return nil }
    state.next += 1
    return state.next - 1
  }

  private func work(_ index: Int, _ state: borrowing Mutex<State>) {
    do throws(DistilError) {
      let end = try end(index, state)
      state.withLock { state in
        state.ends[index] = end
        state.schedule.finish(seed: index, now: ProgressLines.seconds())
      }
    } catch .stoppedEarly {
      // Another seed's failure stopped this one, and is told instead.
    } catch {
      state.withLock { if $0.failure == nil { $0.failure = Failure(error) } }
    }
  }

  private func end(_ index: Int, _ state: borrowing Mutex<State>) throws(DistilError) -> End {
    var end = End()
    var seed = try StudySeed(
      data: file.data, recipe: file.recipe, teacher: file.teacher, seed: seeds[index], now: ProgressLines.seconds
    ) { tell(index, stage: 0, $0, state) }
    end.examination = seed.teacherExamination
    for (number, method) in methods.enumerated() {
      do throws(DistilError) {
        end.runs.append(
          try seed.run(method, now: ProgressLines.seconds) { tell(index, stage: number + 1, $0, state) })
      } catch .diverged(let skippedSteps, let step) {
        let error = DistilError.diverged(skippedSteps: skippedSteps, step: step)
        end.failures.append("\(method.rawValue) gave nothing with seed \(seeds[index]): \(error.description)")
      }
    }
    return end
  }

  private func tell(_ seed: Int, stage: Int, _ done: Double, _ state: borrowing Mutex<State>) -> Continuation {
    state.withLock { state in
      let now = ProgressLines.seconds()
      state.schedule.advance(seed: seed, stage: stage, done: done, now: now)
      if now - state.toldAt >= Self.tellSeconds {
        state.toldAt = now
        ProgressLines.tell(state.schedule.progress(now: now))
      }
      return state.failure == nil ? .more : .stop
    }
  }

  /// Trainings of one student that the teachers are worth, by their multiplications.
  private var preparationCost: Double {
    guard case .train = file.teacher, let shape = file.teacherShape else { return 1 }
    let kinds = file.recipe.teacher.plainTraining == nil ? 1 : 2
    let networks = Double(kinds * (LearningJob.teacherFoldCount + 1))
    return 1 + networks * Double(shape.multiplyAddCount) / Double(max(file.recipe.shape.multiplyAddCount, 1))
  }
}
