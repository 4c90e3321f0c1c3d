import DataFiles
import Testing

// python3 -c 'import gzip;t="a,label,g_x\n"+"".join(f"{i}.5,{i%2},p{i%3}\n" for i in range(40));
// print(*gzip.compress(t.encode(),9,mtime=0),sep=",")'
private let compressed: [UInt8] = [
  31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 69, 208, 59, 10, 3, 49, 12, 132, 225, 94, 103, 49, 65, 210, 248, 121, 154, 176, 11,
  33, 205, 22, 91, 230, 248, 9, 152, 153, 116, 102, 224, 67, 230, 63, 202, 117, 156, 175, 171, 188, 159, 31, 243, 71,
  43, 94, 110, 183, 248, 61, 162, 220, 97, 185, 151, 52, 236, 197, 173, 238, 37, 172, 237, 37, 173, 83, 13, 170, 73,
  181, 168, 194, 201, 34, 232, 34, 117, 14, 148, 81, 73, 163, 201, 118, 217, 33, 59, 101, 151, 254, 234, 180, 25, 180,
  153, 180, 9, 218, 172, 180, 217, 100, 187, 236, 144, 157, 178, 139, 22, 74, 4, 53, 194, 63, 146, 42, 65, 153, 160, 78,
  80, 40, 168, 20, 148, 10, 106, 245, 5, 199, 148, 214, 23, 146, 1, 0, 0,
]

private func count(_ bytes: [UInt8], suffix: String = ".csv.gz", limits: DataLimits = DataLimits()) throws -> Int {
  let file = try TemporaryFile(bytes, suffix: suffix)
  let reader = try CSVReader(path: file.path, limits: limits)
  while try reader.next() != nil {}
  return reader.rowCount
}

@Test func `gzip is known by its first bytes, not by the name`() throws {
  #expect(try count(compressed) == 40)
  #expect(try count(compressed, suffix: ".csv") == 40)
}

@Test func `gzip of several members is read to its end`() throws {
  // The header stands again in the second member as a row of the file.
  #expect(try count(compressed + compressed) == 81)
}

@Test func `a file named gz that is not gzip is said so`() {
  let fault = #expect(throws: DataFault.self) { _ = try count(Array("a,b\n1,2\n".utf8)) }
  #expect(fault?.sentence.contains("is not gzip") == true)
}

@Test func `gzip cut off anywhere is said so`() {
  for length in 2..<compressed.count {
    let fault = #expect(throws: DataFault.self) { _ = try count(Array(compressed.prefix(length))) }
    #expect(fault?.sentence.contains("cut off") == true, "after \(length) bytes")
  }
}

@Test func `a damaged byte is found`() {
  for index in [2, 30, 80, compressed.count - 6] {
    var bytes = compressed
    bytes[index] ^= 0xFF
    #expect(throws: DataFault.self, "byte \(index)") { _ = try count(bytes) }
  }
}

@Test func `what gzip grows to is bounded`() {
  var limits = DataLimits()
  limits.decompressedBytesMax = 200
  #expect(throws: DataFault.self) { _ = try count(compressed, limits: limits) }
}
