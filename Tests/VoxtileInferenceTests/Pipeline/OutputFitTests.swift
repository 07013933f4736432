import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

/// Models that give the middle of their patch, as networks of valid convolutions do.
@Suite("OutputFit") struct OutputFitTests {
  /// The sum of every voxel and its neighbors up to a distance, where they all are in the patch.
  static func valid(_ distance: Int) -> @Sendable (NetworkPatch) throws -> NetworkPatch {
    { patch in
      let spatial = patch.spatial.map { $0 - 2 * distance }
      guard spatial.allSatisfy({ $0 >= 1 }) else {
        throw VoxtileError(.predictionFailed, "a patch of \(patch.spatial) is too small")
      }
      var result = NetworkPatch(channels: 1, spatial: spatial, values: [])
      let window = NetworkPatch(
        channels: 1, spatial: spatial.map { _ in 2 * distance + 1 }, values: []
      ).places
      for place in result.places {
        let sum = window.reduce(Float(0)) { sum, offset in
          let index = zip(zip(place, offset), patch.spatial).reduce(0) { $0 * $1.1 + $1.0.0 + $1.0.1 }
          return sum + patch.values[index]
        }
        result.values.append(sum)
      }
      return result
    }
  }

  /// What such a network gives of a whole scan with zeros around it; background outside of a box.
  private func expected(_ scan: Volume<Float>, _ distance: Int, in box: Region) -> [Float] {
    scan.extent.positions.map { at in
      guard box.contains(at) else { return -100 }
      var sum: Float = 0
      for z in at.z - distance...at.z + distance {
        for y in at.y - distance...at.y + distance {
          for x in at.x - distance...at.x + distance
          where Region(scan.extent).contains(Position(x: x, y: y, z: z)) { sum += scan[x: x, y: y, z: z] }
        }
      }
      return sum
    }
  }

  @Test("a network of valid convolutions gives what it gives of the whole scan, in the same place")
  func placed() async throws {
    for var random in SplitMix64.cases(8, from: 400) {
      let extent = Extent.random(in: 2...7, using: &random)
      let scan = try StandIn.scan(extent, affine: NaiveInference.affine("LSP"), using: &random)
      let distance = Int.random(in: 1...2, using: &random)
      let inner = Extent.random(in: 1...4, using: &random)
      var settings = InferenceSettings.patches(Extent(inner.sizes.map { $1 + 2 * distance }))
      settings.overlap = inner.sizes.map { .voxels(Int.random(in: 0..<$1, using: &random)) }
      settings.edge = PerAxis(
        [EdgePolicy.shift, .balance, .pad(.both), .pad(.end)].randomElement(using: &random) ?? .shift)
      settings.orientation = Orientation(NaiveInference.orientations.randomElement(using: &random) ?? "RAS")
      settings.axes = AxisOrder.allCases.randomElement(using: &random) ?? .zyx
      settings.batch = Int.random(in: 1...3, using: &random)
      settings.blend = StandIn.blends.randomElement(using: &random) ?? .average
      let pipeline = PatchPipeline(model: StandIn.model(Self.valid(distance)), settings: settings)
      let plan = try await pipeline.plan([VolumeInMemory(scan)], kinds: [.logits])
      #expect(plan.outputExtent == extent && plan.outputMetadata.affine == scan.metadata.affine)
      #expect(plan.remarks.count == 1 && plan.remarks[0].message.contains("margin"))
      let collector = try VolumeCollector<Float>(plan.info(of: .logits))
      try await pipeline.run(plan, to: [.logits: collector])
      let difference = largestDifference(
        try collector.volume.voxels, expected(scan, distance, in: Region(extent)))
      #expect(difference <= 1e-4, "\(random)")
    }
  }

