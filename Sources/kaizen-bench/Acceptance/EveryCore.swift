import Dispatch
import Synchronization

/// Does `work` on all pieces, on as many threads as there are cores; results in the order of the pieces.
///
/// - Parameter told: called after each piece with the number done, one call at a time.
func onEveryCore<Piece: Sendable, Result: Sendable>(
  _ pieces: [Piece], _ work: @Sendable (Piece) -> Result, told: @Sendable (Int) -> Void
) -> [Result] {
  let results = Mutex<[Int: Result]>([:])
  DispatchQueue.concurrentPerform(iterations: pieces.count) { index in
    let result = work(pieces[index])
    results.withLock { results in
      results[index] = result
      told(results.count)
    }
  }
  return results.withLock { results in pieces.indices.compactMap { results[$0] } }
}
