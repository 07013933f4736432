import Voxtile

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// An evaluation as JSON. A score that is undefined is `null`, and `empty` says which mask is empty.
extension Evaluation: Encodable {
  private struct Settings: Encodable {
    var surface: String
    var toleranceMillimeters: Double
    var labels: [Int]?
    var connectivity: Int
  }
  private struct Counts: Encodable {
    var evaluated: Int
    var failed: Int
    var withoutPrediction: Int
    var withoutReference: Int
  }
  private struct Case: Encodable {
    var name: String
    var prediction: String
    var reference: String
    var extent: [Int]
    var spacing: [Double]?
    var notes: [String]
    var labels: [Label]
  }
  private struct Label: Encodable {
    var label: Int
    var name: String?
    var voxels: [String: Int]
    var milliliters: [String: Double]?
    var empty: String?
    var scores: [String: Double?]
    var lesions: [String: Int]?
  }
  private struct Failed: Encodable {
    var name: String
    var prediction: String
    var reference: String
    var code: String
    var message: String
  }
  private struct Means: Encodable {
    var label: Int
    var name: String?
    var measures: [String: Mean]
  }
  private struct Mean: Encodable {
    var mean: Double?
    var cases: Int
    var undefined: [String: Int]
    var worstCase: String?
    var worstValue: Double?
  }
  private enum Key: String, CodingKey {
    case version, settings, counts, cases, failed, withoutPrediction, withoutReference, labels, meanOverLabels
  }

  /// Writes all that is known.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(1, forKey: .version)
    try container.encode(
      Settings(
        surface: settings.surface.rawValue, toleranceMillimeters: settings.toleranceMillimeters,
        labels: settings.labels?.sorted(),
        connectivity: settings.connectivity.rawValue), forKey: .settings)
    try container.encode(
      Counts(
        evaluated: cases.count, failed: failures.count, withoutPrediction: withoutPrediction.count,
        withoutReference: withoutReference.count), forKey: .counts)
    try container.encode(cases.map(encodable), forKey: .cases)
    try container.encode(
      failures.map {
        Failed(
          name: $0.pair.name, prediction: $0.pair.prediction, reference: $0.pair.reference,
          code: $0.error.code.rawValue, message: $0.error.description)
      }, forKey: .failed)
    try container.encode(withoutPrediction, forKey: .withoutPrediction)
    try container.encode(withoutReference, forKey: .withoutReference)
    try container.encode(labels.map(encodable), forKey: .labels)
    try container.encode(
      Dictionary(uniqueKeysWithValues: measures.map { ($0.rawValue, meanOverLabels($0)) }),
      forKey: .meanOverLabels)
  }

  private func encodable(_ one: CaseEvaluation) -> Case {
    Case(
      name: one.pair.name, prediction: one.pair.prediction, reference: one.pair.reference,
      extent: one.extent.sizes.all, spacing: one.spacing?.all, notes: one.notes,
      labels: one.labels.map { label in
        Label(
          label: label.label, name: label.name,
          voxels: [
            "reference": label.voxels.reference, "prediction": label.voxels.prediction,
            "both": label.voxels.both,
          ],
          milliliters: label.voxelMilliliters == nil
            ? nil
            : [
              "reference": label.referenceMilliliters ?? 0, "prediction": label.predictionMilliliters ?? 0,
              "difference": label.differenceMilliliters ?? 0,
            ], empty: label.emptyMask,
          scores: Dictionary(uniqueKeysWithValues: label.scores.map { ($0.key.rawValue, $0.value.value) }),
          lesions: label.lesions.map {
            [
              "reference": $0.reference, "found": $0.found, "prediction": $0.prediction,
              "spurious": $0.spurious,
            ]
          })
      })
  }

  private func encodable(_ label: LabelMeans) -> Means {
    Means(
      label: label.label, name: label.name,
      measures: Dictionary(
        uniqueKeysWithValues: label.means.map { measure, mean in
          (
            measure.rawValue,
            Mean(
              mean: mean.mean, cases: mean.count,
              undefined: Dictionary(uniqueKeysWithValues: mean.undefined.map { ($0.key.rawValue, $0.value) }),
              worstCase: mean.worst?.name, worstValue: mean.worst?.value)
          )
        }))
  }
}

extension LabelEvaluation {
  /// Which mask is empty: `both`, `reference`, `prediction`, or `nil`.
  var emptyMask: String? {
    switch voxels.emptiness {
    case .bothEmpty: "both"
    case .referenceEmpty: "reference"
    case .predictionEmpty: "prediction"
    case nil: nil
    }
  }
}
