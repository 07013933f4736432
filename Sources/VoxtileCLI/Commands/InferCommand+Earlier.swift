import Voxtile
import VoxtileFormats
import VoxtileInference

/// Results of one scan that an earlier run has finished.
struct EarlierPrediction {
  /// The records beside them, in the order of the targets; at least one.
  let records: [PredictionRecord]
}

extension InferCommand {
  /// The results that an earlier run has finished, where one with `--resume` finds all of them with their records.
  func earlierPrediction() throws -> EarlierPrediction? {
    guard running.resume, series.timePoints == .asChannels, page.report == nil,
      !JobStateFolder.exists(for: files.output[0])
    else { return nil }
    let records = try files.targets.compactMap { target in
      FormatProbe(target.path).kind == .missing ? nil : try PredictionRecord(beside: target.path)
    }
    return records.count == files.targets.count ? EarlierPrediction(records: records) : nil
  }

  /// Why results are not those that this run would make; `nil` where they are.
  func reasonToPredictAgain(
    _ earlier: EarlierPrediction, _ plan: InferencePlan, of scan: OpenedScan
  ) throws -> String? {
    let network = scan.network
    let engine = PredictionRecord.Engine(
      name: network.engine.name, version: network.engineVersion, provider: network.provider)
    let networks = try network.files.map(PredictionRecord.files)
    let inputs = try input.flatMap(PredictionRecord.files(ofImage:))
    let mask = try patches.mask.map(PredictionRecord.files(ofImage:))
    var settings = PredictionRecordSettings(
      scan.pipeline.settings, plan, options: self.network, timePoints: series.timePoints)
    settings.cleaning = try cleaning.cleaning(of: plan.info(of: .labels)).map { .init($0, .init()) }
    for (record, target) in zip(earlier.records, files.targets) {
      var made = record.settings
      made.cleaning = made.cleaning?.withoutFindings
      let stored = storedInfo(of: target.kind, plan.info(of: target.kind))
      guard record.inputs == inputs, record.mask == mask else { return "the scan or the mask is another one" }
      guard record.networks == networks else { return "the network is another one" }
      guard record.engine == engine else {
        return "it was made by \(record.engine.name) \(record.engine.version), \(record.engine.provider)"
      }
      guard made == settings else { return "the settings are others" }
      guard let output = record.outputs.first(where: { $0.kind == target.kind.rawValue }),
        output.scalarType == stored.scalarType
      else { return "another kind of output was written" }
      guard output.files == (try PredictionRecord.files(ofImage: target.path)) else {
        return "\(target.path) was changed since"
      }
    }
    return nil
  }
}
