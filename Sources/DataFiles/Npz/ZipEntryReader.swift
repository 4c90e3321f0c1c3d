import CZlib

/// The bytes of one entry, chunk by chunk; never more than its table of contents says, and checked at the end.
final class ZipEntryReader {
  private let file: ZipFile
  private let entry: ZipEntry
  private let inflater: Inflater?
  private var position: Int
  private let end: Int
  private var pending: [UInt8] = []
  private var deliveredBytes = 0
  private var checksum: UInt = 0

  /// - Throws: `DataFault` for compression methods NumPy does not use and for places outside the file.
  init(_ file: ZipFile, _ entry: ZipEntry) throws(DataFault) {
    guard !entry.isEncrypted, entry.method == ZipEntry.stored || entry.method == ZipEntry.deflated else {
      throw DataFault(
        array: arrayName(entry), "it is encrypted or packed in a way NumPy does not use; write it again with np.savez")
    }
    guard entry.method == ZipEntry.deflated || entry.size == entry.compressedSize else {
      throw ZipFile.damaged(file.path)
    }
    self.file = file
    self.entry = entry
    inflater = entry.method == ZipEntry.deflated ? try Inflater(.none) : nil
    position = try file.dataOffset(of: entry)
    end = position + entry.compressedSize
  }

  /// The next bytes, empty at the end of the entry.
  func next() throws(DataFault) -> [UInt8] {
    let bytes = inflater == nil ? try chunk() : try inflated()
    deliveredBytes += bytes.count
    guard deliveredBytes <= entry.size, !bytes.isEmpty || deliveredBytes == entry.size else { throw damaged() }
    checksum = bytes.withUnsafeBufferPointer { crc32(checksum, $0.baseAddress, UInt32($0.count)) }
    if deliveredBytes == entry.size, checksum != UInt(entry.checksum) { throw damaged() }
    return bytes
  }

  private func inflated() throws(DataFault) -> [UInt8] {
    guard let inflater else { return [] }
    while !inflater.isBetweenMembers {
      if pending.isEmpty { pending = try chunk() }
      if pending.isEmpty { throw damaged() }
      let (output, consumed) = try inflater.inflate(pending, path: "\(file.path), array \"\(arrayName(entry))\",")
      pending.removeFirst(consumed)
      if !output.isEmpty { return output }
    }
    return []
  }

  private func chunk() throws(DataFault) -> [UInt8] {
    let start = position
    position = min(end, position + DataLimits.chunkBytes)
    return start < position ? try file.bytes(at: start, to: position) : []
  }

  private func damaged() -> DataFault {
    DataFault(array: arrayName(entry), "its bytes do not match the file's table of contents; copy the file again")
  }
}

/// `x` for the entry `x.npy`.
func arrayName(_ entry: ZipEntry) -> String {
  entry.name.hasSuffix(".npy") ? String(entry.name.dropLast(4)) : entry.name
}
