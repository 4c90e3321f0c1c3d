import Domain
import Engine
import Wire

/// The parts of one infer request with their ids and times.
enum PartQueries {
  /// Without a tensor of ids part k of request ID is `ID/k`.
  static func read(_ request: InferRequest, batch: InferBatch, requestID: String) throws(WireFault) -> [PartQuery] {
    let ids = try texts(request, tensor: InferBatch.partIDName, count: batch.partCount)
    let times = try eventTimes(request, count: batch.partCount)
    let width = batch.features.count / batch.partCount
    return (0..<batch.partCount).map { index in
      PartQuery(
        part: ids?[index] ?? (batch.partCount == 1 ? requestID : "\(requestID)/\(index)"), cell: batch.cells[index],
        inputs: batch.partCount == 1 ? batch.features : Array(batch.features[index * width..<(index + 1) * width]),
        eventTime: times?[index])
    }
  }

  /// From a tensor with one time a part, else from the request's parameter for all of them.
  private static func eventTimes(_ request: InferRequest, count: Int) throws(WireFault) -> [Timestamp]? {
    let name = InferRequest.observedAtParameter
    let written: [String]
    if let each = try texts(request, tensor: name, count: count) {
      written = each
    } else if let parameter = request.parameters[name] {
      written = [String](repeating: parameter.text, count: count)
    } else {
      return nil
    }
    var times: [Timestamp] = []
    for text in written {
      guard let time = Timestamp(text) else {
        throw .badMessage("\"\(name)\" is an RFC 3339 time like 2026-11-23T06:30:00Z (got \"\(text.prefix(40))\")")
      }
      times.append(time)
    }
    return times
  }

  private static func texts(_ request: InferRequest, tensor name: String, count: Int) throws(WireFault) -> [String]? {
    guard let tensor = request.inputs.first(where: { $0.name == name }) else { return nil }
    let values = tensor.data.asTexts
    guard values.count == count else {
      throw .badTensor(name: name, reason: "\(values.count) values for \(count) parts")
    }
    return values
  }
}

/// A time-ordered id for parts that came without one (RFC 9562 section 5.7).
func uuidVersion7(_ time: Timestamp) -> String {
  let milliseconds = UInt64(max(0, time.microseconds / 1000)) & 0xFFFF_FFFF_FFFF
  let high = milliseconds << 16 | 0x7000 | UInt64.random(in: 0...0xFFF)
  let low = UInt64.random(in: .min ... .max) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
  let digits = padded(high) + padded(low)
  var text = ""
  for (index, digit) in digits.enumerated() {
    if [8, 12, 16, 20].contains(index) { text.append("-") }
    text.append(digit)
  }
  return text
}

private func padded(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
