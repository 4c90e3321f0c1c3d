import Domain
import Foundation
import NeuralNet
import Teacher
import Testing

@Test(arguments: TorchModel.all, ["script", "dynamo"])
func `a student made from PyTorch's export gives PyTorch's logits`(model: TorchModel, style: String) throws {
  let imported = try model.imported(style)
  let logits = imported.student.logits(model.parts, rowCount: model.rowCount)
  // Large raw readings make large logits: the difference is relative there.
  #expect(worstDifference(logits, model.logits) < 1e-5)
  #expect(imported.remarks.count == (model.name == "standardised" ? 1 : 0))
}

@Test func `both exporters' files give the same student`() throws {
  for model in TorchModel.all {
    let script = try model.imported("script").student
    let dynamo = try model.imported("dynamo").student
    #expect(script.shape == dynamo.shape)
    let pairs = zip(script.parameters, dynamo.parameters)
    #expect(pairs.allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) }, "\(model.name)")
  }
}

@Test func `layers are recognised as a student's own`() throws {
  let shapes = Dictionary(
    uniqueKeysWithValues: try TorchModel.all.map { model in
      (model.name, try model.imported("script").student.shape.hiddenLayers.map(\.description).joined(separator: ","))
    })
  #expect(
    shapes == [
      "plain": "8,6", "standardised": "8", "signal": "conv4k5s2,max2,conv6k3,max2,mean", "flatsignal": "conv4k4s4,7",
      "picture": "conv4k3,max2,conv6k3,avg2,7", "viewed": "conv4k3s2",
    ])
}

@Test func `a model of another input or other classes is refused with both shapes`() throws {
  let model = try #require(TorchModel.all.first { $0.name == "picture" })
  func fault(_ input: InputShape, classCount: Int = 3) throws -> String {
    try #require(
      throws: OnnxFault.self,
      performing: {
        _ = try ImportedStudent(onnx: model.bytes("script"), input: input, classCount: classCount)
      }
    ).sentence
  }
  #expect(
    try fault(.image(height: 12, width: 9, channels: 1))
      == "the model reads [?, 1, 12, 8] and the line's parts are [n, 12, 9, 1] (image 12x9x1); they must fit")
  #expect(try fault(model.input, classCount: 4).contains("gives 3 numbers and the line has 4 classes"))
}

@Test func `weights kept outside are said to be missing, and are read from the model's folder alone`() throws {
  let model = try #require(TorchModel.all.first { $0.name == "picture" })
  let fault = #expect(throws: OnnxFault.self) {
    _ = try ImportedStudent(onnx: model.bytes("dynamo"), input: model.input, classCount: 3)
  }
  #expect(fault?.sentence.contains("\"picture-dynamo.onnx.data\", and that file cannot be read beside it") == true)
  let name = Array("picture-dynamo.onnx.data".utf8)
  var bytes = try model.bytes("dynamo")
  let start = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
  bytes.replaceSubrange(start..<start + 3, with: Array("../".utf8))
  let outside = #expect(throws: OnnxFault.self) {
    _ = try ImportedStudent(onnx: bytes, input: model.input, classCount: 3, beside: TorchModel.beside)
  }
  #expect(outside?.sentence.contains("which is not beside the model") == true)
}

@Test func `bytes that are no model are said to be none`() {
  for bytes in [[], [0], Array("class,temp\n1,2\n".utf8), [UInt8](repeating: 0xFF, count: 100), [0x3A, 0]] {
    let fault = #expect(throws: OnnxFault.self) {
      _ = try ImportedStudent(onnx: bytes, input: .vector(count: 2), classCount: 2)
    }
    #expect(fault?.sentence.contains("is not ONNX") == true)
  }
}

@Test(arguments: [
  ("tanh", "(Tanh) cannot be done by a student: its layers end in a ReLU"),
  ("skip", "(Add) joins two branches; a student is one chain"),
  ("norelu", "(Gemm) follows another layer without a ReLU between them"),
  ("lastrelu", "the model must end in a dense layer"),
  ("grouped", "(Conv) has kernels over 1 of 2 channels (group 2)"),
  ("dilated", "a student's kernels have no dilation"),
  ("overlap", "(MaxPool) pools [3] neighbours with stride 2 and padding 0"),
  ("layernorm", "(LayerNormalization) cannot be done by a student; it knows Gemm"),
])
func `what no student can do is refused with the node and the way out`(name: String, words: String) throws {
  let path = TorchModel.folder.appendingPathComponent("refused-\(name).onnx")
  let isSignal = ["grouped", "dilated", "overlap"].contains(name)
  let fault = try #require(
    throws: OnnxFault.self,
    performing: {
      _ = try ImportedStudent(
        onnx: Array(try Data(contentsOf: path)),
        input: isSignal ? .window(channels: 2, length: 8) : .vector(count: 5), classCount: 3)
    })
  #expect(fault.sentence.contains(words), "\(fault.sentence)")
}
