import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileInference

/// What was kept of the patches of one scan, for `--json`.
struct StoredPart: Encodable {
  /// The folder.
  var output: String
  /// The patches that the scan has, and those of them that are stored now, by all runs.
  var patches: Int
  var kept: Int
  /// The patches of this part, the number of the first of them, and what was done with them.
  var part: String
  var firstPatch: Int
  var partPatches: Int
  var predicted: Int
  var skipped: Int
  var before: Int
  /// Whether they can be merged.
  var isComplete: Bool
}

extension InferCommand {
  /// Throws where values cannot be stored as the options say, and where options have no meaning where predictions are kept.
  func checkStoring() throws {
    let type = result.probabilityType
    guard files.outputKind.storesPredictions else {
      return try checkProbabilityType()
    }
    guard type == .float32 || type == .float16 else {
      throw ValidationError(
        "--probability-type \(type.rawValue) is for probabilities; predictions are kept as float32 or float16"
      )
    }
    if patches.compat == .nnUNetHalf {
      throw ValidationError(
        "--compat nnunet-half sums in half precision, but predictions that are kept are summed later, in single precision; leave it out"
      )
    }
    if page.report != nil { throw ValidationError("--report shows a result; predictions are none yet") }
    // What another version has begun goes on.
    if let path = files.output.first, let format = ImageFormats.registry.format(forName: path),
      !format.isFolder,
      !ZarrPredictions.isHeld(at: path)
    {
      throw ValidationError(
        "--output-kind predictions makes a folder of Zarr, and \(path.printable) is called like a file of \(format.title); "
          + "name it such as predictions.zarr, and merge makes the image of it")
    }
    if series.timePoints == .separately {
      throw ValidationError("--output-kind predictions keeps those of one image, not of each time point")
    }
    if replacing.force {
      throw ValidationError(
        "--force would remove what other parts have predicted; remove the folder of the predictions yourself")
    }
  }

  /// Throws where probabilities cannot be stored as asked: as whole numbers, where a format has no scaling that makes them probabilities
  /// again, or in 16 bits, where it has no such numbers.
  private func checkProbabilityType() throws {
    let type = result.probabilityType
    guard type != .float32 else { return }
    guard files.outputKind.kinds.contains(where: ProbabilityType.kinds.contains) else {
      throw ValidationError(
        "--probability-type is for probabilities, confidence and predictions; add one of these to --output-kind, or leave it out"
      )
    }
    for (kind, path) in files.targets where ProbabilityType.kinds.contains(kind) {
      guard let format = ImageFormats.registry.format(forName: path) else { continue }
      if type == .float16, !format.holdsHalf {
        let holding = ImageFormats.registry.formats.filter { $0.holdsHalf }.map {
          ".\($0.writableEndings[0])"
        }
        throw ValidationError(
          "\(format.title) has no floating-point numbers of 16 bits (\(path.printable)); write \(holding.joined(separator: " or ")), or use "
            + "--probability-type uint16 in .nii.gz, which has as many bytes and is finer: its steps are 1/65535, those of float16 near 1 "
            + "are 1/2048")
      }
      guard let whole = type.wholeNumbers(for: kind) else { continue }
      let voxel = VolumeInfo(extent: Extent(1), channels: 1, scalarType: .float32)
      guard format.refusal(of: ProbabilityWriter.info(voxel, storedAs: whole)) != nil else { continue }
      throw ValidationError(
        "--probability-type \(type.rawValue) needs a scaling in the header, which makes whole numbers probabilities again, and \(format.title) "
          + "has none (\(path.printable)); write .nii.gz, or leave it out for float32")
    }
  }

