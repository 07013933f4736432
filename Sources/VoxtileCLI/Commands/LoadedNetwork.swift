import VoxtileInference

/// The network of a prediction, or several whose mean is predicted.
struct LoadedNetwork {
  let model: any PatchModel
  /// The engine that runs it.
  let engine: any Engine
  let engineVersion: String
  /// The files of each network: the one that was named first, then those that it refers to.
  let files: [[String]]

  /// Loads networks.
  ///
  /// - Parameter paths: at least one.
  init(_ paths: [String], options: EngineOptions) async throws {
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
    files = choices.map { $0.engine.files(of: $0.file) }
  }
}
