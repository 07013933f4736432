import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileInference

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension InferCommand {
  /// A prediction that takes less is made again rather than gone on with, unless that was asked for.
  private static let leastSecondsWithState = 60.0
  /// More than this is kept only where that was asked for: of probabilities of a resampled scan, values of all classes are.
  private static let mostBytesOfResampled = 2 << 30

  /// Where a prediction keeps its finished layers, so that a run that is stopped can go on; `nil` where it is too short for that.
  func keptState(of plan: InferencePlan, _ network: LoadedNetwork) throws -> JobStateFolder? {
    let result = files.output[0]
    if !running.resume { JobStateFolder.remove(for: result) }
    guard plan.grid.counts.z > 1, plan.seconds >= Self.leastSecondsWithState || running.resume else {
      return nil
    }
    let bytes = plan.classByteCount(of: Set(files.outputKind.kinds))
    guard bytes <= Self.mostBytesOfResampled || running.resume else {
      Console.note(
        "if this run is stopped, it begins this scan again: to go on inside it takes \(Console.bytes(bytes)) on the disk; --resume keeps them"
      )
      return nil
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let kinds = files.outputKind.kinds.map(\.rawValue).sorted().joined(separator: ",")
    let text =
      String(decoding: try encoder.encode(fingerprint(of: network)), as: UTF8.self)
      + " \(plan.grid) \(plan.batch) \(plan.channels) \(kinds) \(plan.outputExtent)"
    let state = try JobStateFolder(for: result, identity: text)
    switch state.finding {
    case .nothing: break
    case .steps(let layers):
      Console.note(
        "goes on after \(layers) of \(plan.grid.counts.z) layers of patches, which a run that was stopped has finished"
      )
    case .unusable(let why):
      Console.note("what a stopped run has left does not count, since \(why.printable)")
    }
    return state
  }

  /// Refuses to begin where a run that was stopped has left what it had finished, unless it is gone on with or made again.
  func checkState() throws {
    guard !running.resume, !replacing.force, let result = files.output.first,
      JobStateFolder.exists(for: result)
    else { return }
    throw VoxtileError(
      .targetExists, "was not finished by a run that was stopped, which has left what it had done",
      remedy: .resumeOrReplace, context: .init(file: result))
  }

  /// What one scan's results are made from and by.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where a file is not there or cannot be read.
  func sources(of network: LoadedNetwork) throws -> PredictionRecord.Sources {
    .init(
      engine: .init(
        name: network.engine.name, version: network.engineVersion, provider: network.provider),
      networks: try network.files.map(PredictionRecord.files),
      inputs: try input.flatMap(PredictionRecord.files(ofImage:)),
      mask: try patches.mask.map(PredictionRecord.files(ofImage:)))
  }

  /// What one scan's results are made from and with.
  func fingerprint(
    of network: LoadedNetwork, settings: [String: String]? = nil
  ) throws -> CaseFingerprint {
    try fingerprint(of: network, networks: network.files.flatMap(\.self), settings: settings)
  }

  /// What one scan's results are made from and with.
  ///
  /// - Parameters:
  ///   - network: the network that says what runs it.
  ///   - networks: the files of networks.
  func fingerprint(
    of network: LoadedNetwork, networks: [String], settings: [String: String]?
  ) throws -> CaseFingerprint {
    var tools = [
      "the engine": "\(network.engine.name) \(network.engineVersion)", "the provider": network.provider,
    ]
    for (number, path) in networks.enumerated() {
      let file = try PredictionRecord.files([path])[0]
      tools["network\(number == 0 ? "" : " \(number + 1)") \(file.name)"] = file.sha256
    }
    var inputs: [String: String] = [:]
    for (number, path) in input.enumerated() {
      for file in try PredictionRecord.files(ofImage: path) {
        inputs["\(number == 0 ? "image" : "image\(number + 1)") \(file.name)"] = file.sha256
      }
    }
    for file in try patches.mask.map(PredictionRecord.files(ofImage:)) ?? [] {
      inputs["mask \(file.name)"] = file.sha256
    }
    return CaseFingerprint(
      program: "voxtile \(LibraryVersion.current)", command: "infer",
      settings: settings ?? TypedOptions.settings(of: "infer"), tools: tools, inputs: inputs)
  }
}

extension JobStateFolder {
  /// Ends a job.
  ///
  /// - Parameter hasFailed: whether it was stopped or has failed; what it had finished is kept then.
  func end(afterError hasFailed: Bool) {
    guard hasFailed, isSaved else { return remove() }
    Console.note("what is finished is kept in \(path.printable); --resume goes on")
  }
}
