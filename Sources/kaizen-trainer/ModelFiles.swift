import ArgumentParser
import Domain
import FoundationEssentials
import NeuralNet
import Store
import Teacher

/// What is known of a line when a student of it goes out or comes in, in the order of the line.
struct ModelCard: Codable {
  let classes: [String]
  /// Empty where a part's numbers have no names.
  let features: [String]
  /// More keys to keep in an exported file.
  var notes: [String: String]?

  static let classesKey = "kaizen.classes"
  static let featuresKey = "kaizen.features"

  /// A list as JSON text, for one line of metadata.
  static func text(_ list: [String]) throws(Failure) -> String {
    do {
      return String(decoding: try JSONEncoder().encode(list), as: UTF8.self)
    } catch {
      throw Failure(.software, "a name cannot be written as JSON: \(error)")
    }
  }
}

/// Writes a student as an ONNX file.
struct ExportModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export-onnx", abstract: "Write a student as an ONNX file.")

  @Option(help: "The student's bytes.") var student: String
  @Option(help: "What is known of its line, as JSON.") var card: String
  @Option(help: "The file to write.") var out: String

  func run() throws {
    try Failure.reporting { () throws(Failure) in
      let source = FilePlace(student)
      let card: ModelCard = try FilePlace(self.card).folder.decode(FilePlace(self.card).name)
      let model = try readStudent(try source.folder.read(source.name))
      var metadata = [(key: ModelCard.classesKey, value: try ModelCard.text(card.classes))]
      if !card.features.isEmpty { metadata.append((ModelCard.featuresKey, try ModelCard.text(card.features))) }
      for (key, value) in (card.notes ?? [:]).sorted(by: { $0.key < $1.key }) { metadata.append((key, value)) }
      let target = FilePlace(out)
      try target.folder.writeBytes(model.onnx(metadata: metadata), as: target.name)
    }
  }
}

/// Reads an ONNX file as a student of a line.
struct ImportModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import-onnx", abstract: "Read an ONNX file as a student of a line.")

  @Option(help: "The ONNX file; weights kept outside must lie beside it.") var model: String
  @Option(help: "A student of the line, for its input and classes.") var like: String
  @Option(help: "What is known of the line, as JSON.") var card: String
  @Option(help: "Folder for the results.") var out: String

  /// What `kaizenctl` needs to know of the file.
  struct Summary: Codable {
    let sha256: String
    let remarks: [String]
  }

  static let summaryFile = "import.json"

  func run() throws {
    try Failure.reporting { () throws(Failure) in
      let like = FilePlace(self.like)
      let card: ModelCard = try FilePlace(self.card).folder.decode(FilePlace(self.card).name)
      let shape = try readStudent(try like.folder.read(like.name)).shape
      let place = FilePlace(model)
      let bytes = try Self.bounded(place)
      let imported: ImportedStudent
      do throws(OnnxFault) {
        let beside = OnnxSideFiles { name in try? Self.bounded(FilePlace(folder: place.folder, name: name)) }
        imported = try ImportedStudent(onnx: bytes, input: shape.input, classCount: shape.classCount, beside: beside)
      } catch {
        throw Failure(.data, "\(model): \(error.sentence)")
      }
      try Self.check(imported.metadata, ModelCard.classesKey, card.classes, "classes")
      if !card.features.isEmpty { try Self.check(imported.metadata, ModelCard.featuresKey, card.features, "features") }
      let folder = ResultFolder(existing: out)
      try folder.writeBytes(imported.student.bytes, as: RetrainSpec.studentFile)
      try folder.writeJSON(Summary(sha256: sha256Text(bytes), remarks: imported.remarks), as: Self.summaryFile)
    }
  }

  /// A file that says which classes or features it is for must be for these.
  private static func check(_ metadata: [String: String], _ key: String, _ wanted: [String], _ what: String)
    throws(Failure)
  {
    guard let text = metadata[key] else { return }
    let found = (try? JSONDecoder().decode([String].self, from: Data(text.utf8))) ?? []
    guard found == wanted else {
      throw Failure(
        .data,
        "the model was made for the \(what) \(shown(found)), and the line has \(shown(wanted)); their order counts too")
    }
  }

  private static func shown(_ names: [String]) -> String {
    names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", ..." : "")
  }

  private static func bounded(_ place: FilePlace) throws(Failure) -> [UInt8] {
    let path = "\(place.folder.path)/\(place.name)"
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    guard size <= OnnxSideFiles.bytesMax else {
      throw Failure(.data, "\(path) is larger than \(OnnxSideFiles.bytesMax >> 20) MiB; a student is far smaller")
    }
    do {
      return try Array(Data(contentsOf: URL(filePath: path)))
    } catch {
      throw Failure(.noInput, "\(path) cannot be read; check its name and permissions")
    }
  }
}

private func readStudent(_ bytes: [UInt8]) throws(Failure) -> Student {
  do {
    return try Student(bytes: bytes)
  } catch {
    throw Failure(.data, error.description)
  }
}

/// A file's folder and its name in it.
private struct FilePlace {
  let folder: ResultFolder
  let name: String

  init(folder: ResultFolder, name: String) {
    self.folder = folder
    self.name = name
  }

  init(_ path: String) {
    let end = path.lastIndex(of: "/")
    name = end.map { String(path[path.index(after: $0)...]) } ?? path
    folder = ResultFolder(existing: end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
  }
}
