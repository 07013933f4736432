/// What is written of a prediction.
public enum PredictionKind: String, CaseIterable, Hashable, Sendable {
  /// One whole number a voxel: the channel with the largest value (softmax, none), or the last channel whose
  /// probability reaches the threshold (sigmoid, and none with one channel); mapped by ``LabelRule/values``.
  case labels
  /// One probability a channel, `Float`.
  case probabilities
  /// The merged values as the network gave them, `Float`.
  case logits
}

/// How probabilities become labels.
public struct LabelRule: Hashable, Sendable {
  /// For each channel the label that stands for it; `nil` for its number, counted from 0, or from 1 with a threshold,
  /// where background has no channel.
  public var values: [Int]?
  /// The least probability that a channel needs, where it is not compared with others, more than 0 and less than 1.
  public var threshold: Double

  /// Creates a rule.
  public init(values: [Int]? = nil, threshold: Double = 0.5) {
    self.values = values
    self.threshold = threshold
  }
}
