import Voxtile

/// Something that loads networks from files and runs them, such as ONNX Runtime.
///
/// An engine of your own conforms and is registered once, with ``EngineRegistry/register(_:)``.
public protocol Engine: Sendable {
  /// The name that it is chosen by, in lower case.
  var name: String { get }

  /// Whether a file looks like one of its own, by its name or its first bytes. The file exists.
  func takes(_ file: String) -> Bool

  /// Whether it can run on this machine. This may open its library, and nothing else.
  func availability(_ options: EngineOptions) -> EngineAvailability

  /// The files that a network consists of: the one named, and those that it refers to. By default only that one.
  func files(of file: String) -> [String]

  /// Loads a network.
  ///
  /// - Throws: `VoxtileError.Code.modelNotUsable` where the file cannot be used, `VoxtileError.Code.invalidOption` where
  ///   the engine does not know an option.
  func load(_ file: String, options: EngineOptions) async throws -> any PatchModel
}

extension Engine {
  /// Only the file itself.
  public func files(of file: String) -> [String] { [file] }
}

/// Whether an engine can run.
public enum EngineAvailability: Sendable {
  /// It can run; the version is for people.
  case ready(version: String)
  /// It cannot; the error says why, and its remedy what can be done.
  case missing(VoxtileError)
}

/// How an engine loads and runs a network.
public struct EngineOptions: Sendable {
  /// The engine's library, or a folder that holds it; `nil` to look for it.
  public var library: String?
  /// How many threads a prediction uses.
  public var jobs: Jobs
  /// What the engine runs on, in its own words, such as `cuda`; `auto` for the first that works here, `nil` for the processor.
  public var provider: String?
  /// Settings of the provider, in its own words.
  public var providerOptions: [String: String]
  /// The names of the outputs to predict; `nil` for the first one.
  public var outputs: [String]?
  /// The order of the axes of the network's input; `nil` for what its file says, or else what its sizes suggest.
  public var layout: TensorLayout?
  /// Gets the engine's warnings, from any thread; without it they are dropped.
  public var warn: (@Sendable (_ message: String) -> Void)?

  /// Creates options; by default the library is looked for and all cores are used.
  public init(
    library: String? = nil, jobs: Jobs = .all, provider: String? = nil,
    providerOptions: [String: String] = [:],
    outputs: [String]? = nil,
    layout: TensorLayout? = nil, warn: (@Sendable (_ message: String) -> Void)? = nil
  ) {
    self.library = library
    self.jobs = jobs
    self.provider = provider
    self.providerOptions = providerOptions
    self.outputs = outputs
    self.layout = layout
    self.warn = warn
  }
}
