import Voxtile
import VoxtileFormats

extension CaseFindings {
  /// Compares a result with the true labels: each label gets its Dice coefficient, one that was missed too.
  ///
  /// - Parameters:
  ///   - pair: the files of both.
  ///   - names: what labels stand for.
  /// - Throws: `VoxtileError.Code.shapeMismatch` where they differ in size or place, `VoxtileError.Code.typeMismatch` where values are
  ///   no labels, and what reading throws. The findings are then as before.
  /// - Complexity: O(voxels) time; memory for a slab of each map.
  public mutating func compare(_ pair: EvaluationPairs.Pair, names: [Int: String] = [:]) throws {
    let (comparison, _) = try pair.compared(with: ImageFormats.open(pair.reference), keepsVoxels: false)
    for label in comparison.labels where !labels.contains(where: { $0.label == label }) {
      labels.append(
        Label(label: label, name: names[label], voxels: 0, milliliters: spacing == nil ? nil : 0))
    }
    labels.sort { $0.label < $1.label }
    for index in labels.indices {
      labels[index].dice = comparison.overlap(of: labels[index].label).dice.value
    }
  }
}
