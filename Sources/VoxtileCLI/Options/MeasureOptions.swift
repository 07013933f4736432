import ArgumentParser
import Voxtile
import VoxtileCases

/// What `evaluate` measures.
struct MeasureOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How far surfaces may be apart and still count as the same for surface Dice, in mm.", valueName: "mm"))
  var tolerance = 1.0

  @Option(
    help: ArgumentHelp(
      "What counts as surface: the mesh between voxels, as surface-distance measures, or the voxels at the border of a label, as "
        + "MONAI does.", valueName: "mesh|voxel"))
  var surface = SurfaceDefinition.mesh

  @Option(
    help: ArgumentHelp("The labels to measure; by default every one but 0.", valueName: "1,2"))
  var labelValues: LabelsArgument?

  @Option(
    help: ArgumentHelp(
      "The labels whose connected components count as lesions: adds lesion F1. Voxels that share a corner are connected.",
      valueName: "all|1,2"))
  var lesions: ChosenLabelsArgument?

  func validate() throws {
    guard tolerance >= 0, tolerance.isFinite else {
      throw ValidationError("--tolerance \(tolerance) is out of range; use a number of mm from 0 on")
    }
    let named = (labelValues?.values ?? []) + (lesions?.labels ?? [])
    guard !named.contains(0) else {
      throw ValidationError("label 0 is what is left of the others, and is not measured; leave it out")
    }
  }

  /// What is measured.
  func settings(jobs: Jobs) -> EvaluationSettings {
    var settings = EvaluationSettings()
    settings.toleranceMillimeters = tolerance
    settings.surface = surface
    settings.labels = labelValues.map { Set($0.values) }
    settings.lesions = lesions.map { $0.labels.map { .labels($0) } ?? .all } ?? .none
    settings.jobs = jobs
    return settings
  }
}

extension SurfaceDefinition: ExpressibleByArgument {}
