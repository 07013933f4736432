import Voxtile
import VoxtileInference

/// The network of a prediction, or several whose mean is predicted.
struct LoadedNetwork {
  let model: any PatchModel
  /// The nnU-Net whose networks they are, and which says how they predict.
  let nnunet: NnUNetFolder?
  /// The engine that runs it.
  let engine: any Engine
  let engineVersion: String
  /// How it was loaded.
  let options: EngineOptions
  /// The files of each network: the one that was named first, then those that it refers to.
  let files: [[String]]
  /// What a person should know about the networks: what loading them told, and what predicting tells later.
  let warnings: PredictionWarnings
  /// How far the network looks, where that was measured.
  var reach: NetworkReach?
  /// The state in which the files were loaded.
  private let versions: [String: FileVersion]

  /// What the engine runs the network on, such as `cpu`; with `--provider auto` final after the first prediction.
  var provider: String { model.capabilities.device ?? "unknown" }
  /// The engine, its version and what it runs on, for people.
  var engineText: String { "\(engine.name) \(engineVersion), \(provider)" }

  /// Loads networks.
  ///
  /// - Parameters:
  ///   - paths: at least one.
  ///   - nnunet: the nnU-Net whose networks they are; its own files count as theirs.
  ///   - warnings: gets what the engine has to say, as `options` tell it.
  init(
    _ paths: [String], nnunet: NnUNetFolder?, options: EngineOptions, warnings: PredictionWarnings
  ) async throws {
    (self.nnunet, self.options, self.warnings) = (nnunet, options, warnings)
    let plans = nnunet?.planFiles ?? []
    let before = Self.versions(of: paths + plans)
    var models: [any PatchModel] = []
    var choices: [EngineChoice] = []
    for path in paths {
      let choice = try EngineChoice(for: path, options: options)
      Console.detail("\(choice.engine.name) \(choice.version) runs \(path.printable)")
      models.append(try await choice.load())
      choices.append(choice)
    }
    model = models.count == 1 ? models[0] : try EnsembleModel(models)
    (engine, engineVersion) = (choices[0].engine, choices[0].version)
    files = choices.enumerated().map { number, choice in
      choice.engine.files(of: choice.file) + (number == 0 ? plans : [])
    }
    versions = Self.versions(of: files.flatMap(\.self)).merging(before) { _, first in first }
  }

  private static func versions(of paths: [String]) -> [String: FileVersion] {
    Dictionary(paths.compactMap { path in FileVersion(path).map { (path, $0) } }) { first, _ in first }
  }

  /// Makes sure that the files are still those that were loaded.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where one was written to or replaced.
  func checkUnchanged() throws(VoxtileError) {
    for (path, version) in versions.sorted(by: { $0.key < $1.key }) {
      let now = FileVersion(path)
      guard now == version else { throw .changedWhileRead(path, from: version, to: now) }
    }
  }
}
