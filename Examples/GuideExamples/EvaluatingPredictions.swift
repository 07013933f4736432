import Voxtile

/// The code of the guide "Evaluating Predictions".
func evaluatingPredictions(of labels: any VolumeReader, against truth: any VolumeReader) throws {
  let comparison = try LabelComparison(reference: truth, prediction: labels)
  for label in comparison.labels {
    let distances = try comparison.surfaceDistances(of: label)
    print(comparison.overlap(of: label).dice, distances.hausdorffMillimeters(percent: 95))
  }
}