  @Test("around a box that is predicted, the margin sees the scan")
  func boxed() async throws {
    for var random in SplitMix64.cases(3, from: 430) {
      let extent = Extent(width: 11, height: 10, depth: 9)
      var scan = try StandIn.scan(extent, using: &random)
      let (a, b) = (Int.random(in: 0...4, using: &random), Int.random(in: 5...8, using: &random))
      let box = Region(x: a..<b, y: a..<b, z: a..<b)
      for at in extent.positions where !box.contains(at) {
        scan[x: at.x, y: at.y, z: at.z] = -abs(scan[x: at.x, y: at.y, z: at.z])
      }
      for corner in [a, b - 1] { scan[x: corner, y: corner, z: corner] = 1 }
      var settings = InferenceSettings.patches(Extent(7), overlap: .voxels(1))
      settings.foreground = .positive
      settings.orientation = Orientation(NaiveInference.orientations.randomElement(using: &random) ?? "RAS")
      let pipeline = PatchPipeline(model: StandIn.model(Self.valid(2)), settings: settings)
      let result = try await pipeline.values(.logits, of: scan)
      #expect(largestDifference(result.voxels, expected(scan, 2, in: box)) <= 1e-4, "\(random)")
    }
  }

  /// The U-Net of 2015: 572 pixels become 388. It takes sizes that are 12 more than a multiple of 16.
  @Sendable private static func classic(_ patch: NetworkPatch) throws -> NetworkPatch {
    guard patch.spatial.allSatisfy({ $0 > 184 && $0 % 16 == 12 }) else {
      throw VoxtileError(.predictionFailed, "sizes do not match")
    }
    let spatial = patch.spatial.map { $0 - 184 }
    var result = NetworkPatch(channels: 1, spatial: spatial, values: [])
    for row in 0..<spatial[0] {
      let start = (row + 92) * patch.spatial[1] + 92
      result.values += patch.values[start..<start + spatial[1]]
    }
    return result
  }

  @Test(
    "the classic U-Net, 572 to 388, gives each pixel its own prediction, and is asked twice more than it has patches"
  )
  func unet() async throws {
    var random = SplitMix64(seed: 450)
    let scan = try StandIn.scan(Extent(width: 700, height: 500), using: &random)
    let counter = Counter()
    let model = StandIn.model(input: StandIn.plane, output: StandIn.plane) { patch in
      counter.increment()
      return try Self.classic(patch)
    }
    var settings = InferenceSettings.patches(Extent(width: 572, height: 572), overlap: .voxels(0))
    settings.padding = .reflect
    let result = try await PatchPipeline(model: model, settings: settings).values(.logits, of: scan)
    #expect(largestDifference(result.voxels, scan.voxels) <= 1e-5)
    #expect(counter.value == 4 + 2)
  }

  /// A model of a single size of patches.
  private func fixed(
    _ size: Int, _ predict: @escaping @Sendable (NetworkPatch) throws -> NetworkPatch
  ) -> ClosureModel {
    StandIn.model(input: TensorShape(name: "image", spatial: [size, size, size]), predict)
  }

  @Test("one size alone does not tell a margin from larger voxels, unless it is said which")
  func fixedSizes() async throws {
    var random = SplitMix64(seed: 460)
    let scan = try StandIn.scan(Extent(8), using: &random)
    let model = fixed(4, Self.valid(1))
    var settings = InferenceSettings()
    let error = try await OnnxTestModels.error {
      try await PatchPipeline(model: model, settings: settings).values(.logits, of: scan)
    }
    #expect(error.code == .modelNotUsable && error.remedy == .chooseOutputFit)
    #expect(error.message.contains("2x2x2") && error.message.contains("4x4x4"))
    settings.outputFit = .margin
    let margin = try await PatchPipeline(model: model, settings: settings).values(.logits, of: scan)
    #expect(margin.extent == scan.extent)
    #expect(largestDifference(margin.voxels, expected(scan, 1, in: Region(scan.extent))) <= 1e-4)
    settings.outputFit = .scale
    let scale = try await PatchPipeline(model: model, settings: settings).values(.logits, of: scan)
    #expect(scale.extent == Extent(4))
  }

