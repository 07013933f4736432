import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileInference

extension MergeCommand {
  /// Throws where options are given that kept predictions have no use for.
  private func checkOptionsOfPredictions() throws {
    let given: [(String, Bool)] = [
      ("--manifest", files.manifest != nil), ("--pattern", files.pattern != nil),
      ("--against", files.against != nil), ("--report", page.report != nil),
      ("--blend", merging.blend != nil),
      ("--fill", merging.fill != 0), ("--missing", merging.missing != .error),
      ("--nan", merging.nan != .propagate),
      ("--ignore-positions", merging.ignorePositions), ("--type", merging.type != nil),
      ("--name", naming.name != nil),
    ]
    if let option = given.first(where: \.1)?.0 {
      throw ValidationError(
        "\(option) has no use here: how predictions are merged was decided when they were made")
    }
    if merging.outputKind == .values {
      throw ValidationError(
        "--output-kind values is for patch files; of predictions, logits are the merged values")
    }
  }

  /// Merges predictions that were kept.
  func mergePredictions() async throws {
    try checkOptionsOfPredictions()
    try running.checkAreNotGiven(but: "--part")
    let kept = try ZarrPredictions(at: patches)
    let (record, predictions) = try StoredPredictionRecord.open(kept)
    let kind = merging.outputKind?.ofPrediction ?? .labels
    let info = predictions.layout.info(of: kind)
    var write = WriteOptions(
      isReplacing: replacing.force, compression: compression.level, jobs: limits.limits.jobs.count)
    try chunks.apply(to: &write, over: ImageSize(info), writing: [files.output])
    let (holder, folder) = (
      Durable.resolved(patches), Durable.resolved(files.output.withoutSlashesAtEnd.parentFolder)
    )
    if let holder, let folder, folder == holder || folder.hasPrefix(holder + "/") {
      throw VoxtileError(
        .targetExists, "lies in the folder of the predictions; name another place",
        context: .init(file: files.output))
    }
    let job = PredictionMergeJob(
      store: kept, record: record, predictions: predictions, kind: kind, output: files.output, write: write,
      limits: limits.limits)
    if let part = running.part {
      let part = try part.part()
      try checkPart(of: job)
      guard !planning.dryRun else { return try sayPlan(of: job, part: part) }
      return try await mergePart(part, of: job)
    }
    guard !merging.removeMerged else {
      throw ValidationError(
        "--remove-merged is for parts, which need room while others are predicted; without --part, remove the folder when the image is made"
      )
    }
    guard !planning.dryRun else { return try sayPlan(of: job, part: nil) }
    try PredictionFiles(
      inputs: [], mask: nil, networks: [], targets: [(kind, files.output)], page: nil
    ).check(replacing: replacing.force)
    try Target.checkIsNotRead(files.output, [patches])
    let plan = try job.plan()
    Console.detail(
      "memory   \(Console.bytes(plan.peakBytes)), \(Console.bytes(plan.scratchBytes)) of scratch")
    let watch = Stopwatch("merge")
    let bar = ProgressBar("merge")
    defer { bar.clear() }
    let writer = try ImageFormats.create(files.output, info: info, options: write)
    let report = try await predictions.merge(plan, to: [kind: writer], progress: bar.progress)
    bar.clear()
    watch.say()
    let result = try job.resultRecord()
    try result.write(beside: files.output, replacing: replacing.force)
    try Console.done(
      "\(Console.count(report.mergedPatches, "patch")) merged into \(files.output.printable)",
      files: [files.output], json: printing.json ? result : nil)
  }

  /// Says what merging would do.
  private func sayPlan(of job: PredictionMergeJob, part: CasePart?) throws {
    let plan = try PredictionMergePlan(job, part: part)
    if printing.json { return try Console.printJSON(plan) }
    try Console.result(plan.text)
  }
}
