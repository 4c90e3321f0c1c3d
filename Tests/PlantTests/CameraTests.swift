import DataFiles
import Domain
import Foundation
import Statistics
import Testing
import PlantSimulation
import kaizen_plant

/// Noise with the label of every picture in its first pixel.
private func noise(_ count: Int) -> FashionImages {
  let labels = (0..<count).map { $0 % FashionImages.classNames.count }
  var pixels = [UInt8](repeating: 0, count: count * FashionImages.pixelCount)
  for index in pixels.indices { pixels[index] = UInt8(truncatingIfNeeded: index &* 2_654_435_761 >> 7) }
  for (index, label) in labels.enumerated() { pixels[index * FashionImages.pixelCount] = UInt8(label) }
  return FashionImages(pixels: pixels, labels: labels)
}

private let small = CameraScenario(
  cameras: [
    .init(name: "A", historyParts: 40, partsPerDay: 6, mounting: .init(), remount: nil),
    .init(
      name: "B", historyParts: 10, partsPerDay: 4, mounting: .init(quarterTurns: 1),
      remount: (day: 2, mounting: .init(quarterTurns: 3, isInverted: true))),
  ], classNames: ["boot", "bag"], days: 4)

@Suite struct CameraTests {
  private static let letters: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9]

  @Test(
    arguments: [
      (0, letters), (1, [7, 4, 1, 8, 5, 2, 9, 6, 3]), (2, [9, 8, 7, 6, 5, 4, 3, 2, 1]),
      (3, [3, 6, 9, 2, 5, 8, 1, 4, 7]),
      (4, letters),
    ] as [(Int, [UInt8])])
  func `a camera turns its picture clockwise`(turns: Int, seen: [UInt8]) {
    #expect(CameraScenario.Mounting(quarterTurns: turns).seen(Self.letters[...], side: 3) == seen)
  }

  @Test func `behind the light dark is light`() {
    let mounting = CameraScenario.Mounting(isInverted: true)
    #expect(mounting.seen([0, 255, 100, 1][...], side: 2) == [255, 0, 155, 254])
  }

  @Test func `the same seed gives the same plant, and no picture is seen twice`() throws {
    let images = noise(1000)
    let plant = try CameraPlant(images, scenario: small, seed: 4)
    let again = try CameraPlant(images, scenario: small, seed: 4)
    #expect(plant.history == again.history && plant.stream == again.stream)
    #expect(try CameraPlant(images, scenario: small, seed: 5).stream != plant.stream)
    #expect(plant.history.count == 50 && plant.stream.count == 40)
    #expect(plant.history.count { $0.camera == 1 } == 10)
    #expect(Set((plant.history + plant.stream).map(\.image)).count == 90)
    #expect(Set((plant.history + plant.stream).map(\.id)).count == 90)
    #expect(plant.stream.map(\.time) == plant.stream.map(\.time).sorted())
    for part in plant.stream {
      #expect(FashionImages.classNames[images.labels[part.image]] == small.classNames[part.label])
    }
  }

  @Test func `a camera that was hung up again sees otherwise from that day on`() throws {
    let images = noise(1000)
    let plant = try CameraPlant(images, scenario: small, seed: 4)
    for part in plant.stream where part.camera == 1 {
      let mounting = CameraScenario.Mounting(quarterTurns: part.day < 2 ? 1 : 3, isInverted: part.day >= 2)
      #expect(plant.picture(part) == mounting.seen(images.picture(part.image), side: FashionImages.side))
    }
  }

  @Test func `too few pictures are said to be too few`() {
    let fault = #expect(throws: PlantFault.self) { try CameraPlant(noise(100), scenario: small, seed: 1) }
    #expect(fault?.sentence.contains("90 are needed") == true)
  }

  @Test func `the history is a file a line of pictures is made from`() throws {
    let plant = try CameraPlant(noise(1000), scenario: small, seed: 4)
    let path = FileManager.default.temporaryDirectory.path + "/cameras-\(UInt64.random(in: 0...UInt64.max)).npz"
    try Data(plant.historyFile).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let table = try PartsTable.read(path: path, request: PartsRequest(label: "label", groups: ["camera"]))
    #expect(table.input == .image(height: 28, width: 28, channels: 1))
    #expect(table.rowCount == 50)
    #expect(table.classNames == ["bag", "boot"])
    #expect(table.cells == [Cell(["A"]), Cell(["B"])])
    #expect(Array(table.features(row: 7)) == plant.picture(plant.history[7]).map { Float($0) })
  }

  @Test func `without the package the sentence says how to install it`() {
    let fault = #expect(throws: PlantFault.self) { try FashionImages(folder: "/nowhere") }
    #expect(fault?.kind == .noInput)
    #expect(fault?.sentence.contains("apt-get install dataset-fashion-mnist") == true)
  }

  @Test func `Debian's package is read whole`() throws {
    guard FileManager.default.fileExists(atPath: FashionImages.folder) else {
      print("skipped: the package \(FashionImages.package) is not installed")
      return
    }
    let images = try FashionImages()
    #expect(images.count == 60_000)
    // The first picture is a boot: its top rows are ground, its label is 9.
    #expect(images.labels[0] == 9)
    #expect(images.picture(0).prefix(3 * 28).allSatisfy { $0 == 0 })
    #expect(images.labels.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }.values.allSatisfy { $0 == 6000 })
  }
}

