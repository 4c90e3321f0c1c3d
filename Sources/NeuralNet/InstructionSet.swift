import CKernels
import Glibc

/// The vector instructions the kernels run on; results are bit-identical only on the same one.
public enum InstructionSet: Sendable, Hashable {
  /// What every machine of this architecture has: sse2 on x86-64, neon on arm64.
  case baseline
  /// With fused multiply-add.
  case avx2
  case avx512

  /// As written to the audit: "sse2", "neon", "avx2", "avx512".
  public var name: String {
    switch self {
    case .baseline: String(cString: kz_baseline_name())
    case .avx2: "avx2"
    case .avx512: "avx512"
    }
  }

  /// Those this processor can run, slowest first.
  public static let available = [InstructionSet.baseline, .avx2, .avx512].filter { kz_supports($0.code) == 1 }

  /// The fastest this processor can run, or the one that `environmentName` asks for, if it can run that.
  ///
  /// Why the environment, in a layer that reads nothing else from outside: like the processor it is the same for every
  /// call of a process, and a set handed through every layer could differ between a training and its judgement.
  public static let best = preferred(getenv(environmentName).map { String(cString: $0) })

  /// Forces a set, for comparing them: `sse2`, `avx2`, `avx512` or `neon`.
  public static let environmentName = "KAIZEN_INSTRUCTION_SET"

  /// The one called so, if this processor can run it.
  public static func named(_ name: String) -> InstructionSet? { available.first { $0.name == name } }

  private static func preferred(_ wish: String?) -> InstructionSet {
    wish.flatMap(named) ?? available.last ?? .baseline
  }

  var code: Int32 {
    switch self {
    case .baseline: Int32(KZ_BASELINE)
    case .avx2: Int32(KZ_AVX2)
    case .avx512: Int32(KZ_AVX512)
    }
  }
}
