import Foundation

/// A random generator that gives the same numbers for the same seed on every machine (SplitMix64).
///
/// A test makes one generator a case and puts it in the comment of each expectation, so that a
/// failure says how to repeat it alone:
///
///     for var random in SplitMix64.cases(200, from: 2026) {
///       let length = Int.random(in: 1...500, using: &random)
///       #expect(law(length), "\(random)")
///     }
public struct SplitMix64: RandomNumberGenerator, Sendable {
  /// What the generator started from.
  public let seed: UInt64
  private var state: UInt64

  /// Creates a generator.
  public init(seed: UInt64) {
    self.seed = seed
    state = seed
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Generators with the seeds `first`, `first + 1`, ...; only the one of `VOXTILE_TEST_SEED` where
  /// that variable of the environment is set.
  public static func cases(_ count: Int, from first: UInt64) -> [SplitMix64] {
    if let text = ProcessInfo.processInfo.environment["VOXTILE_TEST_SEED"], let seed = UInt64(text) {
      return [SplitMix64(seed: seed)]
    }
    return (0..<UInt64(count)).map { SplitMix64(seed: first + $0) }
  }
}

extension SplitMix64: CustomStringConvertible {
  /// How to repeat the case: `VOXTILE_TEST_SEED=2031`.
  public var description: String { "VOXTILE_TEST_SEED=\(seed)" }
}