  @Test("what is neither a margin nor a factor, or no even margin, is refused with the sizes")
  func neither() async throws {
    func message(_ change: @escaping @Sendable (Int) -> Int, _ fit: OutputFit? = nil) async throws -> String {
      let model = StandIn.model { patch in
        let spatial = patch.spatial.map(change)
        return NetworkPatch(
          channels: 1, spatial: spatial, values: [Float](repeating: 0, count: spatial.reduce(1, *)))
      }
      var settings = InferenceSettings.patches(Extent(8))
      settings.outputFit = fit
      let error = try await OnnxTestModels.error {
        try await PatchPipeline(model: model, settings: settings).plan([
          VolumeInMemory(Volume<Float>(extent: Extent(12)))
        ])
      }
      #expect(error.code == .modelNotUsable)
      return error.message
    }
    #expect(try await message { $0 - 3 }.contains("an odd number"))
    #expect(try await message { $0 + 2 }.contains("more than the patch has"))
    #expect(try await message { $0 / 2 - 1 }.contains("3 voxels along x for a patch of 8, but 11 for 24"))
    #expect(try await message({ $0 * 3 / 4 }, .scale).contains("no whole factor"))
    #expect(try await message({ $0 * 2 }, .margin).contains("more than the patch has"))
  }

  @Test("other systems' modes and smaller last patches do not go with a margin")
  func refused() async throws {
    let scan = VolumeInMemory(Volume<Float>(extent: Extent(9)))
    var settings = InferenceSettings.patches(Extent(5), overlap: .voxels(0))
    settings.edge = PerAxis(.partial)
    let model = StandIn.model(Self.valid(1))
    let partial = try await OnnxTestModels.error {
      try await PatchPipeline(model: model, settings: settings).plan([scan])
    }
    #expect(partial.code == .invalidGrid && partial.remedy == .avoidPartialPatches)
    settings.edge = PerAxis(.shift)
    settings.compatibility = .monai
    let mode = try await OnnxTestModels.error {
      try await PatchPipeline(model: model, settings: settings).plan([scan])
    }
    #expect(mode.code == .invalidOption && mode.message.contains("monai"))
  }

  @Test("another patch that a model was not tried with may be nothing but margin")
  func onlyMargin() async throws {
    let scan = VolumeInMemory(Volume<Float>(extent: Extent(9)))
    let model = StandIn.model(Self.valid(2))
    let probe = try await PatchPipeline(model: model, settings: .patches(Extent(7))).probe([scan])
    let plan = try PatchPipeline(model: model, settings: .patches(Extent(6))).plan([scan], probe: probe)
    #expect(plan.grid.patch == Extent(6) && plan.outputGrid.patch == Extent(2))
    let error = try await OnnxTestModels.error {
      try PatchPipeline(model: model, settings: .patches(Extent(4))).plan([scan], probe: probe)
    }
    #expect(error.code == .invalidGrid && error.message.contains("nothing but margin"))
  }

  @Test("larger voxels are said, and a patch that comes back whole is not remarkable")
  func remarks() async throws {
    let scan = VolumeInMemory(Volume<Float>(extent: Extent(9)))
    let half = StandIn.model { patch in
      let spatial = patch.spatial.map { $0 / 2 }
      return NetworkPatch(
        channels: 1, spatial: spatial, values: [Float](repeating: 0, count: spatial.reduce(1, *)))
    }
    let plan = try await PatchPipeline(model: half, settings: .patches(Extent(4))).plan([scan])
    #expect(
      plan.remarks.map(\.message).joined().contains(
        "2x2x2 voxels for a patch of 4x4x4 (and 10x10x10 for 20x20x20)"))
    let same = try await PatchPipeline(model: StandIn.identity, settings: .patches(Extent(4))).plan([scan])
    #expect(same.remarks.isEmpty)
  }
}
