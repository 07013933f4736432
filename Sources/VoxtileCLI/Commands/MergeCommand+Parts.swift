import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileInference

extension MergeCommand {
  /// Throws where a share of the slices cannot be merged by itself.
  func checkPart(of job: PredictionMergeJob) throws {
    guard ImageFormats.registry.format(forName: files.output)?.name == ZarrFormat.name else {
      throw ValidationError(
        "with --part, several processes write one image, which only OME-Zarr allows; write .zarr, and convert it afterward"
      )
    }
    guard !replacing.force else {
      throw ValidationError("--force would remove what other parts have merged; remove the folder yourself")
    }
  }

  /// Merges a share of the slices; who finishes the last share completes the image.
  func mergePart(_ part: CasePart, of job: PredictionMergeJob) async throws {
    if try job.isFinished() { return try sayFinished(part, of: job) }
    let slices = try job.slices(of: part)
    // What was merged by an earlier run of this part may be removed by now.
    let isMerged = try job.isDone(part) && !job.predictions.missingPatches(forSlices: slices).isEmpty
    // Before a folder is made: what is not predicted yet may be so by then.
    if !isMerged, !slices.isEmpty { try job.predictions.checkComplete(forSlices: slices) }
    if FormatProbe(files.output).kind == .missing {
      try Target.checkFile(PredictionFiles.record(of: files.output), replacing: false)
    }
    let parts = try JobParts(of: files.output, count: part.count, identity: job.identity())
    let store: SharedZarrStore
    do {
      store = try SharedZarrStore(files.output, info: job.info, options: job.write)
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
    if !slices.isEmpty, !isMerged {
      Console.note(
        "part     \(part): slices \(slices.lowerBound) to \(slices.upperBound - 1) of \(job.info.extent.depth)"
      )
      try await merge(slices, of: job, into: store) { try parts.isDone(part.number) || job.isFinished() }
    }
    var isCompletedHere = false
    let isFinished = try parts.end(part.number) {
      isCompletedHere = true
      // Another process may be doing a part again, and writes the same once more.
      try store.finish(allowsWriters: true)
      try job.resultRecord().write(beside: files.output, replacing: true)
    }
    // The notes of what is merged are gone, as when another process has completed the image.
    guard try !isFinished || isCompletedHere || job.isFinished() else {
      throw VoxtileError(
        .fileAccess,
        "is not complete, and the notes of which parts are merged were removed; merge all parts again",
        context: .init(file: files.output))
    }
    if merging.removeMerged {
      let others = isFinished ? [] : (1...part.count).filter { !parts.isDone($0) }
      try removeMerged(of: part, others: others, of: job)
    }
    try Console.done(
      isFinished
        ? "part \(part) is merged, as all others are: \(files.output.printable) is finished"
        : "part \(part) is merged; others are not yet",
      files: isFinished ? [files.output] : [],
      json: printing.json ? MergedPart(job, part, isFinished: isFinished) : nil)
  }

  /// Merges some slices.
  ///
  /// - Parameter isDone: whether another process has merged the same meanwhile, and may have removed the predictions.
  private func merge(
    _ slices: Range<Int>, of job: PredictionMergeJob, into store: SharedZarrStore,
    unless isDone: () throws -> Bool
  ) async throws {
    let bar = ProgressBar("merge")
    defer { bar.clear() }
    do {
      _ = try await job.predictions.merge(
        try job.plan(), to: [job.kind: store.slabWriter()], slices: slices, progress: bar.progress)
    } catch let error as VoxtileError {
      guard try isDone() else { throw error }
    }
    try store.sync()
  }

  /// Removes the predictions that no part needs any more.
  ///
  /// - Parameter others: the parts that are not done.
  private func removeMerged(of part: CasePart, others: [Int], of job: PredictionMergeJob) throws {
    func slices(of numbers: [Int]) throws -> [Range<Int>] {
      try numbers.map { try job.slices(of: CasePart($0, of: part.count)) }.filter { !$0.isEmpty }
    }
    let done = (1...part.count).filter { !others.contains($0) }
    try job.predictions.removePatches(ofSlices: slices(of: done), exceptForSlices: slices(of: others))
  }

  private func sayFinished(_ part: CasePart, of job: PredictionMergeJob) throws {
    JobParts.remove(for: files.output)
    if merging.removeMerged { try removeMerged(of: part, others: [], of: job) }
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