  /// Predicts patches of one scan and keeps what the network gives: all patches, or a part of them. What is kept already, by this run or
  /// another one with the same settings, is not predicted again.
  func storePredictions(_ loaded: LoadedNetwork?) async throws {
    try running.checkAreNotGiven(but: "--resume", "--part")
    let part = try running.part?.part() ?? .whole
    let path = files.output[0].withoutSlashesAtEnd
    let warnings = PredictionWarnings()
    let scan = try openFiles(warnings)
    try Target.checkIsNotRead(path, input + files.model)
    let network: LoadedNetwork
    if let loaded { network = loaded } else { network = try await loadNetwork() }
    let bar = ProgressBar("infer")
    defer { bar.clear() }
    var opened = try open(scan, with: network, warnings: warnings, progress: bar.progress)
    // If scan or settings are others now, so is the record, and nothing is stored.
    let earlier = StoredPredictionRecord.earlier(at: path)
    opened.pipeline.knownIntensities = earlier?.normalization.maps
    let plan = try await opened.pipeline.plan(
      opened.readers, mask: opened.mask, kinds: [], knowing: nil,
      tryingBatch: { $0 * (part.number - 1) / part.count })
    if result.probabilityType == .float16, plan.givesLabels {
      throw ValidationError(
        "--probability-type float16 does not hold all labels, which this network gives itself; leave it out")
    }
    let shape = ZarrPredictions.Shape(plan.layout, isHalf: result.probabilityType == .float16)
    Console.note(
      "keeps    \(Console.bytes(shape.byteCount)) in \(path.printable), when all patches are predicted")
    guard announce(plan, network, warnings) else { return }
    opened.pipeline.knownIntensities = try opened.pipeline.intensities(of: plan)
    let record = try storedRecord(of: plan, opened)
    try record.checkFits(earlier, at: path)
    let store = try ZarrPredictions.begin(
      at: path, shape: shape, record: record.json(), weights: plan.layout.denseWeights)
    let own = plan.patches(ofPart: part)
    let missing = try plan.wholeBatches(of: own.filter { try !store.isDone($0) }, in: own)
    Console.note(
      "part     \(part): \(Console.count(own.count, "patch")), of which \(Console.grouped(own.count - missing.count)) are kept already"
    )
    let report = try await opened.pipeline.keep(plan, patches: missing, in: store)
    try network.checkUnchanged()
    try store.checkIsTheSame()
    bar.clear()
    let kept = try (0..<shape.patches).count { try store.isDone($0) }
    let removed = try (0..<shape.patches).count { try store.isRemoved($0) }
    let summary = StoredPart(
      output: path, patches: shape.patches, kept: kept, part: part.description,
      firstPatch: own.lowerBound, partPatches: own.count,
      predicted: report.predictedPatches, skipped: report.skippedPatches, before: own.count - missing.count,
      isComplete: kept == shape.patches)
    let left =
      removed > 0
      ? "\(Console.grouped(kept)) of \(Console.grouped(shape.patches)) were predicted, of which \(Console.grouped(removed)) were merged and "
        + "removed"
      : summary.isComplete
        ? "all are kept: voxtile merge \(path.quotedForShell) --output labels.nii.gz"
        : "\(Console.grouped(kept)) of \(Console.grouped(shape.patches)) are kept in \(path.printable)"
    try Console.done(
      "\(Console.count(report.predictedPatches, "patch")) predicted; \(left)", files: [],
      json: printing.json ? summary : nil)
  }

  /// What is known of the predictions.
  private func storedRecord(of plan: InferencePlan, _ scan: OpenedScan) throws -> StoredPredictionRecord {
    let (network, sources) = (scan.network, try sources(of: scan.network))
    var settings = PredictionRecordSettings(
      scan.pipeline.settings, plan, options: self.network, timePoints: series.timePoints)
    settings.storedType = result.probabilityType == .float16 ? result.probabilityType.rawValue : nil
    // Another part may not see what one patch shows, and has to say the same.
    let ofOnePatch = plan.remarks.filter(\.isOfOnePatch).map { $0.description { $0.inOptions } }
    let warnings = (scan.warnings.all + network.warnings.all).filter { !ofOnePatch.contains($0) }
    let record = StoredPredictionRecord(
      engine: sources.engine, threads: limits.limits.jobs.count, networks: sources.networks,
      inputs: sources.inputs, mask: sources.mask, settings: settings,
      warnings: warnings, normalization: .init(maps: scan.pipeline.knownIntensities),
      layout: PredictionLayoutDocument(plan.layout))
    // The digests have to be those of what was opened.
    for reader in scan.readers + [scan.mask].compactMap(\.self) { try reader.checkFileUnchanged() }
    try network.checkUnchanged()
    return record
  }
}

extension ZarrPredictions.Shape {
  /// What all patches take on disk, in bytes.
  fileprivate var byteCount: Int { patches * (channels * patch.voxelCount * (isHalf ? 2 : 4) + 4) }
}

extension ZarrPredictions {
  /// Whether a patch needs not be predicted: its prediction is there, or was merged and removed.
  fileprivate func isDone(_ patch: Int) throws -> Bool { try holds(patch) || isRemoved(patch) }
}

extension InferencePlan {
  /// The patches of a part, by number: whole batches, so that a patch is in the same batch whoever predicts it.
  fileprivate func patches(ofPart part: CasePart) -> Range<Int> {
    let batches = (grid.count + batch - 1) / batch
    let first = batches * (part.number - 1) / part.count
    let end = batches * part.number / part.count
    return min(grid.count, first * batch)..<min(grid.count, end * batch)
  }

  /// Patches with all others of their batches.
  fileprivate func wholeBatches(of patches: [Int], in own: Range<Int>) -> [Int] {
    let batches = Set(patches.map { $0 / batch })
    return own.filter { batches.contains($0 / batch) }
  }
}
