/// What is written of a prediction.
@nonexhaustive
public enum PredictionKind: String, CaseIterable, Hashable, Sendable {
  /// One whole number for each voxel: the channel with the largest value (softmax, none), or the last channel whose
  /// probability reaches the threshold (sigmoid, and none with one channel); mapped by ``LabelRule/values``.
  case labels
  /// One probability for each channel, `Float`.
  case probabilities
  /// The merged values as the network gave them, `Float`.
  case logits
  /// The probability of the label, `Float`: of the channel that became it, or of none of them.
  case confidence
  /// 1 where patches that hold a voxel would give it different labels, else 0.
  case disagreement

  /// Values for each voxel, given the number of channels of the model.
  func channels(of model: Int) -> Int {
    switch self {
    case .probabilities, .logits: model
    case .labels, .confidence, .disagreement: 1
    }
  }
}

/// How probabilities become labels.
public struct LabelRule: Hashable, Sendable {
  /// For each channel the label that stands for it; `nil` for its number, counted from 0, or from 1 with a threshold,
  /// where background has no channel.
  ///
  /// Where the model gives labels itself, the value for each of them, from 0; `nil` to keep them.
  public var values: [Int]?
  /// What the channels stand for, in order; with a threshold also with a name for 0, the background, before them. Where the model
  /// gives labels itself, what they stand for, from 0.
  public var names: [String]?
  /// The least probability that a channel needs, where it is not compared with others, more than 0 and less than 1.
  public var threshold: Double

  /// Creates a rule.
  public init(values: [Int]? = nil, names: [String]? = nil, threshold: Double = 0.5) {
    self.values = values
    self.names = names
    self.threshold = threshold
  }
}
