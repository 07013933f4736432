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
  public let voxelVolume_ml: Double?
  /// What was measured.
  public let scores: [Measure: Score]
  /// Its lesions, where they were asked for.
  public let lesions: LesionCounts?

  /// The volume of the truth in ml.
  public var reference_ml: Double? { voxelVolume_ml.map { $0 * Double(voxels.reference) } }
  /// The volume of the prediction in ml.
  public var prediction_ml: Double? { voxelVolume_ml.map { $0 * Double(voxels.prediction) } }
  /// By how many ml the prediction is larger than the truth.
  public var volumeDifference_ml: Double? {
    voxelVolume_ml.map { $0 * Double(voxels.prediction - voxels.reference) }
  }
}

extension LabelEvaluation {
  /// Measures a label.
  init(
    _ label: Int, name: String?, in comparison: LabelComparison, voxelVolume_ml: Double?,
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
      label: label, name: name, voxels: counts, voxelVolume_ml: voxelVolume_ml,
      scores: Self.scores(counts, distances, lesions, settings), lesions: lesions)
  }

  /// A label that a case has in neither map.
  static func absent(_ label: Int, name: String?, voxelVolume_ml: Double?, _ settings: EvaluationSettings)
    -> LabelEvaluation
  {
    let lesions =
      settings.lesions.contains(label)
      ? LesionCounts(reference: 0, found: 0, prediction: 0, spurious: 0) : nil
    let undefined = Score.undefined(.bothEmpty)
    let measures = Measure.allCases.filter { $0 != .lesionF1 || lesions != nil }
    return LabelEvaluation(
      label: label, name: name, voxels: OverlapCounts(), voxelVolume_ml: voxelVolume_ml,
      scores: Dictionary(uniqueKeysWithValues: measures.map { ($0, undefined) }), lesions: lesions)
  }

  private static func scores(
    _ counts: OverlapCounts, _ distances: SurfaceDistances, _ lesions: LesionCounts?,
    _ settings: EvaluationSettings
  ) -> [Measure: Score] {
    var scores: [Measure: Score] = [
      .dice: counts.dice, .jaccard: counts.jaccard, .precision: counts.precision, .recall: counts.recall,
      .relativeVolumeDifference: counts.relativeVolumeDifference,
      .hausdorff95_mm: distances.hausdorffDistance_mm(percent: 95),
      .averageSurfaceDistance_mm: distances.averageDistance_mm,
      .surfaceDice: distances.surfaceDice(tolerance_mm: settings.tolerance_mm),
    ]
    scores[.lesionF1] = lesions?.f1
    return scores
  }
}