@Suite struct CameraPhaseTests {
  private func answers(
    _ camera: String, hours: Range<Int64>, right: Int, by version: Int = 1, confidence: Double = 0.5
  ) -> [StreamedPart] {
    hours.enumerated().map { order, hour in
      StreamedPart(
        line: 0, cell: Cell([camera]), time: Scenario.start.advanced(hours: Double(hour)), label: 0,
        servedClass: order < right ? 0 : 1, servedVersion: version, frozenClass: 1, confidence: confidence)
    }
  }

  private var phases: [CameraPhase] {
    let parts =
      answers("B", hours: 0..<48, right: 40) + answers("B", hours: 48..<72, right: 4)
      + answers("B", hours: 72..<96, right: 24, by: 2) + answers("A", hours: 0..<96, right: 96)
    return CameraPhase.all(
      parts, cells: [Cell(["A"]), Cell(["B"])], frozenVersion: 1,
      remounts: [Cell(["B"]): Scenario.start.advanced(hours: 48)])
  }

  @Test func `a phase ends where a camera is turned or another student serves it`() {
    #expect(phases.map(\.camera) == ["A", "B", "B", "B"])
    #expect(phases.map(\.tally.count) == [96, 48, 24, 24])
    #expect(phases.map(\.isRemounted) == [false, false, true, true])
    #expect(phases.map(\.servedVersion) == [1, 1, 1, 2])
    #expect(phases.map(\.tally.servedCorrect) == [96, 40, 4, 24])
    #expect(phases.last?.servedInterval?.upper == 1)
  }

  @Test func `the table and its sentences give counts, intervals and the student that was frozen`() {
    let table = CameraPhaseText.table(phases)
    #expect(table.contains("B        2-2  turned        1     24     16.7 % [4.7, 37.4]            0.0 %"), "\(table)")
    let sentences = CameraPhaseText.sentences(phases)
    #expect(sentences[0] == "Camera A kept the student it began with.")
    #expect(
      sentences[1]
        == "Camera B: 83.3 % [69.8, 92.5] at first, 16.7 % [4.7, 37.4] from day 2 on (turned), 100.0 % [85.8, 100.0]"
        + " from day 3 on (with student 2); without kaizend 0.0 % [0.0, 14.2] of the last 24 parts.")
  }

  @Test func `a camera for which nothing was found is told as such`() {
    let parts = answers("B", hours: 0..<48, right: 40) + answers("B", hours: 48..<72, right: 4)
    let phases = CameraPhase.all(
      parts, cells: [Cell(["B"])], frozenVersion: 1, remounts: [Cell(["B"]): Scenario.start.advanced(hours: 48)])
    #expect(CameraPhaseText.sentences(phases).first?.hasSuffix("(turned); no better student was found for it.") == true)
  }

  @Test func `the page shows what was seen, most confident mistakes first, and needs nothing else`() throws {
    let plant = try CameraPlant(noise(1000), scenario: small, seed: 4)
    let answers = plant.stream.enumerated().map { order, part in
      StreamedPart(
        line: 0, cell: Cell([small.cameras[part.camera].name]), time: part.time, label: part.label,
        servedClass: part.camera == 0 ? part.label : 1 - part.label, servedVersion: 3, frozenClass: part.label,
        confidence: 0.5 + Double(order) / 100)
    }
    let phases = CameraPhase.all(
      answers, cells: [Cell(["A"]), Cell(["B"])], frozenVersion: 1, remounts: [:])
    let html = MistakePage(
      plant, answers: answers, phases: phases, line: "<belt>", classNames: small.classNames
    ).html
    let mistakes = plant.stream.indices.filter { plant.stream[$0].camera == 1 }
    #expect(html.components(separatedBy: "src=\"data:image/png;base64,").count - 1 == mistakes.count)
    #expect(html.contains("All 24 pictures were answered rightly."))
    #expect(html.contains("16 of 16 pictures were answered wrongly:"))
    #expect(html.contains("&lt;belt&gt;") && !html.contains("<belt>"))
    #expect(!html.contains("<script") && !html.contains("http://") && !html.contains("https://"))
    #expect(html.contains("boot, taken for bag") && html.contains("student 3"))
    let places = mistakes.reversed().map { html.range(of: "part \(plant.stream[$0].id)<")?.lowerBound }
    #expect(places.allSatisfy { $0 != nil })
    #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
    let png = Data(
      GreyPNG.file(pixels: plant.picture(plant.stream[mistakes[0]]), width: 28, height: 28)
    ).base64EncodedString()
    #expect(html.contains(png))
  }
}
