extension ReportData {
  /// The result of a merge.
  public struct Merge: Codable, Sendable {
    /// The path of the merged file, as given in the request.
    public var output: String
    /// The name of the blend; `nil` if unknown.
    public var blend: String?
    /// The difference from the original; `nil` if there is no comparable original.
    public var difference: VolumeDifference?
    /// How visible the patch borders are.
    public var seams: SeamScore
  }

  /// The result of a prediction.
  public struct Prediction: Codable, Sendable {
    /// The path or name of the model.
    public var model: String
    /// The predicted labels with their volumes; `nil` if unknown.
    public var labels: [LabelVolume]?
    /// A histogram of the winning class's probability: the number of voxels in each of several equal bins over
    /// 0...1; `nil` if unknown.
    public var winningProbability: [Int]?
    /// How often overlapping patches predicted different classes; `nil` if unknown.
    public var disagreement: Disagreement?

    /// Creates the result of a prediction. Omit what is unknown.
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

  /// How often overlapping patches predicted different classes.
  public struct Disagreement: Codable, Sendable {
    /// The number of voxels in more than one patch.
    public var voxels: Int
    /// How many of them have patches with different winning classes.
    public var differing: Int
    /// The name of the overlay that shows where; `nil` if there is none.
    public var layer: String?

    /// Creates a count of disagreements.
    public init(voxels: Int, differing: Int, layer: String? = nil) {
      self.voxels = voxels
      self.differing = differing
      self.layer = layer
    }
  }
}
