import Glibc
import Synchronization

/// The memory this process may take, and a sentence instead of a bare signal where it asks for more.
///
/// The runtime ends a process whose allocation is refused, by a trap or an abort, before any code of ours hears of it; so
/// these signals are listened to, and the refusal is recognised by what the refused call left in errno, or by another
/// small request that is refused too.
enum MemoryCap {
  /// Where the sentence lies that the handler writes, which may not allocate: made beforehand and never freed.
  private static let sentence = Atomic<UInt>(0)
  private static let sentenceCount = Atomic(0)

  /// A request as small as this that is refused says that the memory is used up.
  private static let probeBytes = 8 << 20

  /// Covers the heap and private mappings (setrlimit(2), RLIMIT_DATA); programs and files that are mapped do not count.
  ///
  /// - Parameter bytes: 0 and less: no cap.
  static func enter(_ bytes: Int) {
    guard bytes > 0 else { return }
    let megabytes = (bytes + (1 << 20) - 1) >> 20
    let text = Array(
      ("kaizen-trainer: this training needed more than the \(megabytes) MB of memory it may take and was ended; serving "
        + "goes on. Raise memory_bytes_max under [training], or choose a smaller student\n").utf8)
    let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.count)
    _ = buffer.initialize(from: text)
    sentence.store(UInt(bitPattern: buffer.baseAddress), ordering: .releasing)
    sentenceCount.store(buffer.count, ordering: .releasing)
    // Now, not in the handler.
    _ = probeBytes
    for signal in [SIGILL, SIGTRAP, SIGABRT] { listen(signal) }
    var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t(bytes))
    _ = setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
  }

  private static func listen(_ signal: Int32) {
    var action = sigaction()
    // Once: whatever comes then ends the process as it would have.
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_NODEFER
    action.__sigaction_handler.sa_handler = { signal in
      if MemoryCap.isUsedUp {
        _ = write(
          STDERR_FILENO, UnsafeRawPointer(bitPattern: MemoryCap.sentence.load(ordering: .acquiring)),
          MemoryCap.sentenceCount.load(ordering: .acquiring))
        _exit(Failure.Code.memory.rawValue)
      }
      raise(signal)
    }
    sigaction(signal, &action, nil)
  }

  private static var isUsedUp: Bool {
    if errno == ENOMEM { return true }
    let probe = mmap(nil, probeBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard probe != MAP_FAILED else { return true }
    munmap(probe, probeBytes)
    return false
  }
}
