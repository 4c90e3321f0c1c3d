import DataFiles
import Domain
import Foundation
import Report
import Statistics

/// What the served students got wrong, most confident first, with what the cameras saw.
public struct MistakePage: Sendable {
  private let plant: CameraPlant
  private let answers: [StreamedPart]
  private let phases: [CameraPhase]
  private let line: String
  private let classNames: [String]

  /// Of each camera; more are not looked at, and every picture is a kilobyte of the page.
  public static let picturesMaximum = 24

  /// - Parameters:
  ///   - answers: in the order of the plant's stream, one a part.
  ///   - classNames: of the line, in the order of the answers' labels.
  public init(
    _ plant: CameraPlant, answers: [StreamedPart], phases: [CameraPhase], line: String, classNames: [String]
  ) {
    precondition(answers.count == plant.stream.count, "every streamed part has an answer")
    self.plant = plant
    self.answers = answers
    self.phases = phases
    self.line = line
    self.classNames = classNames
  }

  public var html: String {
    var page = Page(title: "The worst mistakes on line \(line)", lead: lead)
    page.add("Accuracy by camera", accuracy)
    for (index, camera) in plant.scenario.cameras.enumerated() {
      page.add("Camera \(camera.name)", section(camera, mistakes(of: index)))
    }
    page.add("What this is", [.paragraph(Self.origin)])
    return page.html
  }

  private var lead: String {
    let wrong = answers.count { $0.servedClass != $0.label }
    return "\(answers.count) pictures in \(plant.scenario.days) days, \(wrong) of them answered wrongly; the most"
      + " confident wrong answers of each camera. A confident mistake is the one no threshold catches."
  }

  private static let origin =
    "The pictures are Fashion-MNIST (Zalando SE, MIT licence), one of every \(FashionImages.side) x"
    + " \(FashionImages.side) pixels as the camera saw it. The cameras, their turns and the days are made up; the"
    + " answers are those the daemon gave. The share is the served student's probability for its wrong class."

  private var accuracy: [Markup] {
    var table = PageTable([
      .init("Camera"), .init("Days"), .init("Student", isNumber: true), .init("Parts", isNumber: true),
      .init("Served", isNumber: true), .init("95 % interval", isNumber: true),
      .init("Without kaizend", isNumber: true),
    ])
    for phase in phases {
      let gain = phase.tally.change ?? 0
      table.rows.append([
        .init(phase.camera, aside: phase.isRemounted ? "turned" : nil, tone: .strong),
        .init("\(CameraPhaseText.day(phase.from))–\(CameraPhaseText.day(phase.to))"),
        .init("\(phase.servedVersion)"), .init("\(phase.tally.count)"),
        .init(CameraPhaseText.share(phase.tally.servedAccuracy, nil), wash: gain == 0 ? nil : gain),
        .init(phase.servedInterval.map { Self.bounds($0.lower, $0.upper) } ?? "–"),
        .init(CameraPhaseText.share(phase.tally.frozenAccuracy, nil)),
      ])
    }
    return [table.markup, .list(CameraPhaseText.sentences(phases))]
  }

  private static func bounds(_ lower: Double, _ upper: Double) -> String {
    "\(ReportText.percent(lower)) to \(ReportText.percent(upper))"
  }

  /// Numbers of the wrongly answered parts of one camera, most confident first.
  private func mistakes(of camera: Int) -> [Int] {
    answers.indices
      .filter { plant.stream[$0].camera == camera && answers[$0].servedClass != answers[$0].label }
      .sorted { left, right in
        let (first, second) = (answers[left].confidence ?? 0, answers[right].confidence ?? 0)
        return first == second ? left < right : first > second
      }
  }

  private func section(_ camera: CameraScenario.Camera, _ mistakes: [Int]) -> [Markup] {
    let count = plant.stream.count { plant.scenario.cameras[$0.camera].name == camera.name }
    guard !mistakes.isEmpty else { return [.paragraph("All \(count) pictures were answered rightly.")] }
    let shown = mistakes.prefix(Self.picturesMaximum)
    let rest = mistakes.count - shown.count
    let note =
      "\(mistakes.count) of \(count) pictures were answered wrongly"
      + (rest > 0 ? "; the \(shown.count) most confident of them:" : ":")
    return [.paragraph(note), PictureGrid(shown.map(picture)).markup]
  }

  private func picture(_ index: Int) -> PictureGrid.Picture {
    let (part, answer) = (plant.stream[index], answers[index])
    let (truth, said) = (classNames[answer.label], classNames[answer.servedClass])
    let file = GreyPNG.file(pixels: plant.picture(part), width: FashionImages.side, height: FashionImages.side)
    let sure = answer.confidence.map { "\(ReportText.percent($0)) sure" } ?? "unknown confidence"
    let mended = answer.frozenClass == answer.label ? ["the first student had it right"] : []
    return PictureGrid.Picture(
      source: "data:image/png;base64,\(Data(file).base64EncodedString())",
      description: "\(truth) seen by camera \(plant.scenario.cameras[part.camera].name)",
      title: "\(truth), taken for \(said)",
      notes: [sure, "student \(answer.servedVersion)", Self.moment(answer.time), "part \(part.id)"] + mended)
  }

  /// `2025-01-23 14:05`.
  private static func moment(_ time: Timestamp) -> String {
    String("\(time)".prefix(16)).replacing("T", with: " ")
  }
}
