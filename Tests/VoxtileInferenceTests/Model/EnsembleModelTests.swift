import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

@Suite("EnsembleModel") struct EnsembleModelTests {
  /// A model with texts of its own.
  private struct Told: PatchModel {
    let base = StandIn.identity
    let texts: [String: String]
    var signature: ModelSignature { base.signature }
    func metadata(_ key: String) throws -> String? { texts[key] }
    func predict(_ batch: PatchTensor) async throws -> [PatchTensor] { try await base.predict(batch) }
  }

  private static let input = TensorShape(name: "image", channels: 1, spatial: [nil, nil, nil])

  private func model(
    _ input: TensorShape = input, classes: Int? = nil, labelRange: ClosedRange<Int>? = nil
  ) -> ClosureModel {
    let output = TensorShape(
      name: "classes", channels: classes, spatial: input.spatial, labelRange: labelRange)
    return ClosureModel(signature: ModelSignature(input: input, outputs: [output])) { [$0] }
  }

  @Test("the mean of the networks' logits is predicted, not that of their probabilities")
  func mean() async throws {
    var random = SplitMix64(seed: 500)
    let scan = try StandIn.scan(Extent(width: 9, height: 8, depth: 7), using: &random)
    func scaled(_ factor: Float) -> ClosureModel {
      StandIn.model { patch in
        NetworkPatch(channels: 1, spatial: patch.spatial, values: patch.values.map { $0 * factor })
      }
    }
    let models = [scaled(1), scaled(5), scaled(-3)]
    var settings = InferenceSettings.patches(Extent(4))
    settings.mirrors = [.x]
    let pipeline = PatchPipeline(model: try EnsembleModel(models), settings: settings)
    let logits = try await pipeline.values(.logits, of: scan)
    #expect(largestDifference(logits.voxels, scan.voxels) <= 1e-4)
    let alone = try await PatchPipeline(model: StandIn.identity, settings: settings).plan([
      VolumeInMemory(scan)
    ])
    let plan = try await pipeline.plan([VolumeInMemory(scan)])
    #expect(plan.peakBytes > alone.peakBytes)
  }

  @Test("networks of other shapes, or of labels, are refused with both")
  func refused() async throws {
    func error(_ models: [any PatchModel]) async throws -> VoxtileError {
      try await OnnxTestModels.error { try EnsembleModel(models) }
    }
    let two = TensorShape(name: "image", channels: 2, spatial: [nil, nil, nil])
    let channels = try await error([model(), model(two)])
    #expect(channels.code == .modelNotUsable && channels.message.contains("[?, 2, ?, ?, ?]"))
    #expect(try await error([model(classes: 2), model(classes: 3)]).message.contains("network 2"))
    #expect(try await error([model(), model(classes: 2), model(classes: 3)]).message.contains("network 3"))
    #expect(try await error([model(), model(StandIn.plane)]).code == .modelNotUsable)
    let labels = try await error([model(), model(labelRange: 0...255)])
    #expect(labels.message.contains("argmax"))
    let sizes = TensorShape(name: "image", channels: 1, spatial: [8, 8, 8])
    #expect(try EnsembleModel([model(), model(sizes)]).signature.input.spatial == [8, 8, 8])
    // One network alone may give labels.
    #expect(try EnsembleModel([model(labelRange: 0...1)]).signature.outputs[0].labelRange == 0...1)
  }

  @Test("networks that give other shapes than the first one are an error")
  func otherShapes() async throws {
    let ensemble = try EnsembleModel([StandIn.identity, StandIn.constant([1, 2])])
    let error = try await OnnxTestModels.error {
      try await ensemble.predict(
        PatchTensor(shape: [1, 1, 2, 2, 2], values: [Float](repeating: 1, count: 8)))
    }
    #expect(error.code == .predictionFailed && error.message.contains("network 2 of 2"))
  }

  @Test("the networks agree on what they say of themselves, or it is an error")
  func metadata() async throws {
    let key = "voxtile.normalize"
    let agreeing = try EnsembleModel([
      Told(texts: [key: "zscore"]), StandIn.identity, Told(texts: [key: "zscore"]),
    ])
    #expect(try agreeing.metadata(key) == "zscore" && agreeing.defaults.normalization == .zScore(of: .all))
    let other = try EnsembleModel([Told(texts: [key: "zscore"]), Told(texts: [key: "minmax"])])
    let error = try await OnnxTestModels.error { try other.metadata(key) }
    #expect(error.code == .modelNotUsable && error.message.contains("'zscore' and 'minmax'"))
  }
}
