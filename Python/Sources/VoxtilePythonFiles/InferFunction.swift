import Dispatch
import Synchronization
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtilePython

/// Predicts scans with networks, and writes the results.
///
/// - Parameters:
///   - inputs: image files, one a line; several are the channels of one image.
///   - models: network files, one a line; of several the mean is predicted.
///   - outputs: one a line, `kind=path`.
@c(voxtile_file_infer)
public func fileInfer(
  _ inputs: UnsafePointer<CChar>?, _ models: UnsafePointer<CChar>?, _ outputs: UnsafePointer<CChar>?,
  _ options: UnsafePointer<CChar>?, _ follower: (@convention(c) (Int, Int) -> Int32)?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    var options = try CallOptions(options)
    let replaces = try options.flag("replace")
    var engine = EngineOptions()
    engine.library = options.word("runtime")
    engine.provider = options.word("provider")
    let settings = try inferenceSettings(&options, follower)
    engine.jobs = settings.limits.jobs
    try options.checkAllTaken()
    let job = InferenceJob(
      inputs: try lines(inputs, name: "the inputs"), models: try lines(models, name: "the models"),
      outputs: try targets(try lines(outputs, name: "the outputs")), settings: settings, engine: engine,
      replaces: replaces)
    try give(try waiting { try await job.run() }, to: result)
  }
}

/// What one call predicts.
private struct InferenceJob: Sendable {
  let inputs: [String]
  let models: [String]
  let outputs: [PredictionKind: String]
  let settings: InferenceSettings
  let engine: EngineOptions
  let replaces: Bool

  /// Predicts, and gives the report as JSON.
  func run() async throws -> String {
    let readers = try inputs.map { try ImageFormats.open($0) }
    var networks: [any PatchModel] = []
    for path in models { networks.append(try await EngineRegistry.load(path, options: engine)) }
    let model = networks.count == 1 ? networks[0] : try EnsembleModel(networks)
    let pipeline = PatchPipeline(model: model, settings: settings)
    let write = WriteOptions(isReplacing: replaces, jobs: settings.limits.jobs.count)
    let report = try await pipeline.predict(readers, kinds: Set(outputs.keys)) { kind, info in
      try ImageFormats.create(outputs[kind] ?? "", info: info, options: write)
    }
    return object([
      ("predicted_patches", "\(report.predictedPatches)"), ("skipped_patches", "\(report.skippedPatches)"),
      ("model_seconds", json(report.modelSeconds)), ("seconds", json(report.seconds)),
    ])
  }
}

private func inferenceSettings(
  _ options: inout CallOptions, _ follower: Follower?
) throws -> InferenceSettings {
  var settings = InferenceSettings()
  settings.patch = try options.patch(isPlanar: false)
  settings.overlap = try options.overlaps(patch: settings.patch ?? Extent(2))
  if let edge = try options.edges() { settings.edge = edge }
  if let padding = try options.padding() { settings.padding = padding }
  if let blend = try options.blend() { settings.blend = blend }
  settings.compatibility = try options.named(
    "compat", Compatibility.allCases.map(\.rawValue).joined(separator: ", ")
  ) { Compatibility($0) }
  settings.batch = try options.whole("batch", in: 1...1 << 16) ?? 1
  if let activation = try options.named(
    "activation", Activation.allCases.map(\.rawValue).joined(separator: ", "), { Activation(rawValue: $0) })
  {
    settings.activation = activation
  }
  if let normalization = try options.named(
    "normalize", "a normalization, such as zscore:nonzero", { Normalization($0) })
  {
    settings.normalization = normalization
  }
  settings.orientation = try options.named("orientation", "three letters, such as RAS") { Orientation($0) }
  if let axes = try options.named("axes", "zyx or xyz", { AxisOrder(rawValue: $0) }) { settings.axes = axes }
  settings.limits = try options.limits()
  settings.progress = progress(follower)
  return settings
}

/// The lines of a text, at least one.
private func lines(_ characters: UnsafePointer<CChar>?, name: String) throws(CallError) -> [String] {
  let lines = try text(characters, name: name).split(separator: "\n").map(String.init)
  guard !lines.isEmpty else { throw CallError(.invalidArgument, "\(name) are missing") }
  return lines
}

/// The files of each kind of output.
private func targets(_ lines: [String]) throws(CallError) -> [PredictionKind: String] {
  var targets: [PredictionKind: String] = [:]
  for line in lines {
    let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let kind = PredictionKind(rawValue: parts[0]), targets[kind] == nil else {
      let all = PredictionKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw CallError(.invalidArgument, "output '\(line)' is not one of each of \(all)")
    }
    targets[kind] = parts[1]
  }
  return targets
}

/// Runs work that suspends, and waits for it.
private func waiting(_ body: @escaping @Sendable () async throws -> String) throws -> String {
  let done = DispatchSemaphore(value: 0)
  let outcome = Mutex<Result<String, any Error>?>(nil)
  Task.detached {
    let result: Result<String, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    outcome.withLock { $0 = result }
    done.signal()
  }
  done.wait()
  guard let result = outcome.withLock({ $0 }) else { throw CancellationError() }
  return try result.get()
}
