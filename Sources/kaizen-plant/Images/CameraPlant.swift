import DataFiles
import Domain
import NeuralNet
import PlantSimulation

/// The parts that cameras see: a pure function of pictures, scenario and seed. No picture is seen twice.
public struct CameraPlant: Sendable {
  public let scenario: CameraScenario
  private let images: FashionImages
  /// In order of time.
  public let history: [CameraPart]
  public let stream: [CameraPart]

  /// - Throws: `PlantFault` where there are too few pictures.
  public init(_ images: FashionImages, scenario: CameraScenario, seed: UInt64) throws(PlantFault) {
    self.images = images
    self.scenario = scenario
    let labels = images.labels.map { scenario.classNames.firstIndex(of: FashionImages.classNames[$0]) }
    var pool = labels.indices.filter { labels[$0] != nil }
    let dailyParts = scenario.cameras.reduce(0) { $0 + $1.partsPerDay }
    let wanted = scenario.cameras.reduce(0) { $0 + $1.historyParts } + dailyParts * scenario.days
    guard pool.count >= wanted else {
      throw PlantFault(.data, "there are \(pool.count) pictures of the scenario's classes, and \(wanted) are needed")
    }
    var random = Generator(seed: seed)
    random.shuffle(&pool)
    var history: [Int] = []
    for (camera, setup) in scenario.cameras.enumerated() {
      history += [Int](repeating: camera, count: setup.historyParts)
    }
    random.shuffle(&history)
    self.history = history.enumerated().map { order, camera in
      CameraPart(
        id: "h\(order)", camera: camera, image: pool[order], label: labels[pool[order]] ?? 0, day: -1,
        time: Scenario.start)
    }
    var next = history.count
    var stream: [CameraPart] = []
    for day in 0..<scenario.days {
      var cameras: [Int] = []
      for (camera, setup) in scenario.cameras.enumerated() {
        cameras += [Int](repeating: camera, count: setup.partsPerDay)
      }
      random.shuffle(&cameras)
      for (order, camera) in cameras.enumerated() {
        let hours = 24 * (Double(order) + 0.5) / Double(cameras.count)
        stream.append(
          CameraPart(
            id: "\(scenario.cameras[camera].name)-\(next)", camera: camera, image: pool[next],
            label: labels[pool[next]] ?? 0, day: day, time: Scenario.moment(day: day).advanced(hours: hours)))
        next += 1
      }
    }
    self.stream = stream
  }

  /// What the camera saw of a part, `[28, 28]`.
  public func picture(_ part: CameraPart) -> [UInt8] {
    scenario.cameras[part.camera].mounting(day: part.day)
      .seen(images.picture(part.image), side: FashionImages.side)
  }

  /// The history as the file a line is made from.
  public var historyFile: [UInt8] {
    var writer = NpzWriter(compressed: false)
    let side = FashionImages.side
    writer.add("x", shape: [history.count, side, side, 1], history.flatMap { picture($0) })
    writer.add(CameraScenario.attribute, history.map { scenario.cameras[$0.camera].name })
    writer.add("label", history.map { scenario.classNames[$0.label] })
    writer.add(PartsRequest.partColumn, history.map(\.id))
    return writer.file
  }

  /// The stream as parts of a line that numbers its classes so.
  func parts(classNames: [String]) throws(PlantFault) -> [Part] {
    let numbers = scenario.classNames.map { classNames.firstIndex(of: $0) }
    guard numbers.allSatisfy({ $0 != nil }) else {
      throw PlantFault(.data, "the line has other classes: \(classNames.joined(separator: ", "))")
    }
    return stream.map { part in
      Part(
        line: 0, id: part.id, cell: Cell([scenario.cameras[part.camera].name]),
        features: picture(part).map { Float($0) }, label: numbers[part.label] ?? 0, time: part.time)
    }
  }
}

/// One picture on its way past a camera.
public struct CameraPart: Sendable, Equatable {
  public let id: String
  /// Index into the scenario's cameras.
  public let camera: Int
  /// Index into the pictures.
  public let image: Int
  /// Index into the scenario's class names.
  public let label: Int
  /// Counted from the first streamed day; -1 before.
  public let day: Int
  public let time: Timestamp
}
