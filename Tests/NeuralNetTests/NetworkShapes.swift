import Domain
import NeuralNet

/// One example of every layer, size and edge that the kernels treat differently.
enum NetworkShapes {
  static let all: [(input: InputShape, layers: String, classCount: Int)] = [
    (.vector(count: 7), "13,5", 3),
    // Windows: one channel, several, strides that leave samples over, kernels of one and of nearly everything.
    (.window(channels: 1, length: 33), "conv5k4s3,max2,conv3k3,7", 2),
    (.window(channels: 3, length: 20), "conv16k5s2,conv17k3", 4),
    (.window(channels: 2, length: 19), "conv8k7s4p0,conv6k3s2p1,mean", 3),
    (.window(channels: 1, length: 64), "conv16k16s8,max2,conv32k3,conv33k1,max3", 2),
    (.window(channels: 2, length: 12), "avg2,conv4k3,avg2,max3", 2),
    (.window(channels: 1, length: 9), "conv2k9s9p8,conv3k2s1p1,conv3k2s2p0", 2),
    // Pictures: grey, colour, odd sides, strides, no padding, pooling with rests, dense layers of every neighbour.
    (.image(height: 9, width: 7, channels: 1), "conv5k3,max2,conv4k3,max2", 3),
    (.image(height: 8, width: 10, channels: 3), "conv16k3,conv18k3s2,avg2,9", 4),
    (.image(height: 11, width: 11, channels: 2), "conv3k5s3p2,conv6k3p0", 2),
    (.image(height: 7, width: 8, channels: 1), "max2,conv4k2,mean,5", 2),
    (.image(height: 12, width: 12, channels: 1), "conv16k3,max2,conv32k3,max2,conv17k3,max3", 10),
    (.image(height: 5, width: 6, channels: 4), "6,4", 3),
    (.image(height: 6, width: 5, channels: 2), "conv3k4s2p1,conv2k1,conv7k2s2p1,mean", 2),
  ]

  static func shape(_ index: Int) throws -> StudentShape {
    let (input, layers, classCount) = all[index]
    return try StudentShape(input: input, hiddenLayers: StudentLayer.list(layers), classCount: classCount)
  }
}
