extension ReportData {
  /// Takes the result of a prediction, whose labels name the channels of probabilities.
  package mutating func show(_ prediction: Prediction) {
    self.prediction = prediction
    for index in layers.indices { layers[index].nameChannel(from: prediction.labelNames) }
  }

  /// The result of a merge.
  package struct Merge: Codable, Sendable {
    /// The path of the merged file, as given in the request.
    package var output: String
    /// The name of the blend; `nil` if unknown.
    package var blend: String?
    /// What a person should know about the merge.
    package var remarks: [String] = []
    /// The difference from the original; `nil` if there is no comparable original.
    package var difference: VolumeDifference?
    /// How visible the patch borders are.
    package var seams: SeamScore
  }

  /// The result of a prediction.
  package struct Prediction: Codable, Sendable {
    /// The path or name of the model.
    package var model: String
    /// What labels stand for; empty where that is not known.
    package var labelNames: [LabelName]
    /// The predicted labels with their volumes; `nil` if unknown.
    package var labels: [LabelVolume]?
    /// A histogram of the winning class's probability: the number of voxels in each of several equal bins over
    /// 0...1; `nil` if unknown.
    package var winningProbability: [Int]?
    /// How confident the model is of each label, the background included; empty if unknown.
    package var labelConfidence: [LabelConfidence]
    /// Whether labels were freed of small components and the like after the model.
    package var cleansLabels: Bool
    /// How often overlapping patches predicted different classes; `nil` if unknown.
    package var disagreement: Disagreement?

    /// Creates the result of a prediction. Omit what is unknown.
    package init(
      model: String, labelNames: [LabelName] = [], labels: [LabelVolume]? = nil,
      winningProbability: [Int]? = nil, labelConfidence: [LabelConfidence] = [], cleansLabels: Bool = false,
      disagreement: Disagreement? = nil
    ) {
      self.model = model
      self.labelNames = labelNames
      self.labels = labels
      self.winningProbability = winningProbability
      self.labelConfidence = labelConfidence
      self.cleansLabels = cleansLabels
      self.disagreement = disagreement
    }
  }

  /// A label and what it stands for.
  package struct LabelName: Codable, Sendable {
    /// The number in the label map.
    package var label: Int
    /// What it stands for.
    package var name: String

    /// Creates a name.
    package init(label: Int, name: String) {
      self.label = label
      self.name = name
    }
  }

  /// How confident a model is of a label.
  package struct LabelConfidence: Codable, Sendable {
    /// The number in the label map.
    package var label: Int
    /// The number of voxels that the model gives it.
    package var voxels: Int
    /// The mean of the probabilities with which it won there, 0 to 1.
    package var mean: Double

    /// Creates a confidence.
    package init(label: Int, voxels: Int, mean: Double) {
      self.label = label
      self.voxels = voxels
      self.mean = mean
    }
  }

  /// How often overlapping patches predicted different classes.
  package struct Disagreement: Codable, Sendable {
    /// The number of voxels in more than one patch.
    package var voxels: Int
    /// How many of them have patches with different winning classes.
    package var differing: Int
    /// The name of the overlay that shows where; `nil` if there is none.
    package var layer: String?

    /// Creates a count of disagreements.
    package init(voxels: Int, differing: Int, layer: String? = nil) {
      self.voxels = voxels
      self.differing = differing
      self.layer = layer
    }
  }
}
