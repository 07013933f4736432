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
      return try await mergePart(try part.part(), of: job)
    }
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

  /// Merges a share of the slices; who finishes the last share completes the image.
  private func mergePart(_ part: CasePart, of job: PredictionMergeJob) async throws {
    guard ImageFormats.registry.format(forName: files.output)?.name == ZarrFormat.name else {
      throw ValidationError(
        "with --part, several processes write one image, which only OME-Zarr allows; write .zarr, and convert it afterward"
      )
    }
    guard !replacing.force else {
      throw ValidationError("--force would remove what other parts have merged; remove the folder yourself")
    }
    guard job.predictions.canMergeSlices else {
      throw ValidationError(
        "the scan was resampled for the network, and such a result is made slice after slice; leave out --part"
      )
    }
    if try job.isFinished() { return try sayFinished(part, of: job) }
    let depth = job.predictions.layout.extent.depth
    // Before a folder is made: what is not predicted yet may be so by then.
    try job.predictions.checkComplete()
    if FormatProbe(files.output).kind == .missing {
      try Target.checkFile(PredictionFiles.record(of: files.output), replacing: false)
    }
    let parts = try JobParts(of: files.output, count: part.count, identity: job.identity())
    let store: SharedZarrStore
    do {
      store = try SharedZarrStore(
        files.output, info: job.predictions.layout.info(of: job.kind), options: job.write)
    } catch {
      // Another process may just be ending the last part.
      try parts.waitForCompletion()
      guard ImageFormats.registry.recognizes(files.output) else { throw error }
      if parts.areAllDone {
        // It was killed when the image was complete, and its record was not.
        _ = try parts.end(part.number) {
          try job.resultRecord().write(beside: files.output, replacing: true)
        }
        return try sayFinished(part, of: job)
      }
      JobParts.remove(for: files.output)
      guard try job.isFinished() else { throw error }
      return try sayFinished(part, of: job)
    }
    let bar = ProgressBar("merge")
    defer { bar.clear() }
    let rows = (depth + store.chunk.depth - 1) / store.chunk.depth
    let slices =
      min(
        depth, rows * (part.number - 1) / part.count * store.chunk.depth)..<min(
        depth, rows * part.number / part.count * store.chunk.depth)
    if !slices.isEmpty {
      Console.note("part     \(part): slices \(slices.lowerBound) to \(slices.upperBound - 1) of \(depth)")
      _ = try await job.predictions.merge(
        try job.plan(), to: [job.kind: store.slabWriter()], slices: slices, progress: bar.progress)
      try store.sync()
    }
    bar.clear()
    let isFinished = try parts.end(part.number) {
      // Another process may be doing a part again, and writes the same once more.
      try store.finish(allowsWriters: true)
      try job.resultRecord().write(beside: files.output, replacing: true)
    }
    try Console.done(
      isFinished
        ? "part \(part) is merged, as all others are: \(files.output.printable) is finished"
        : "part \(part) is merged; others are not yet",
      files: isFinished ? [files.output] : [],
      json: printing.json ? MergedPart(job, part, isFinished: isFinished) : nil)
  }

  private func sayFinished(_ part: CasePart, of job: PredictionMergeJob) throws {
    JobParts.remove(for: files.output)
    try Console.done(
      "\(files.output.printable) is finished already", files: [files.output],
      json: printing.json ? MergedPart(job, part, isFinished: true) : nil)
  }
}

/// What came of merging a part, for `--json`.
private struct MergedPart: Encodable {
  var output: String
  var part: String
  var isFinished: Bool

  init(_ job: PredictionMergeJob, _ part: CasePart, isFinished: Bool) {
    (output, self.part, self.isFinished) = (job.output, part.description, isFinished)
  }
}

/// Kept predictions on their way to a file.
private struct PredictionMergeJob {
  let store: ZarrPredictions
  let record: StoredPredictionRecord
  let predictions: StoredPredictions
  let kind: PredictionKind
  let output: String
  let write: WriteOptions
  let limits: JobLimits

  func plan() throws -> StoredPredictions.Plan {
    let info = predictions.layout.info(of: kind)
    let format = ImageFormats.registry.format(forName: output)
    return try predictions.plan(
      [kind], limits: limits, writerByteCount: format?.writerByteCount(of: info, options: write) ?? 0)
  }

  /// How the result was made.
  func resultRecord() throws -> PredictionRecord {
    let info = predictions.layout.info(of: kind)
    let patches = predictions.layout.grid.count
    let skipped = try record.settings.skipBelow == nil ? 0 : (0..<patches).count { try store.isSkipped($0) }
    return PredictionRecord(
      date: PredictionRecord.now, engine: record.engine, networks: record.networks, inputs: record.inputs,
      mask: record.mask,
      outputs: [
        .init(
          name: output.fileName, kind: kind.rawValue, extent: info.extent.sizes.all, channels: info.channels,
          scalarType: info.scalarType, files: try PredictionRecord.files(ofImage: output))
      ],
      settings: record.settings,
      labels: predictions.layout.labelNames.map { .init(label: $0.label, name: $0.name) },
      patches: .init(predicted: patches - skipped, skipped: skipped),
      warnings: record.warnings)
  }

  /// What is made: parts of other predictions, or of another kind of output, are not of the same job.
  func identity() throws -> String {
    let made = String(decoding: try record.json(), as: UTF8.self)
    return "\(kind.rawValue) \(write.chunk.map { "\($0)" } ?? "") \(write.formatVersion ?? 3) \(made)"
  }

  /// Whether the image is there, made of the same predictions.
  func isFinished() throws -> Bool {
    guard ImageFormats.registry.recognizes(output),
      let found = PredictionRecord(beside: output)
    else { return false }
    return try found.sources
      == .init(engine: record.engine, networks: record.networks, inputs: record.inputs, mask: record.mask)
      && found.settings == record.settings && found.outputs.map(\.kind) == [kind.rawValue]
      && found.outputs[0].files == PredictionRecord.files(ofImage: output)
  }
}
