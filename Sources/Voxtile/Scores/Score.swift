/// A score of a prediction, or why there is none.
///
/// A score whose formula divides by nothing, or that needs a surface that is not there, is neither 0 nor perfect nor NaN: it is undefined,
/// and whoever takes a mean says how many were.
///
///     OverlapCounts(reference: 0, prediction: 12, both: 0).dice     // .undefined(.referenceEmpty)
///     OverlapCounts(reference: 12, prediction: 0, both: 0).dice     // .value(0): all of it was missed
public enum Score: Hashable, Sendable {
  /// The score.
  case value(Double)
  /// There is none.
  case undefined(Reason)

  /// Which masks are empty.
  public enum Reason: String, CaseIterable, Hashable, Sendable {
    /// There was nothing to find, and nothing was found.
    case bothEmpty
    /// There was nothing to find, but something was found.
    case referenceEmpty
    /// There was something to find, and nothing was found.
    case predictionEmpty

    /// Which of two masks are empty, by their sizes; `nil` where none is.
    public init?(reference: Int, prediction: Int) {
      switch (reference > 0, prediction > 0) {
      case (true, true): return nil
      case (false, false): self = .bothEmpty
      case (false, true): self = .referenceEmpty
      case (true, false): self = .predictionEmpty
      }
    }
  }

  /// The score; `nil` where it is undefined.
  public var value: Double? { if case .value(let value) = self { value } else { nil } }

  /// Why it is undefined; `nil` where it is not.
  public var reason: Reason? { if case .undefined(let reason) = self { reason } else { nil } }

  /// The same score in another unit.
  public func map(_ transform: (Double) -> Double) -> Score {
    switch self {
    case .value(let value): .value(transform(value))
    case .undefined: self
    }
  }
}
