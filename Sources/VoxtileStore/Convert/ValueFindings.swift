import Synchronization

/// What could not be stored as it was while values were mapped, counted by all threads together.
public final class ValueFindings: Sendable {
  private let counts = Mutex((saturated: 0, nan: 0))

  /// Creates findings of nothing.
  public init() {}

  /// How many values the scalar type could not hold; they became the nearest whole number that it can, or infinite.
  public var saturatedValues: Int { counts.withLock { $0.saturated } }
  /// How many values were NaN and became 0, since whole numbers have no NaN.
  public var nanValues: Int { counts.withLock { $0.nan } }

  func add(_ lost: (saturated: Int, nan: Int)) {
    counts.withLock { counts in
      counts.saturated += lost.saturated
      counts.nan += lost.nan
    }
  }
}
