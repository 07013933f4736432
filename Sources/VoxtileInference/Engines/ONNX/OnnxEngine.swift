import Voxtile

/// ONNX Runtime as an engine, named `onnxruntime`.
public struct OnnxEngine: Engine {
  /// Creates the engine; nothing is opened.
  public init() {}

  public var name: String { "onnxruntime" }

  public func takes(_ file: String) -> Bool {
    let name = file.lowercased()
    if name.hasSuffix(".onnx") || name.hasSuffix(".ort") { return true }
    // Every model begins with its version: field 1 of a protocol buffer, a number.
    guard let input = try? InputFile(file), let first = try? input.prefix(1).first else { return false }
    return first == 0x08
  }

  public func availability(_ options: EngineOptions) -> EngineAvailability {
    do throws(VoxtileError) {
      return .ready(version: try OnnxRuntime.open(options.library).version)
    } catch {
      return .missing(error)
    }
  }

  public func load(_ file: String, options: EngineOptions) async throws -> any PatchModel {
    var own = OnnxModel.Options(runtime: options.library, jobs: options.jobs, outputs: options.outputs)
    if let provider = options.provider { own.provider = OnnxProvider(provider) }
    if let warn = options.warn {
      own.warn = { warn("ONNX Runtime: \($0)") }
    }
    return try OnnxModel(contentsOf: file, options: own)
  }
}
