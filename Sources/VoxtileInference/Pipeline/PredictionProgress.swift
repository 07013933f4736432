import Voxtile

/// What a prediction has done until now.
struct PredictionProgress {
  /// The patches that there are to do.
  let total: Int
  private(set) var predicted = 0
  private(set) var skipped = 0
  /// Those that an earlier run has predicted, and has skipped.
  var resumed = 0
  var resumedSkipped = 0
  var modelTime = Duration.zero
  /// What the model took before the run began, for a prediction that the run uses.
  var earlierSeconds = 0.0

  init(total: Int) { self.total = total }

  /// The patches that need no more work.
  var done: Int { resumed + resumedSkipped + predicted + skipped }

  mutating func add(_ batch: PatchBatch) {
    predicted += batch.patches.count
    skipped += batch.skipped.count
  }

  func report(seconds: Double) -> PatchPipeline.Report {
    PatchPipeline.Report(
      predictedPatches: predicted, skippedPatches: skipped + resumedSkipped, resumedPatches: resumed,
      modelSeconds: modelTime.seconds + earlierSeconds, seconds: seconds + earlierSeconds)
  }
}
