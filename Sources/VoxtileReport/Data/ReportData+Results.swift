extension ReportData {
  /// What a merge gave.
  public struct Merge: Codable, Sendable {
    /// The merged file, as it was named.
    public var output: String
    /// How several patches became one value; `nil` where that is not known.
    public var blend: String?
    /// The difference to the original; `nil` where there is no original of the same kind.
    public var difference: VolumeDifference?
    /// How visible the borders of patches are.
    public var seams: SeamScore
  }

  /// What a model predicted.
  public struct Prediction: Codable, Sendable {
    /// The model, as it was named.
    public var model: String
    /// The predicted labels with their volumes.
    public var labels: [LabelVolume]?
    /// How often the winning class had which probability: equal steps over 0...1.
    public var winningProbability: [Int]?
    /// Voxels that several patches hold, and how many of them the patches disagree about.
    public var disagreement: Disagreement?

    /// Creates a prediction; leave out what is not known.
    public init(
      model: String, labels: [LabelVolume]? = nil, winningProbability: [Int]? = nil,
      disagreement: Disagreement? = nil
    ) {
      self.model = model
      self.labels = labels
      self.winningProbability = winningProbability
      self.disagreement = disagreement
    }
  }

  /// Where overlapping patches predicted different things.
  public struct Disagreement: Codable, Sendable {
    /// Voxels that several patches hold.
    public var voxels: Int
    /// Those whose patches have different winners.
    public var differing: Int
    /// The name of the layer that shows where; `nil` where there is none.
    public var layer: String?

    /// Creates a disagreement.
    public init(voxels: Int, differing: Int, layer: String? = nil) {
      self.voxels = voxels
      self.differing = differing
      self.layer = layer
    }
  }
}
