/// Which hundredth of the parts this one belongs to, 0..<100, by its id alone: the same part is answered by the same
/// student however often it is sent, on every machine and after every restart.
///
/// A canary of `percent` answers the parts whose bucket is below it, so that a larger step keeps those of the smaller.
/// Source: FNV-1a, its bits mixed by the finaliser of SplitMix64, because ids that count up differ in few bits.
public func canaryBucket(part: String) -> Int {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  hash = (hash ^ (hash &>> 30)) &* 0xBF58_476D_1CE4_E5B9
  hash = (hash ^ (hash &>> 27)) &* 0x94D0_49BB_1331_11EB
  return Int((hash ^ (hash &>> 31)) % 100)
}
