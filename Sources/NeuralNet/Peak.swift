import CKernels

extension InstructionSet {
  /// Multiplies and adds in registers alone, `rounds` x 384 vectors, and returns how many operations that were (2 for
  /// each lane): the most that any kernel on this set could do in the same time.
  ///
  /// - Precondition: this processor can run the set.
  public func runAtPeak(rounds: Int) -> Double {
    precondition(Self.available.contains(self), "this processor cannot run \(name)")
    // Sums converge to a small number: none overflows or becomes slow because it is next to nothing.
    var factor: Float = 0.5
    return kz_peak(code, rounds, &factor)
  }
}
