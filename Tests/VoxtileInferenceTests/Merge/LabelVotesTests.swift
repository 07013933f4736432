import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

/// Networks that give labels instead of a value for each class.
@Suite("LabelVotes") struct LabelVotesTests {
  /// The label of each voxel of a patch: by its value and its place.
  @Sendable private static func labels(_ patch: NetworkPatch) -> [Int] {
    zip(patch.values, patch.places).map { value, place in
      value > 1 ? 3 : value < -1 ? 0 : 1 + place.reduce(0, +) % 2
    }
  }

  private static func model(range: ClosedRange<Int> = 0...255) -> ClosureModel {
    StandIn.model(
      output: TensorShape(name: "labels", channels: 1, spatial: [nil, nil, nil], labelRange: range)
    ) { patch in
      NetworkPatch(channels: 1, spatial: patch.spatial, values: labels(patch).map(Float.init))
    }
  }

  /// The same labels as four channels of 0 and 1: their mean is each label's part of the vote.
  private static let oneHot = StandIn.model { patch in
    let labels = labels(patch)
    return NetworkPatch(
      channels: 4, spatial: patch.spatial,
      values: (0..<4).flatMap { label in labels.map { $0 == label ? 1 : 0 } })
  }

  private func predict(
    _ kind: PredictionKind, _ model: ClosureModel, _ settings: InferenceSettings, of scan: Volume<Float>
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

  @Test("the label with the largest weight wins, in any orientation, window, memory and number of threads")
  func weighted() async throws {
    for var random in SplitMix64.cases(8, from: 520) {
      let extent = Extent.random(in: 3...11, using: &random)
      let scan = try StandIn.scan(extent, affine: NaiveInference.affine("LSP"), using: &random)
      var settings = InferenceSettings.patches(
        Extent.random(in: 2...5, using: &random), overlap: .fraction(0.6))
      settings.edge = PerAxis(
        [EdgePolicy.shift, .pad(.both), .discard].randomElement(using: &random) ?? .shift)
      for axis in Axis.allCases where extent[axis] < settings.patch?[axis] ?? 0 {
        settings.edge[axis] = .pad(.both)
      }
      settings.orientation = Orientation(NaiveInference.orientations.randomElement(using: &random) ?? "RAS")
      settings.blend = [Blend.average, .gaussian, .hann, .center].randomElement(using: &random) ?? .average
      settings.skipBelow = Bool.random(using: &random) ? -1.5 : nil
      settings.limits.jobs = Jobs(Int.random(in: 1...3, using: &random))
      settings.activation = .none
      let parts = try await predict(.logits, Self.oneHot, settings, of: scan)
      let found = try await predict(.labels, Self.model(), settings, of: scan)
      let confidence = try await predict(.confidence, Self.model(), settings, of: scan)
      let disagreement = try await predict(.disagreement, Self.model(), settings, of: scan)
      let differing = try await predict(.disagreement, Self.oneHot, settings, of: scan)
      let count = extent.voxelCount
      for voxel in 0..<count {
        let own = (0..<4).map { parts[$0 * count + voxel] }
        let best = own.max() ?? 0
        guard own[1] > -100 else {
          #expect(found[voxel] == 0)
          continue
        }
        // Of equals the first patch in the grid decides.
        #expect(own[Int(found[voxel])] >= best - 1e-5, "\(random)")
        #expect(abs(confidence[voxel] - best) <= 1e-4, "\(random)")
      }
      // A patch whose window is 0 at a voxel has no vote there.
      if !["center", "hann"].contains(settings.blend.description) {
        let isSame = disagreement == differing
        #expect(isSame, "\(random)")
      }
    }
  }

  @Test("labels get values and names of their own, and the type that holds them")
  func values() async throws {
    var random = SplitMix64(seed: 540)
    let scan = try StandIn.scan(Extent(6), using: &random)
    var settings = InferenceSettings.patches(Extent(6))
    let plain = try await predict(.labels, Self.model(), settings, of: scan)
    settings.labels.values = [0, 10, 20, 300]
    settings.labels.names = ["background", "a", "b", "c"]
    let plan = try await PatchPipeline(model: Self.model(), settings: settings).plan([VolumeInMemory(scan)])
    #expect(plan.layout.labelType == .uint16 && plan.givesLabels)
    #expect(plan.labelNames.map(\.label) == [0, 10, 20, 300] && plan.labelNames.last?.name == "c")
    let changed = try await predict(.labels, Self.model(), settings, of: scan)
    let areChanged = changed == plain.map { [0, 10, 20, 300][Int($0)] }
    #expect(areChanged)
    settings.labels = LabelRule()
    for (range, type) in [
      (0...1, ScalarType.uint8), (-128...127, .int16), (0...65535, .uint16), (-1 << 24...1 << 24, .int32),
    ] {
      let model = Self.model(range: range)
      let plan = try await PatchPipeline(model: model, settings: settings).plan([VolumeInMemory(scan)])
      #expect(plan.layout.labelType == type)
    }
  }

  @Test("a label outside of those that are known ends the prediction with the patch")
  func stray() async throws {
    var random = SplitMix64(seed: 541)
    let scan = try StandIn.scan(Extent(6), using: &random)
    for names in [["background", "a", "b"]] {
      var settings = InferenceSettings.patches(Extent(3), overlap: .voxels(0))
      settings.labels.names = names
      let error = try await OnnxTestModels.error {
        try await PatchPipeline(model: Self.model(), settings: settings).labels(of: scan)
      }
      #expect(
        error.code == .predictionFailed && error.message.contains("gave 3.0")
          && error.remedy == .giveAllLabels)
      #expect(error.message.contains("patch 0"))
    }
  }

  @Test("what needs a value for each class is refused")
  func refused() async throws {
    let scan = VolumeInMemory(Volume<Float>(extent: Extent(4)))
    for kind in [PredictionKind.probabilities, .logits] {
      let error = try await OnnxTestModels.error {
        try await PatchPipeline(model: Self.model(), settings: .patches(Extent(4))).plan(
          [scan], kinds: [kind])
      }
      #expect(error.code == .invalidOption && error.message.contains(kind.rawValue))
    }
    var settings = InferenceSettings.patches(Extent(4))
    settings.mirrors = [.x]
    let error = try await OnnxTestModels.error {
      try await PatchPipeline(model: Self.model(), settings: settings).plan([scan])
    }
    #expect(error.code == .invalidOption && error.message.contains("argmax"))
  }
}
