import Voxtile

/// ONNX Runtime as an engine, named `onnxruntime`.
public struct OnnxEngine: Engine {
  /// Creates the engine; nothing is opened.
  public init() {}

  /// The name `onnxruntime`.
  public var name: String { "onnxruntime" }

  /// Whether a file ends with `.onnx` or `.ort`, or begins as every model does.
  public func takes(_ file: String) -> Bool {
    let name = file.lowercased()
    if name.hasSuffix(".onnx") || name.hasSuffix(".ort") { return true }
    // Every model begins with its version: field 1 of a protocol buffer, a number.
    guard let input = try? InputFile(file), let first = try? input.prefix(1).first else { return false }
    return first == 0x08
  }

  /// Opens the library, if it is found.
  public func availability(_ options: EngineOptions) -> EngineAvailability {
    do throws(VoxtileError) {
      return .ready(version: try OnnxRuntime.open(options.library).version)
    } catch {
      return .missing(error)
    }
  }

  /// The file, and those beside it in which it keeps its weights.
  public func files(of file: String) -> [String] {
    let names = (try? OnnxExternalData(of: file))?.names ?? []
    let others = names.map { "\(file.parentFolder)/\($0)" }
    return [file] + others.filter(OperatingSystem.isFile)
  }

  /// Loads a model as ``OnnxModel/init(contentsOf:options:)`` does.
  public func load(_ file: String, options: EngineOptions) async throws -> any PatchModel {
    var own = OnnxModel.Options(
      runtime: options.library, jobs: options.jobs, outputs: options.outputs, layout: options.layout)
    if let provider = options.provider {
      own.provider = OnnxProvider(provider, settings: options.providerOptions)
    }
    own.warn = options.warn
    return try OnnxModel(contentsOf: file, options: own)
  }
}
