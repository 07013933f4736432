/// How many voxels two masks have, and how many of them are the same.
public struct OverlapCounts: Hashable, Sendable {
  /// Voxels of the reference, which is taken for true.
  public var reference: Int
  /// Voxels of the prediction.
  public var prediction: Int
  /// Voxels of both.
  public var both: Int

  /// Creates counts.
  public init(reference: Int = 0, prediction: Int = 0, both: Int = 0) {
    self.reference = reference
    self.prediction = prediction
    self.both = both
  }

  /// Which masks are empty; `nil` where none is.
  public var emptiness: Score.Reason? { Score.Reason(reference: reference, prediction: prediction) }
}

extension OverlapCounts {
  /// Twice the common voxels over the voxels of both masks, 0 to 1. Undefined where the reference is empty.
  public var dice: Score { ofReference(Double(2 * both) / Double(reference + prediction)) }

  /// The common voxels over those of either mask, 0 to 1. Undefined where the reference is empty.
  public var jaccard: Score { ofReference(Double(both) / Double(reference + prediction - both)) }

  /// Which part of the prediction is right, 0 to 1. Undefined where the prediction is empty.
  public var precision: Score {
    guard prediction > 0 else { return .undefined(emptiness ?? .predictionEmpty) }
    return .value(Double(both) / Double(prediction))
  }

  /// Which part of the reference was found, 0 to 1 (sensitivity). Undefined where the reference is empty.
  public var recall: Score { ofReference(Double(both) / Double(reference)) }

  /// How much larger the prediction is than the reference, as a part of the reference: 0.1 for 10 % more, -1 for nothing. Undefined where
  /// the reference is empty.
  public var relativeVolumeDifference: Score {
    ofReference(Double(prediction - reference) / Double(reference))
  }

  private func ofReference(_ value: @autoclosure () -> Double) -> Score {
    guard reference > 0 else { return .undefined(emptiness ?? .referenceEmpty) }
    return .value(value())
  }
}
