import DataFiles
import Domain
import GroupDistil
import NeuralNet

/// A file of parts as a line that could be: what `distill` trains and `check` tells of.
struct FirstLine {
  let table: PartsTable
  let definition: LineDefinition
  let shape: StudentShape
  let teacher: DistillTeacher
  let job: LearningJob

  /// - Throws: `Failure` for a file that cannot be used, a student that does not fit it and a teacher that cannot answer.
  static func read(_ options: DistillOptions) throws(Failure) -> FirstLine {
    let wish = try options.wish()
    ProgressLines.tell(TrainingProgress(stage: "reading", fraction: 0, secondsLeft: nil))
    let table: PartsTable
    do throws(DataFault) {
      table = try PartsTable.read(path: options.data, request: wish.request)
    } catch {
      throw Failure(error)
    }
    let definition = LineDefinition(
      id: wish.id, schema: wish.schema, input: table.input, featureNames: table.featureNames,
      classNames: table.classNames)
    let shape: StudentShape
    do throws(InvalidShape) {
      shape = try StudentShape(
        input: definition.input, hiddenLayers: wish.layers ?? StudentShape.usualLayers(for: definition.input),
        classCount: definition.classNames.count)
    } catch {
      throw Failure(.data, "this student does not fit parts of \(definition.input): \(error.description)")
    }
    let teacher = DistillTeacher(options)
    let job = try FirstStudentJob(table, definition: definition).job(
      teacher: teacher, shape: shape, seed: options.seed)
    return FirstLine(table: table, definition: definition, shape: shape, teacher: teacher, job: job)
  }
}
