import Voxtile
import VoxtileFormats
import VoxtileInference

extension InferCommand {
  /// The records of results of one scan that an earlier run has finished, one for each target, where a run with `--resume` finds all of
  /// them; `nil` otherwise.
  func earlierRecords() -> [PredictionRecord]? {
    guard running.resume, series.timePoints == .asChannels, page.report == nil,
      !JobStateFolder.exists(for: files.output[0])
    else { return nil }
    let records = files.targets.compactMap { target in
      FormatProbe(target.path).kind == .missing ? nil : PredictionRecord(beside: target.path)
    }
    return records.count == files.targets.count ? records : nil
  }

  /// Why results are not those that this run would make; `nil` where they are.
  ///
  /// - Parameter earlier: the records of the results, in the order of the targets.
  func reasonToPredictAgain(
    _ earlier: [PredictionRecord], _ plan: InferencePlan, of scan: OpenedScan
  ) throws -> String? {
    let sources = try sources(of: scan.network)
    var settings = PredictionRecordSettings(
      scan.pipeline.settings, plan, options: self.network, timePoints: series.timePoints)
    settings.cleaning = try cleaning.cleaning(of: plan.info(of: .labels)).map { .init($0, .init()) }
    for (record, target) in zip(earlier, files.targets) {
      var made = record.settings
      let cleaning = made?.cleaning?.withoutFindings
      made?.cleaning = cleaning
      let stored = storedInfo(of: target.kind, plan.info(of: target.kind))
      guard record.inputs == sources.inputs, record.mask == sources.mask else {
        return "the scan or the mask is another one"
      }
      guard record.networks == sources.networks else { return "the network is another one" }
      guard record.engine == sources.engine else {
        return "it was made by \(record.engine.name) \(record.engine.version), \(record.engine.provider)"
      }
      guard made == settings else { return "the settings are others" }
      guard let output = record.outputs.first(where: { $0.kind == target.kind.rawValue }),
        output.scalarType
          == (storesHalf(target.kind) ? ProbabilityType.float16.rawValue : stored.scalarType.rawValue)
      else { return "another kind of output was written" }
      guard output.files == (try PredictionRecord.files(ofImage: target.path)) else {
        return "\(target.path) was changed since"
      }
    }
    return nil
  }
}
