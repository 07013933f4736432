import CONNXRuntime
import Dispatch
import Voxtile

/// A network in a file of ONNX, run by ONNX Runtime.
///
/// ```swift
/// let model = try OnnxModel(contentsOf: "vnet.onnx")
/// model.signature.outputs[0].channels  // 4
/// ```
///
/// The library is opened when it is needed; see ``OnnxRuntime/open(_:)`` for where it is looked for. Predictions may be
/// asked for from several threads; each of them uses up to `jobs` threads.
public final class OnnxModel: PatchModel {
  public let signature: ModelSignature
  /// The library that runs the model.
  public let runtime: OnnxRuntime

  /// On the processor the same bits each time; nothing is known of other providers.
  public let capabilities: ModelCapabilities

  private let session: OnnxSession
  private let input: OnnxPort
  private let path: String
  /// Predictions take long, and would keep threads from other tasks.
  private static let queue = DispatchQueue(label: "voxtile.onnxruntime", attributes: .concurrent)

  /// How to load a model.
  public struct Options: Sendable {
    /// The library, a folder that holds it, or `nil` to look for it; see ``OnnxRuntime/open(_:)``.
    public var runtime: String?
    /// How many threads a prediction uses.
    public var jobs: Jobs
    /// What runs the model.
    public var provider: OnnxProvider
    /// The name of the input, or `nil` for the only one.
    public var input: String?
    /// The names of the outputs to predict, or `nil` for the first one.
    public var outputs: [String]?
    /// Gets warnings and errors that ONNX Runtime logs, in its own words, from any thread; without it they are dropped.
    public var warn: (@Sendable (_ message: String) -> Void)?

    /// Creates options.
    public init(
      runtime: String? = nil, jobs: Jobs = .all, provider: OnnxProvider = .cpu, input: String? = nil,
      outputs: [String]? = nil, warn: (@Sendable (_ message: String) -> Void)? = nil
    ) {
      self.runtime = runtime
      self.jobs = jobs
      self.provider = provider
      self.input = input
      self.outputs = outputs
      self.warn = warn
    }
  }

  /// Loads a model.
  ///
  /// - Parameters:
  ///   - path: a file of ONNX; weights that it keeps in other files are looked for beside it.
  ///   - options: the library, the provider and the choice of inputs and outputs.
  /// - Throws: `VoxtileError.Code.fileAccess` where the file cannot be read,
  ///   `VoxtileError.Code.runtimeNotFound` where there is no library to run it,
  ///   `VoxtileError.Code.modelNotUsable` where it does not load, or takes or gives something other than patches
  ///   of float32, float16 or float64, and `VoxtileError.Code.invalidOption` where it has no such input or
  ///   output, or the library no such provider.
  public init(contentsOf path: String, options: Options = Options()) throws {
    // ONNX Runtime's words for a file that is not there name its own sources.
    _ = try InputFile(path)
    runtime = try OnnxRuntime.open(options.runtime)
    self.path = path
    capabilities = ModelCapabilities(isRepeatable: options.provider == .cpu)
    do {
      session = try OnnxSession(path, runtime: runtime, warn: options.warn) { [runtime] pointer in
        try options.configure(pointer, runtime)
      }
      (input, signature) = try Self.describe(session, options)
    } catch let failure as OnnxFailure {
      throw VoxtileError.modelNotLoaded(failure, runtime).inFile(path)
    } catch let error as VoxtileError {
      throw error.code == .modelNotUsable ? error.inFile(path) : error
    }
  }

  /// Predicts a batch.
  ///
  /// - Parameter batch: of a shape that fits the input of the signature.
  /// - Returns: the chosen outputs, in memory of ONNX Runtime where the model gives float32.
  /// - Throws: `VoxtileError.Code.predictionFailed` where ONNX Runtime refuses the batch or fails, with its own
  ///   words, or where the result is not shaped like patches.
  public func predict(_ batch: PatchTensor) async throws -> [PatchTensor] {
    try await withCheckedThrowingContinuation { continuation in
      // Unowned, so that the model is never released on that thread, which may outlive the end of the program's work.
      Self.queue.async { [unowned self] in
        continuation.resume(with: Result { try self.predictHere(batch) })
      }
    }
  }

