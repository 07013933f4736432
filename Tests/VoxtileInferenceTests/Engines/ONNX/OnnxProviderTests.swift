import Testing
import Voxtile
import VoxtileInference

@Suite("OnnxProvider")
struct OnnxProviderTests {
  @Test("names are the same in any case, with and without their suffix")
  func names() {
    #expect(OnnxProvider("CUDAExecutionProvider") == .cuda)
    #expect(OnnxProvider("TensorrtExecutionProvider") == .tensorrt)
    #expect(OnnxProvider("CPU") == .cpu)
    #expect(OnnxProvider("cpu", settings: ["a": "b"]) != .cpu)
  }

  @Test(
    "a provider that the library has not is an error that lists those it has",
    .enabled(if: OnnxTestModels.canRun, needsOnnxRuntime))
  func notAvailable() async throws {
    let error = try await OnnxTestModels.error {
      try OnnxTestModels.load("identity", options: .init(provider: OnnxProvider("abacus")))
    }
    #expect(error.code == .invalidOption)
    #expect(error.message.contains("no provider abacus; use one of"))
    #expect(error.context.expected?.contains("cpu") == true)
  }

  @Test("the processor has no settings", .enabled(if: OnnxTestModels.canRun, needsOnnxRuntime))
  func noSettings() async throws {
    let error = try await OnnxTestModels.error {
      try OnnxTestModels.load("identity", options: .init(provider: OnnxProvider("cpu", settings: ["a": "b"])))
    }
    #expect(error.code == .invalidOption)
  }

  @Test(
    "every other provider of the library loads the model or says why not",
    .enabled(if: OnnxTestModels.canRun, needsOnnxRuntime))
  func available() async throws {
    let batch = OnnxTestModels.tensor([1, 1, 2, 3, 4])
    for name in try OnnxRuntime.open().availableProviders {
      do {
        let model = try OnnxTestModels.load("identity", options: .init(provider: OnnxProvider(name)))
        #expect(try await model.predict(batch)[0].values == batch.values, "\(name)")
      } catch let error as VoxtileError {
        #expect(OnnxProvider(name) != .cpu && error.underlying != nil, "\(name): \(error)")
      }
    }
  }

  @Test(
    "auto is the first of the library that works, and predicts what it predicts",
    .enabled(if: OnnxTestModels.canRun, needsOnnxRuntime))
  func auto() async throws {
    let batch = OnnxTestModels.tensor([1, 1, 2, 3, 4])
    let model = try OnnxTestModels.load("identity", options: .init(provider: .auto))
    #expect(try await model.predict(batch)[0].values == batch.values)
    let preferred: [OnnxProvider] = [.cuda, .tensorrt, .coreml, .openvino, .cpu]
    #expect(preferred.contains { $0.name == model.provider.name })
    #expect(model.capabilities.device == model.provider.name)
    #expect(model.capabilities.isRepeatable == (model.provider == .cpu))
    let available = try OnnxRuntime.open().availableProviders.map { OnnxProvider($0) }
    if !preferred.dropLast().contains(where: available.contains) { #expect(model.provider == .cpu) }
  }
}
