import DataFiles
import Foundation
import Testing

@Suite struct IdxFileTests {
  private func read(_ bytes: [UInt8], name: String = "data.idx") throws -> IdxFile {
    let folder = FileManager.default.temporaryDirectory.appending(path: "idx-\(UInt64.random(in: 0...UInt64.max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: name)
    try Data(bytes).write(to: file)
    return try IdxFile(path: file.path)
  }

  private func sentence(_ bytes: [UInt8], name: String = "data.idx") -> String? {
    do {
      _ = try read(bytes, name: name)
      return nil
    } catch { return (error as? DataFault)?.sentence }
  }

  private static let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3]

  @Test func `bytes come in the shape the header gives`() throws {
    let file = try read(Self.header + [1, 2, 3, 4, 5, 6])
    #expect(file.shape == [2, 1, 3])
    #expect(file.values == [1, 2, 3, 4, 5, 6])
  }

  /// `printf '\0\0\10\1\0\0\0\3abc' | gzip -n9 | xxd -i`
  private static let gzipped: [UInt8] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x63, 0x60, 0xe0, 0x60, 0x64, 0x60, 0x60, 0x60, 0x4e,
    0x4c, 0x4a, 0x06, 0x00, 0x54, 0x24, 0x25, 0xc4, 0x0b, 0x00, 0x00, 0x00,
  ]

  @Test func `gzip is unpacked`() throws {
    #expect(try read(Self.gzipped, name: "a.gz").values == Array("abc".utf8))
  }

  @Test(
    arguments: [
      ([], "ends within its header"), ([0, 0, 8], "ends within its header"), (Array(header.prefix(10)), "ends within"),
      (header + [1, 2, 3, 4, 5], "ends before the last"), (header + [1, 2, 3, 4, 5, 6, 7], "goes on after them"),
      ([0, 0, 13, 1, 0, 0, 0, 1, 0, 0, 0, 0], "type 13"), ([0, 0, 8, 0], "no IDX file"), ([0, 0, 8, 6], "no IDX file"),
      (Array("label,x1\n1,2\n".utf8), "no IDX file"), ([0, 0, 8, 1, 0, 0, 0, 0], "a size of 0"),
      ([0, 0, 8, 1, 255, 255, 255, 255, 1], "more than 268435456"),
      ([0, 0, 8, 4] + [UInt8](repeating: 255, count: 16), "more than 268435456"),
      ([0, 0, 8, 2, 0, 0, 64, 0, 0, 0, 64, 1, 1], "more than 268435456"),
    ] as [([UInt8], String)])
  func `rubbish is refused in a sentence`(bytes: [UInt8], words: String) {
    #expect(sentence(bytes)?.contains(words) == true, "\(sentence(bytes) ?? "it was read")")
  }

  @Test func `every prefix and every flipped byte of a good file is refused or read, and nothing else happens`() {
    let whole = Self.header + [1, 2, 3, 4, 5, 6]
    for end in whole.indices { #expect(sentence(Array(whole[..<end])) != nil) }
    for index in Self.header.indices {
      for bit in 0..<8 {
        var bytes = whole
        bytes[index] ^= 1 << bit
        #expect(sentence(bytes) != nil, "byte \(index), bit \(bit)")
      }
    }
    for end in Self.gzipped.indices { #expect(sentence(Array(Self.gzipped[..<end]), name: "a.gz") != nil) }
  }

  @Test func `a missing file is said to be missing`() {
    let fault = #expect(throws: DataFault.self) { try IdxFile(path: "/nowhere/images.gz") }
    #expect(fault?.kind == .unreadable)
  }
}

@Suite struct GreyPNGTests {
  /// The values of ISO/IEC 15948 and of `python3 -c 'import zlib; print(hex(zlib.crc32(b"IEND")))'`.
  @Test func `signature, chunks and checksums are those of the standard`() {
    let file = GreyPNG.file(pixels: [0, 255], width: 2, height: 1)
    #expect(file.prefix(8) == [137, 80, 78, 71, 13, 10, 26, 10])
    #expect(file.suffix(12) == [0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82])
    #expect(file[8..<33] == Self.header)
  }

  /// `python3 -c 'import struct,zlib; b=b"IHDR"+struct.pack(">IIBBBBB",2,1,8,0,0,0,0);
  /// print(list(struct.pack(">I",13)+b+struct.pack(">I",zlib.crc32(b))))'`
  private static let header: ArraySlice<UInt8> = [
    0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 2, 0, 0, 0, 1, 8, 0, 0, 0, 0, 209, 73, 32, 86,
  ]

  /// One row of 28 pixels after the filter byte, the zlib stream unpacked by the gzip reader's zlib.
  @Test func `rows are the pixels after a filter byte, in a zlib stream with their Adler-32`() throws {
    let pixels = (0..<28 * 3).map { UInt8($0 * 3) }
    let file = GreyPNG.file(pixels: pixels, width: 28, height: 3)
    let length = file[33..<37].reduce(0) { $0 << 8 | Int($1) }
    #expect(Array(file[37..<41]) == Array("IDAT".utf8))
    let stream = Array(file[41..<41 + length])
    #expect(stream.prefix(2) == [0x78, 0xDA], "deflate, 32 KB window, best compression")
    let rows = (0..<3).flatMap { [0] + pixels[$0 * 28..<($0 + 1) * 28] }
    #expect(Array(stream.suffix(4)) == adler(rows))
    #expect(file.count == 41 + length + 4 + 12)
  }

  /// RFC 1950, section 9.
  private func adler(_ bytes: [UInt8]) -> [UInt8] {
    var (a, b) = (UInt32(1), UInt32(0))
    for byte in bytes {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return [b, a].flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
  }

  @Test func `the same picture gives the same file`() {
    let pixels = (0..<784).map { UInt8($0 % 256) }
    #expect(
      GreyPNG.file(pixels: pixels, width: 28, height: 28) == GreyPNG.file(pixels: pixels, width: 28, height: 28))
  }
}
