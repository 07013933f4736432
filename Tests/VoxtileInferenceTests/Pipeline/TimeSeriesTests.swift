import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

@Suite("TimeSeries") struct TimeSeriesTests {
  @Test("each time point is predicted as it would be alone, with intensities of its own")
  func alone() async throws {
    var random = SplitMix64(seed: 580)
    let extent = Extent(width: 7, height: 6, depth: 9)
    let scan = try StandIn.scan(
      extent, channels: 3, affine: Affine(spacing: PerAxis(x: 1, y: 2, z: 3)), using: &random)
    var settings = InferenceSettings.patches(Extent(4))
    settings.normalization = .zScore(of: .all)
    let model = StandIn.model(input: TensorShape(name: "image", channels: 1, spatial: [nil, nil, nil])) {
      StandIn.byPlace($0)
    }
    let pipeline = PatchPipeline(model: model, settings: settings)
    let kinds: Set<PredictionKind> = [.labels, .confidence]
    let series = try TimeSeries(of: VolumeInMemory(scan), kinds: kinds)
    #expect(series.count == 3)
    var plans: [InferencePlan] = []
    var expected: [UInt8] = []
    for time in 0..<series.count {
      let plan = try await pipeline.plan([series.scan(at: time)], kinds: kinds)
      try await pipeline.run(plan, to: series.writers(at: time, of: plan, kinds: kinds))
      plans.append(plan)
      let one = try Volume<Float>(
        extent: extent, voxels: Array(scan.voxels[time * extent.voxelCount..<(time + 1) * extent.voxelCount]))
      expected += try await pipeline.labels(of: one).voxels.map { UInt8($0) }
    }
    let info = series.info(of: .labels, as: plans[0])
    #expect(info.channels == 3 && info.isLabelMap && info.metadata.affine == scan.metadata.affine)
    let collector = try VolumeCollector<UInt8>(info)
    try series.write(.labels, to: collector)
    let isSame = try collector.volume.voxels == expected
    #expect(isSame)
  }

  @Test("several values for each voxel have no place in a series")
  func refused() async throws {
    let scan = VolumeInMemory(
      try Volume<Float>(extent: Extent(4), channels: 2, voxels: [Float](repeating: 0, count: 128)))
    let series = try TimeSeries(of: scan, kinds: [.probabilities])
    let pipeline = PatchPipeline(model: StandIn.constant([1, 2]), settings: .patches(Extent(4)))
    let plan = try await pipeline.plan([series.scan(at: 0)], kinds: [.probabilities])
    let error = try await OnnxTestModels.error {
      try series.writers(at: 0, of: plan, kinds: [.probabilities])
    }
    #expect(error.code == .invalidOption && error.message.contains("2 values"))
  }

  @Test("a network of one channel that gets several says what to do")
  func hint() async throws {
    let scan = try Volume<Float>(extent: Extent(4), channels: 2, voxels: [Float](repeating: 0, count: 128))
    let model = StandIn.model(input: TensorShape(name: "image", channels: 1, spatial: [nil, nil, nil])) { $0 }
    let error = try await OnnxTestModels.error {
      try await PatchPipeline(model: model, settings: .patches(Extent(4))).plan([VolumeInMemory(scan)])
    }
    #expect(error.code == .modelNotUsable && error.remedy == .predictTimePoints)
  }
}
