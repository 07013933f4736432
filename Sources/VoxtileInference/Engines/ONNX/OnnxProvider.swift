import CONNXRuntime
import Voxtile

/// What runs a model: an execution provider of ONNX Runtime.
///
/// ```swift
/// let first = OnnxProvider.cuda
/// let second = OnnxProvider("cuda", settings: ["device_id": "1"])
/// ```
public struct OnnxProvider: Sendable, Hashable {
  /// The name without `ExecutionProvider`, in lower case.
  public let name: String
  /// Settings that the provider knows, in ONNX Runtime's words.
  public var settings: [String: String]

  /// Names a provider.
  ///
  /// - Parameters:
  ///   - name: as ONNX Runtime has it, with or without `ExecutionProvider`, in upper or lower case.
  ///   - settings: settings that the provider knows, in ONNX Runtime's words.
  public init(_ name: String, settings: [String: String] = [:]) {
    self.name = Self.shortName(name)
    self.settings = settings
  }

  /// The first provider that the library has and that works here: CUDA, TensorRT, Core ML, OpenVINO, or the processor.
  public static let auto = OnnxProvider("auto")
  /// The processor, which every library has.
  public static let cpu = OnnxProvider("cpu")
  /// A graphics card of NVIDIA.
  public static let cuda = OnnxProvider("cuda")
  /// A graphics card of NVIDIA, with kernels made for the model.
  public static let tensorrt = OnnxProvider("tensorrt")
  /// Apple's processors and accelerators.
  public static let coreml = OnnxProvider("coreml")
  /// Intel's processors and accelerators.
  public static let openvino = OnnxProvider("openvino")

  /// What ``auto`` tries before the processor, in an order that is usually the fastest first, as far as a library was built with it.
  static func candidates(in runtime: OnnxRuntime, settings: [String: String]) -> [OnnxProvider] {
    let names = Set(runtime.availableProviders.map(shortName))
    return [cuda, tensorrt, coreml, openvino].filter { names.contains($0.name) }
      .map { OnnxProvider($0.name, settings: settings) }
  }

  /// The provider with as many threads as a prediction may use, where it has its own and nothing else was said.
  func withThreads(_ jobs: Jobs) -> OnnxProvider {
    guard name == Self.openvino.name else { return self }
    var provider = self
    provider.settings = ["device_type": "CPU", "num_of_threads": "\(jobs.count)"].merging(settings) {
      _, own in own
    }
    return provider
  }

  static func shortName(_ name: String) -> String {
    let lower = name.lowercased()
    let suffix = "executionprovider"
    return lower.hasSuffix(suffix) ? String(lower.dropLast(suffix.count)) : lower
  }

  /// Adds the provider to the options of a session; those before it are preferred, and the processor runs what no
  /// provider can.
  func append(
    to options: UnsafeMutablePointer<OrtSessionOptions>, _ runtime: OnnxRuntime
  ) throws {
    if self == .cpu { return }
    guard name != "cpu",
      let full = runtime.availableProviders.first(where: { Self.shortName($0) == name })
    else {
      throw name == "cpu" ? VoxtileError.noSettings() : .providerNotAvailable(self, runtime)
    }
    do throws(OnnxFailure) {
      switch name {
      case "cuda": try appendCuda(options, runtime.table)
      case "tensorrt": try appendTensorRT(options, runtime.table)
      default: try appendByName(String(full.dropLast("ExecutionProvider".count)), options, runtime)
      }
    } catch {
      throw VoxtileError.providerFailed(self, runtime, error)
    }
  }

  private func appendCuda(
    _ options: UnsafeMutablePointer<OrtSessionOptions>, _ table: OnnxTable
  ) throws(OnnxFailure) {
    let functions = table.functions
    let provider: UnsafeMutablePointer<OrtCudaOptions> = try table.create {
      functions.pointee.CreateCUDAProviderOptions($0)
    }
    defer { functions.pointee.ReleaseCUDAProviderOptions(provider) }
    try table.check(
      withSettings { functions.pointee.UpdateCUDAProviderOptions(provider, $0, $1, $2) })
    try table.check(
      functions.pointee.SessionOptionsAppendExecutionProvider_CUDA_V2(options, provider))
  }

  private func appendTensorRT(
    _ options: UnsafeMutablePointer<OrtSessionOptions>, _ table: OnnxTable
  ) throws(OnnxFailure) {
    let functions = table.functions
    let provider: UnsafeMutablePointer<OrtTensorRTOptions> = try table.create {
      functions.pointee.CreateTensorRTProviderOptions($0)
    }
    defer { functions.pointee.ReleaseTensorRTProviderOptions(provider) }
    try table.check(
      withSettings { functions.pointee.UpdateTensorRTProviderOptions(provider, $0, $1, $2) })
    try table.check(
      functions.pointee.SessionOptionsAppendExecutionProvider_TensorRT_V2(options, provider))
  }

  /// Some providers have a function of their own instead of a name, which takes no settings.
  private func appendByName(
    _ fullName: String, _ options: UnsafeMutablePointer<OrtSessionOptions>, _ runtime: OnnxRuntime
  ) throws(OnnxFailure) {
    let ownNames = ["dnnl": "Dnnl", "rocm": "ROCM", "migraphx": "MIGraphX", "coreml": "CoreML"]
    // Where the name to choose by is not spelled like the one in the list.
    let knownNames = ["xnnpack": "XNNPACK", "azure": "AZURE", "dml": "DML", "webgpu": "WebGPU"]
    do throws(OnnxFailure) {
      let table = runtime.table
      try table.check(
        withSettings { keys, values, count in
          table.functions.pointee.SessionOptionsAppendExecutionProvider(
            options, knownNames[name] ?? fullName, keys, values, count)
        })
    } catch {
      guard settings.isEmpty, let ownName = ownNames[name], let append = runtime.appendFunction(ownName)
      else { throw error }
      try runtime.table.check(append(options, 0))
    }
  }

  private func withSettings<Result>(
    _ body: (UnsafePointer<UnsafePointer<CChar>>, UnsafePointer<UnsafePointer<CChar>>, Int) -> Result
  ) -> Result {
    let sorted = settings.sorted { $0.key < $1.key }
    return withCStrings(sorted.map(\.key)) { keys in
      withCStrings(sorted.map(\.value)) { values in body(keys, values, sorted.count) }
    }
  }
}

extension VoxtileError {
  fileprivate static func noSettings() -> VoxtileError {
    VoxtileError(.invalidOption, "the provider cpu has no settings; leave them out")
  }

  fileprivate static func providerNotAvailable(
    _ provider: OnnxProvider, _ runtime: OnnxRuntime
  ) -> VoxtileError {
    let available = runtime.availableProviders.map(OnnxProvider.shortName).joined(separator: ", ")
    return VoxtileError(
      .invalidOption,
      "ONNX Runtime \(runtime.version) at \(runtime.path) has no provider \(provider.name); use one of \(available), "
        + "or a build of the library that has it",
      context: .init(expected: available, found: provider.name))
  }

  fileprivate static func providerFailed(
    _ provider: OnnxProvider, _ runtime: OnnxRuntime, _ failure: OnnxFailure
  ) -> VoxtileError {
    VoxtileError(
      .invalidOption,
      "ONNX Runtime \(runtime.version) cannot use the provider \(provider.name); use cpu, or fix what it reports",
      underlying: failure)
  }
}
