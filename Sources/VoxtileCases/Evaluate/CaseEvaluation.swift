import Voxtile
import VoxtileFormats
import VoxtileStore

/// How well one case was predicted, label by label.
public struct CaseEvaluation: Sendable {
  /// The two files.
  public let pair: EvaluationPairs.Pair
  /// The size in voxels.
  public let extent: Extent
  /// The size of a voxel in mm; `nil` where the files do not say, and lengths are in pixels.
  public let spacing: PerAxis<Double>?
  /// The labels of either map, in ascending order.
  public internal(set) var labels: [LabelEvaluation]
  /// What was done about the files, one sentence each, which follows the name of the prediction.
  public let notes: [String]
  /// The volume of a voxel in ml; `nil` where there is none.
  let voxelMilliliters: Double?

  /// The most labels of one case, unless they are named.
  static let maximumLabels = 10_000

  /// Compares two files.
  ///
  /// A prediction whose axes run otherwise than those of the truth is turned first.
  ///
  /// - Parameters:
  ///   - pair: the files.
  ///   - settings: what is measured.
  ///   - names: what labels stand for.
  ///   - check: called before each label; what it throws ends the work.
  /// - Throws: `VoxtileError.Code.shapeMismatch` where they differ in size or place, `VoxtileError.Code.typeMismatch` where values are
  ///   no labels, and what reading throws.
  public init(
    _ pair: EvaluationPairs.Pair, settings: EvaluationSettings = EvaluationSettings(),
    names: LabelNames = LabelNames(),
    check: () throws -> Void = {}
  ) throws {
    let reference = try ImageFormats.open(pair.reference)
    let comparison: LabelComparison
    (comparison, notes) = try pair.compared(with: reference, labels: settings.labels)
    guard settings.labels != nil || comparison.labels.count <= Self.maximumLabels else {
      throw VoxtileError(
        .invalidOption,
        "has, with \(pair.reference), \(comparison.labels.count) different labels, more than \(Self.maximumLabels); name those to measure",
        context: .init(
          file: pair.prediction, expected: "<= \(Self.maximumLabels)", found: "\(comparison.labels.count)"))
    }
    self.pair = pair
    extent = comparison.extent
    let hasPlace = reference.info.metadata.place != .unknown
    spacing = hasPlace ? comparison.spacing : nil
    let voxelMilliliters = hasPlace && !comparison.isPlanar ? comparison.voxelMilliliters : nil
    self.voxelMilliliters = voxelMilliliters
    let names = names.adding(LabelNames(besidePrediction: pair.prediction))
    labels = try Set(comparison.labels).union(settings.labels ?? []).subtracting([0]).sorted().map { label in
      try check()
      return try LabelEvaluation(
        label, name: names[label], in: comparison, voxelMilliliters: voxelMilliliters, settings)
    }
  }
}

extension EvaluationPairs.Pair {
  /// Compares the two files, after the prediction was turned as the truth lies.
  ///
  /// - Parameters:
  ///   - reference: the file of the truth.
  ///   - labels: the labels that count; `nil` for every one but 0.
  ///   - keepsVoxels: whether surfaces and lesions will be asked for.
  /// - Returns: the comparison, and what was done about the files.
  func compared(
    with reference: any VolumeReader, labels: Set<Int>? = nil, keepsVoxels: Bool = true
  ) throws -> (LabelComparison, notes: [String]) {
    let stored = try ImageFormats.open(prediction)
    do {
      let turned = try stored.turned(like: reference.info)
      try turned.info.checkOnGrid(of: reference.info, named: "the prediction", otherName: self.reference)
      let (own, due) = (stored.info.metadata.affine.orientation, turned.info.metadata.affine.orientation)
      return (
        try LabelComparison(
          reference: reference, prediction: turned, labels: labels, keepsVoxels: keepsVoxels),
        own == due ? [] : ["points \(own), and is turned to \(due)"]
      )
    } catch let error as VoxtileError {
      throw error.inFile(prediction)
    }
  }
}
