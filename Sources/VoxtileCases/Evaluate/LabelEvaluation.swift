import Voxtile

/// How well one label of one case was predicted.
public struct LabelEvaluation: Hashable, Sendable {
  /// The label.
  public let label: Int
  /// What it stands for, where that is known.
  public var name: String?
  /// How many voxels it has in the truth, in the prediction, and in both.
  public let voxels: OverlapCounts
  /// The volume of a voxel in ml; `nil` in an image without a third axis or without a place.
  public let voxelMilliliters: Double?
  /// What was measured.
  public let scores: [Measure: Score]
  /// Its lesions, where they were asked for.
  public let lesions: LesionCounts?

  /// The volume of the truth in ml.
  public var referenceMilliliters: Double? { voxelMilliliters.map { $0 * Double(voxels.reference) } }
  /// The volume of the prediction in ml.
  public var predictionMilliliters: Double? { voxelMilliliters.map { $0 * Double(voxels.prediction) } }
  /// By how many ml the prediction is larger than the truth.
  public var differenceMilliliters: Double? {
    voxelMilliliters.map { $0 * Double(voxels.prediction - voxels.reference) }
  }
}

extension LabelEvaluation {
  /// Measures a label.
  init(
    _ label: Int, name: String?, in comparison: LabelComparison, voxelMilliliters: Double?,
    _ settings: EvaluationSettings
  )
    throws(VoxtileError)
  {
    let counts = comparison.overlap(of: label)
    let distances = try comparison.surfaceDistances(of: label, surface: settings.surface, jobs: settings.jobs)
    let lesions =
      settings.lesions.contains(label)
      ? try comparison.lesions(of: label, connectivity: settings.connectivity) : nil
    self.init(
      label: label, name: name, voxels: counts, voxelMilliliters: voxelMilliliters,
      scores: Self.scores(counts, distances, lesions, settings), lesions: lesions)
  }

  /// A label that a case has in neither map.
  static func absent(_ label: Int, name: String?, voxelMilliliters: Double?, _ settings: EvaluationSettings)
    -> LabelEvaluation
  {
    let lesions =
      settings.lesions.contains(label)
      ? LesionCounts(reference: 0, found: 0, prediction: 0, spurious: 0) : nil
    let undefined = Score.undefined(.bothEmpty)
    let measures = Measure.allCases.filter { $0 != .lesionF1 || lesions != nil }
    return LabelEvaluation(
      label: label, name: name, voxels: OverlapCounts(), voxelMilliliters: voxelMilliliters,
      scores: Dictionary(uniqueKeysWithValues: measures.map { ($0, undefined) }), lesions: lesions)
  }

  private static func scores(
    _ counts: OverlapCounts, _ distances: SurfaceDistances, _ lesions: LesionCounts?,
    _ settings: EvaluationSettings
  ) -> [Measure: Score] {
    var scores: [Measure: Score] = [
      .dice: counts.dice, .jaccard: counts.jaccard, .precision: counts.precision, .recall: counts.recall,
      .relativeVolumeDifference: counts.relativeVolumeDifference,
      .hausdorff95Millimeters: distances.hausdorffMillimeters(percent: 95),
      .averageSurfaceMillimeters: distances.averageMillimeters,
      .surfaceDice: distances.surfaceDice(toleranceMillimeters: settings.toleranceMillimeters),
    ]
    scores[.lesionF1] = lesions?.f1
    return scores
  }
}
