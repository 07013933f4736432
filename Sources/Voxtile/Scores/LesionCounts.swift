/// How many lesions were found: connected components of one label, rather than its voxels.
public struct LesionCounts: Hashable, Sendable {
  /// Lesions of the reference.
  public var reference: Int
  /// Lesions of the reference that have a voxel in common with the prediction.
  public var found: Int
  /// Lesions of the prediction.
  public var prediction: Int
  /// Lesions of the prediction that have no voxel in common with the reference.
  public var spurious: Int

  /// Creates counts.
  public init(reference: Int, found: Int, prediction: Int, spurious: Int) {
    self.reference = reference
    self.found = found
    self.prediction = prediction
    self.spurious = spurious
  }

  /// Lesions of the reference that have no voxel in common with the prediction.
  public var missed: Int { reference - found }

  /// `2 found / (2 found + missed + spurious)`, 0 to 1. Undefined where the reference has no lesion.
  public var f1: Score {
    guard reference > 0 else {
      return .undefined(Score.Reason(reference: 0, prediction: prediction) ?? .referenceEmpty)
    }
    return .value(Double(2 * found) / Double(2 * found + missed + spurious))
  }

  /// Which part of the reference's lesions was found. Undefined where it has none.
  public var recall: Score {
    guard reference > 0 else {
      return .undefined(Score.Reason(reference: 0, prediction: prediction) ?? .referenceEmpty)
    }
    return .value(Double(found) / Double(reference))
  }

  /// Which part of the prediction's lesions is one of the reference. Undefined where it has none.
  public var precision: Score {
    guard prediction > 0 else {
      return .undefined(Score.Reason(reference: reference, prediction: 0) ?? .predictionEmpty)
    }
    return .value(Double(prediction - spurious) / Double(prediction))
  }
}

extension LesionCounts {
  /// Counts the lesions of one label in two maps of the same size.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where there are more runs than can be numbered.
  /// - Complexity: nearly O(runs) time and memory.
  init(of label: Int, reference: LabelRows, prediction: LabelRows, connectivity: Connectivity)
    throws(VoxtileError)
  {
    let settings = ComponentSettings(values: [label], connectivity: connectivity)
    let first = try reference.components(settings)
    let second = try prediction.components(settings)
    var (found, right): (Set<Int>, Set<Int>) = ([], [])
    for row in 0..<reference.extent.height * reference.extent.depth {
      LabelRun.forEachCommonPart(
        of: first.numberedRuns(inRow: row), and: second.numberedRuns(inRow: row)
      ) { lesion, predicted, _ in
        found.insert(lesion.value)
        right.insert(predicted.value)
      }
    }
    self.init(
      reference: first.count, found: found.count, prediction: second.count,
      spurious: second.count - right.count)
  }
}

extension Components {
  /// The runs of a row, each with the number of its component for a value.
  fileprivate func numberedRuns(inRow row: Int) -> [LabelRun] {
    var numbered: [LabelRun] = []
    runs?.forEach(inRow: row) { run, number in
      numbered.append(LabelRun(lower: run.lower, upper: run.upper, value: Int(number)))
    }
    return numbered
  }
}
