import Foundation
import Testing
import Voxtile
import VoxtileInference
import VoxtileTestSupport

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

  /// Whether the library can run networks with OpenVINO.
  private static let hasOpenVINO =
    (try? OnnxRuntime.open())?.availableProviders.contains { OnnxProvider($0) == .openvino } == true

  @Test(
    "with OpenVINO, labels are those of the processor but where two classes are nearly as likely",
    .enabled(
      if: hasOpenVINO,
      "needs onnxruntime-openvino, which script/bootstrap installs on Linux with an Intel or AMD processor"),
    arguments: [
      "Examples/TissueVNet/brain-tissue.onnx", "Tests/VoxtileInferenceTests/Fixtures/models/convolution.onnx",
    ])
  func ties(file: String) async throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    var random = SplitMix64(seed: 41)
    let size = 40
    let batch = PatchTensor(
      shape: [1, 1, size, size, size],
      values: (0..<size * size * size).map { index in
        // Blobs with noise, since a network says nothing of noise alone.
        let (x, y, z) = (Float(index % size), Float(index / size % size), Float(index / size / size))
        return max(0, 0.6 + 0.5 * (x / 9).sin * (y / 7).sin * (z / 8).sin)
          + Float.random(in: -0.05...0.05, using: &random)
      })
    func predicted(_ provider: OnnxProvider) async throws -> PatchTensor {
      let model = try OnnxModel(
        contentsOf: root.appending(path: file).path, options: .init(jobs: .one, provider: provider))
      return try await model.predict(batch)[0]
    }
    let (ours, theirs) = (try await predicted(.cpu), try await predicted(.openvino))
    let (classes, count) = (ours.shape[1], size * size * size)
    let (first, second) = (ours.values, theirs.values)
    let range = (first.max() ?? 0) - (first.min() ?? 0)
    func label(_ values: [Float], _ voxel: Int) -> Int {
      (0..<classes).max { values[$0 * count + voxel] < values[$1 * count + voxel] } ?? 0
    }
    var (differing, labels) = (0, Set<Int>())
    for voxel in 0..<count {
      let (own, other) = (label(first, voxel), label(second, voxel))
      labels.insert(own)
      guard own != other else { continue }
      differing += 1
      let margin = first[own * count + voxel] - first[other * count + voxel]
      #expect(margin < 1e-3 * range, "\(margin) of \(range)")
    }
    #expect(labels.count > 1 && differing < count / 1000, "\(differing) of \(count)")
  }
}

extension Float {
  fileprivate var sin: Float { Foundation.sin(self) }
}
