import DataFiles

/// Fashion-MNIST as Debian's package has it: 60,000 grey pictures of clothes, 28 x 28 (MIT licence).
public struct FashionImages: Sendable {
  /// `[count, 28, 28]`, 0 (ground) to 255.
  public let pixels: [UInt8]
  /// Index into `classNames`, one a picture.
  public let labels: [Int]

  public static let package = "dataset-fashion-mnist"
  public static let folder = "/usr/share/datasets/fashion-mnist"
  public static let side = 28
  public static let pixelCount = side * side
  /// In the order of the data's labels.
  public static let classNames = [
    "t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot",
  ]

  /// - Precondition: as many pixels as the labels need.
  public init(pixels: [UInt8], labels: [Int]) {
    precondition(pixels.count == labels.count * Self.pixelCount, "every picture has a label")
    self.pixels = pixels
    self.labels = labels
  }

  /// - Throws: `PlantFault` where the package is not installed, `DataFault` where its files are not what they were.
  public init(folder: String = FashionImages.folder) throws {
    let pictures: IdxFile
    do throws(DataFault) {
      pictures = try IdxFile(path: folder + "/train-images-idx3-ubyte.gz")
    } catch {
      guard error.kind == .unreadable else { throw error }
      throw PlantFault(
        .noInput,
        "\(error.sentence). The pictures are Debian's package \(Self.package); install it as root:"
          + " apt-get install \(Self.package)")
    }
    let classes = try IdxFile(path: folder + "/train-labels-idx1-ubyte.gz")
    guard pictures.shape.count == 3, pictures.shape.dropFirst() == [Self.side, Self.side],
      classes.shape == [pictures.shape[0]], classes.values.allSatisfy({ Int($0) < Self.classNames.count })
    else {
      throw PlantFault(
        .data, "the pictures in \(folder) are not those of Fashion-MNIST (\(pictures.shape) and \(classes.shape))")
    }
    self.init(pixels: pictures.values, labels: classes.values.map { Int($0) })
  }

  public var count: Int { labels.count }

  public func picture(_ index: Int) -> ArraySlice<UInt8> {
    pixels[index * Self.pixelCount..<(index + 1) * Self.pixelCount]
  }
}
