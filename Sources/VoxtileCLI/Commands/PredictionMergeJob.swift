import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileInference

/// Kept predictions on their way to a file.
struct PredictionMergeJob {
  let store: ZarrPredictions
  let record: StoredPredictionRecord
  let predictions: StoredPredictions
  let kind: PredictionKind
  let output: String
  let write: WriteOptions
  let limits: JobLimits

  /// What the file says of the image.
  var info: VolumeInfo { predictions.layout.info(of: kind) }

  /// What merging takes.
  func plan() throws -> StoredPredictions.Plan {
    let format = ImageFormats.registry.format(forName: output)
    return try predictions.plan(
      [kind], limits: limits, writerByteCount: format?.writerByteCount(of: info, options: write) ?? 0)
  }

  /// Whether several processes can write the image.
  var isShared: Bool {
    ImageFormats.registry.format(forName: output)?.name == ZarrFormat.name
  }

  /// The most parts that have slices each; 1 where the image is made by one process.
  func mostParts() throws -> Int {
    guard isShared else { return 1 }
    let (depth, chunk) = (info.extent.depth, try SharedZarrStore.chunk(of: info, options: write).depth)
    return (depth + chunk - 1) / chunk
  }

  /// The slices of a part: whole chunks of the image, about as many as each other part has.
  func slices(of part: CasePart) throws -> Range<Int> {
    let (depth, chunk) = (info.extent.depth, try SharedZarrStore.chunk(of: info, options: write).depth)
    let rows = (depth + chunk - 1) / chunk
    let first = rows * (part.number - 1) / part.count
    let end = rows * part.number / part.count
    return min(depth, first * chunk)..<min(depth, end * chunk)
  }

  /// Whether a part was merged by an earlier run.
  func isDone(_ part: CasePart) throws -> Bool {
    guard FormatProbe(output).kind == .folder, JobParts.areBegun(for: output) else { return false }
    return try JobParts(of: output, count: part.count, identity: identity()).isDone(part.number)
  }

  /// How the result was made.
  func resultRecord() throws -> PredictionRecord {
    let patches = predictions.layout.grid.count
    let skipped = try record.settings.skipBelow == nil ? 0 : (0..<patches).count { try store.isSkipped($0) }
    return PredictionRecord(
      date: PredictionRecord.now, engine: record.engine, networks: record.networks, inputs: record.inputs,
      mask: record.mask,
      outputs: [try .init(output, kind: kind, info)],
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
