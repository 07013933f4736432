import CONNXRuntime
import Dispatch
import Synchronization
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
  /// The shapes that the file declares for its input and for the chosen outputs.
  public var signature: ModelSignature { ports.signature }
  /// The library that runs the model.
  public let runtime: OnnxRuntime

  /// On the processor the same bits each time; nothing is known of other providers.
  public var capabilities: ModelCapabilities {
    let provider = provider
    return ModelCapabilities(isRepeatable: provider == .cpu, device: provider.name)
  }

  /// What runs the model: with ``OnnxProvider/auto`` what was chosen, which is final after the first prediction.
  public var provider: OnnxProvider { sessions.provider }

  /// Whether its first output was chosen of several, and how its axes lie where that is unusual.
  public var remarks: [PredictionRemark] { ports.remarks }

  private let sessions: OnnxSessionChoice
  private let ports: Ports
  private let path: String
  private let warn: (@Sendable (_ message: String) -> Void)?
  private let hasWarned = Atomic(false)
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
    /// The order of the axes of the input; `nil` for what the file says, or else what its sizes suggest.
    public var layout: TensorLayout?
    /// Gets warnings that ONNX Runtime logs, in its own words, and warnings about values that the input cannot hold, from any
    /// thread; without it they are dropped.
    public var warn: (@Sendable (_ message: String) -> Void)?

    /// Creates options.
    public init(
      runtime: String? = nil, jobs: Jobs = .all, provider: OnnxProvider = .cpu, input: String? = nil,
      outputs: [String]? = nil, layout: TensorLayout? = nil,
      warn: (@Sendable (_ message: String) -> Void)? = nil
    ) {
      self.runtime = runtime
      self.jobs = jobs
      self.provider = provider
      self.input = input
      self.outputs = outputs
      self.layout = layout
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
  ///   of real or whole numbers, and `VoxtileError.Code.invalidOption` where it has no such input or
  ///   output, or the library no such provider.
  public init(contentsOf path: String, options: Options = Options()) throws {
    // ONNX Runtime's words for a file that is not there name its own sources.
    _ = try InputFile(path)
    runtime = try OnnxRuntime.open(options.runtime)
    self.path = path
    warn = options.warn
    do {
      sessions = try OnnxSessionChoice(path, options: options, runtime: runtime)
      ports = try Self.describe(sessions.session, options)
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
      return try sessions.session.metadata(key)
    } catch {
      throw VoxtileError.modelNotLoaded(error, runtime).inFile(path)
    }
  }

  /// Predicts a batch on this thread.
  private func predictHere(_ batch: PatchTensor) throws -> [PatchTensor] {
    let layout = ports.inputLayout
    // What does not fit the layout is given as it is, for ONNX Runtime to refuse.
    let fits =
      batch.shape.count == layout.spatialRank + 2 && (layout.hasBatch || batch.shape[0] == 1)
      && (layout.hasChannels || batch.shape[1] == 1)
    let shape = fits ? layout.sizes(of: batch.shape) : batch.shape
    let isTurned = fits && layout.isChannelsLast && batch.shape[1] > 1
    do {
      return try elements(of: isTurned ? batch.channelsLast : batch) { try run($0, shape, of: batch.shape) }
    } catch let failure as OnnxFailure {
      throw VoxtileError.predictionFailed(shape, ports.input, failure).inFile(path)
    }
  }

  /// Lends the values of a batch in the type of the input.
  private func elements<Result>(
    of batch: PatchTensor, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    func integers<Element: FixedWidthInteger & BitwiseCopyable>(_ type: Element.Type) throws -> Result {
      let integers = batch.withValues { OnnxIntegers($0, as: type) }
      if integers.outside > 0, !hasWarned.exchange(true, ordering: .relaxed) {
        warn?(
          "the input \(ports.input.name) takes \(OnnxElementType.name(of: ports.input.elementType)), which does not have "
            + "\(integers.outside) of the values of a batch; the nearest ones are given, so look at the normalization"
        )
      }
      return try integers.elements.withUnsafeBytes(body)
    }
    switch OnnxElementType(rawValue: ports.input.elementType) {
    case .float16: return try batch.withValues { $0.map(HalfFloat.bits) }.withUnsafeBytes(body)
    case .float64: return try batch.withValues { $0.map(Double.init) }.withUnsafeBytes(body)
    case .uint8: return try integers(UInt8.self)
    case .int8: return try integers(Int8.self)
    case .uint16: return try integers(UInt16.self)
    case .int16: return try integers(Int16.self)
    case .int32: return try integers(Int32.self)
    case .int64: return try integers(Int64.self)
    case .bool: return try batch.withValues { $0.map { $0 == 0 ? 0 : 1 as UInt8 } }.withUnsafeBytes(body)
    default: return try batch.withValues { try body(UnsafeRawBufferPointer($0)) }
    }
  }

  private func run(
    _ data: UnsafeRawBufferPointer, _ shape: [Int], of batch: [Int]
  ) throws -> [PatchTensor] {
    let names = signature.outputs.map(\.name)
    let values = try sessions.run { try $0.run(data, shape: shape, input: ports.input, outputs: names) }
    return try zip(zip(names, ports.outputLayouts), values).map { output, value in
      let (name, layout) = output
      guard value.count != nil, value.shape.count == layout.rank,
        !layout.hasBatch || value.shape.first == batch.first
      else {
        throw VoxtileError.unexpectedOutput(name, value.shape, input: shape).inFile(path)
      }
      return try value.tensor(layout, copied: value.isInside(data))
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
