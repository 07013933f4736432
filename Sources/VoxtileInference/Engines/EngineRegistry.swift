import Synchronization
import Voxtile

/// The engines of this process, the preferred one first.
public enum EngineRegistry {
  /// The engines that come with the library. A new one is one line here.
  private static let standard: [any Engine] = [
    OnnxEngine()
  ]

  private static let registered = Mutex(standard)

  /// All engines, in the order in which they are asked whether they take a file.
  public static var engines: [any Engine] { registered.withLock { $0 } }

  /// Adds an engine after the others, once, when an app starts.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where another engine has its name.
  public static func register(_ engine: some Engine) throws(VoxtileError) {
    try registered.withLock { (engines) throws(VoxtileError) in
      if engines.contains(where: { $0.name == engine.name }) {
        throw VoxtileError(
          .invalidOption, "an engine named '\(engine.name)' is registered already; give each its own name",
          context: .init(found: engine.name))
      }
      engines.append(engine)
    }
  }

  /// Loads a network with the engine that takes it.
  ///
  /// - Throws: as ``EngineChoice/init(for:named:among:options:)`` and ``Engine/load(_:options:)``.
  public static func load(
    _ file: String, options: EngineOptions = EngineOptions()
  ) async throws -> any PatchModel {
    try await EngineChoice(for: file, options: options).load()
  }
}