  /// The text that the file's own metadata (`metadata_props`) has for a key, or `nil`.
  ///
  ///     model.metadata("voxtile.normalize")  // "peak:99,1.3"
  ///
  /// - Throws: `VoxtileError.Code.modelNotUsable` where ONNX Runtime cannot read it.
  public func metadata(_ key: String) throws -> String? {
    do {
      return try session.metadata(key)
    } catch {
      throw VoxtileError.modelNotLoaded(error, runtime).inFile(path)
    }
  }

  /// Predicts a batch on this thread.
  private func predictHere(_ batch: PatchTensor) throws -> [PatchTensor] {
    do {
      switch OnnxElementType(rawValue: input.elementType) {
      case .float16: return try run(batch.withValues { $0.map(HalfFloat.bits) }, batch.shape)
      case .float64: return try run(batch.withValues { $0.map(Double.init) }, batch.shape)
      default:
        return try batch.withValues { values in try run(UnsafeRawBufferPointer(values), batch.shape) }
      }
    } catch let failure as OnnxFailure {
      throw VoxtileError.predictionFailed(batch.shape, input, failure).inFile(path)
    }
  }

  private func run<Element: BitwiseCopyable>(
    _ elements: [Element], _ shape: [Int]
  ) throws -> [PatchTensor] {
    try elements.withUnsafeBytes { bytes in try run(bytes, shape) }
  }

  private func run(_ data: UnsafeRawBufferPointer, _ shape: [Int]) throws -> [PatchTensor] {
    let names = signature.outputs.map(\.name)
    let values = try session.run(data, shape: shape, input: input, outputs: names)
    return try zip(names, values).map { name, value in
      guard value.count != nil, value.shape.count == shape.count, value.shape.first == shape.first else {
        throw VoxtileError.unexpectedOutput(name, value.shape, input: shape).inFile(path)
      }
      return try value.tensor(copied: value.isInside(data))
    }
  }
}

extension OnnxValue {
  /// The values as patches.
  ///
  /// - Parameter copied: whether the memory has to be copied, because it is not the value's own.
  fileprivate func tensor(copied: Bool) throws(OnnxFailure) -> PatchTensor {
    switch OnnxElementType(rawValue: elementType) {
    case .float32 where !copied: PatchTensor(shape: shape, memory: elements(as: Float.self), owner: self)
    case .float32: PatchTensor(shape: shape, values: Array(elements(as: Float.self)))
    case .float16: PatchTensor(shape: shape, values: elements(as: UInt16.self).map(HalfFloat.value))
    case .float64: PatchTensor(shape: shape, values: elements(as: Double.self).map { Float($0) })
    default: throw OnnxFailure("an output has values of type \(OnnxElementType.name(of: elementType))")
    }
  }
}

extension VoxtileError {
  fileprivate static func modelNotLoaded(_ failure: OnnxFailure, _ runtime: OnnxRuntime) -> VoxtileError {
    let what =
      failure.isMalformed
      ? "is not a model of ONNX, or is truncated; get or export it again"
      : "cannot be loaded by ONNX Runtime \(runtime.version); export it again, or use another version"
    return VoxtileError(.modelNotUsable, what, underlying: failure)
  }

  fileprivate static func predictionFailed(
    _ shape: [Int], _ input: OnnxPort, _ failure: OnnxFailure
  ) -> VoxtileError {
    VoxtileError(
      .predictionFailed,
      "does not predict a batch of shape \(shape); its input \(input.name) has the shape \(input.dimensionText)",
      context: .init(expected: input.dimensionText, found: "\(shape)"), underlying: failure)
  }

  fileprivate static func unexpectedOutput(
    _ name: String, _ shape: [Int], input: [Int]
  ) -> VoxtileError {
    VoxtileError(
      .predictionFailed,
      "gives \(name) of shape \(shape) for a batch of shape \(input); an output needs as many patches and axes",
      context: .init(expected: "\(input.count) axes, \(input[0]) patches", found: "\(shape)"))
  }
}
