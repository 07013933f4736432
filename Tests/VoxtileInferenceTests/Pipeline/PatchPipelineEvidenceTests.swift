import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileInference

/// How sure a network was, and where its patches disagreed.
@Suite("PatchPipeline: confidence and disagreement") struct PatchPipelineEvidenceTests {
  private func predict(
    _ kind: PredictionKind, _ model: some PatchModel, _ settings: InferenceSettings, of scan: Volume<Float>
  ) async throws -> [Float] {
    let pipeline = PatchPipeline(model: model, settings: settings)
    let plan = try await pipeline.plan([VolumeInMemory(scan)], kinds: [kind])
    func collect<Value: VoxelScalar>(_ type: Value.Type) async throws -> [Float] {
      let collector = try VolumeCollector<Value>(plan.info(of: kind))
      try await pipeline.run(plan, to: [kind: collector])
      return try collector.volume.voxels.map { Float($0.double) }
    }
    return try await collect(plan.info(of: kind).scalarType.type)
  }

  @Test("the confidence is the largest probability, or that of no channel with a sigmoid")
  func confidence() async throws {
    var random = SplitMix64(seed: 7)
    let scan = try StandIn.scan(Extent(width: 11, height: 9, depth: 8), using: &random)
    for activation in [Activation.softmax, .sigmoid] {
      var settings = InferenceSettings.patches(Extent(5), overlap: .voxels(2))
      settings.activation = activation
      let pipeline = PatchPipeline(model: StandIn.placed(), settings: settings)
      let all = try await pipeline.values(.probabilities, of: scan)
      let found = try await predict(.confidence, StandIn.placed(), settings, of: scan)
      let count = scan.extent.voxelCount
      let isRight = (0..<count).allSatisfy { voxel in
        let values = (0..<all.channels).map { all.voxels[$0 * count + voxel] }
        let expected: Float =
          activation == .softmax
          ? values.max() ?? 0 : values.last { $0 >= 0.5 } ?? 1 - (values.max() ?? 0)
        return found[voxel] == expected
      }
      #expect(isRight, "\(activation)")
    }
  }

  @Test("patches disagree where their own labels differ, for any memory and threads")
  func disagreement() async throws {
    var random = SplitMix64(seed: 8)
    let extent = Extent(width: 12, height: 10, depth: 9)
    let scan = try StandIn.scan(extent, using: &random)
    // The label of a voxel is its place along x within the patch, modulo 3.
    let model = ClosureModel(
      signature: ModelSignature(
        input: TensorShape(name: "image", channels: 1, spatial: [nil, nil, nil]),
        outputs: [TensorShape(name: "classes", channels: 3, spatial: [nil, nil, nil])])
    ) { batch in
      let width = batch.shape[4]
      let count = batch.count
      let values = (0..<3).flatMap { label in
        (0..<count).map { $0 % width % 3 == label ? Float(1) : 0 }
      }
      return [PatchTensor(shape: [1, 3] + batch.shape[2...], values: values)]
    }
    for blend in [Blend.average, .center] {
      var settings = InferenceSettings.patches(Extent(5), overlap: .voxels(2))
      settings.blend = blend
      let found = try await predict(.disagreement, model, settings, of: scan)
      let plan = try await PatchPipeline(model: model, settings: settings).plan(
        [VolumeInMemory(scan)], kinds: [.disagreement])
      let expected = extent.positions.map { voxel -> Float in
        let labels = Set(
          plan.grid.filter { $0.valid.contains(voxel) }.map { (voxel.x - $0.region.origin.x) % 3 })
        return labels.count > 1 ? 1 : 0
      }
      let isRight = found == expected
      #expect(isRight && found.contains(1) && found.contains(0))
      settings.limits.jobs = Jobs(3)
      let again = try await predict(.disagreement, model, settings, of: scan)
      let isSame = again == found
      #expect(isSame)
    }
  }
}
