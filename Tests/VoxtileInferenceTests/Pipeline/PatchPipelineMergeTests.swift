import Testing
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileTestSupport

/// Merged values against a slow merge in `Double`.
@Suite("PatchPipeline: merged values") struct PatchPipelineMergeTests {
  @Test("merged values are the weighted mean of the patches", arguments: StandIn.blends)
  func blends(blend: Blend) async throws {
    for var random in SplitMix64.cases(10, from: 1200) {
      let patch = Extent.random(in: 1...6, using: &random)
      var settings = InferenceSettings.patches(patch)
      settings.overlap = patch.sizes.map { .voxels(Int.random(in: 0..<$1, using: &random)) }
      // Only policies that leave no voxel out, since a naive merge knows no background.
      settings.edge = PerAxis(EdgePolicy.shift).map { _, policy in
        [.shift, .balance, .pad(.end), .pad(.both), .partial].randomElement(using: &random) ?? policy
      }
      settings.padding =
        [.constant(0.5), .edge, .reflect, .symmetric, .wrap].randomElement(using: &random) ?? .edge
      settings.blend = blend
      settings.axes = Bool.random(using: &random) ? .xyz : .zyx
      settings.batch = Int.random(in: 1...4, using: &random)
      let scan = try StandIn.scan(
        .random(in: 2...9, using: &random), channels: Int.random(in: 1...2, using: &random), using: &random)
      let merged = try await PatchPipeline(model: StandIn.placed(), settings: settings).values(
        .logits, of: scan)
      let expected = try NaiveInference(settings: settings, predict: StandIn.byPlace).merged(scan)
      #expect(largestDifference(merged.voxels, expected) <= 1e-5, "\(random)")
    }
  }

  @Test(
    "a mode of compatibility gives what its grid and weights say",
    arguments: Compatibility.allCases.filter { $0 != .nnUNetHalf })
  func modes(mode: Compatibility) async throws {
    for var random in SplitMix64.cases(8, from: 1400) {
      let patch = Extent.random(in: 2...6, using: &random)
      var settings = InferenceSettings.patches(patch)
      settings.overlap = patch.sizes.map { .voxels(2 * Int.random(in: 0...($1 - 1) / 2, using: &random)) }
      settings.compatibility = mode
      settings.axes = Bool.random(using: &random) ? .xyz : .zyx
      settings.orientation = Orientation(NaiveInference.orientations.randomElement(using: &random) ?? "RAS")
      let scan = try StandIn.scan(.random(in: 6...9, using: &random), using: &random)
      try #require(settings.compatibility != nil)
      let merged = try await PatchPipeline(model: StandIn.placed(), settings: settings).values(
        .logits, of: scan
      )
      .voxels
      let expected = try NaiveInference(settings: settings, predict: StandIn.byPlace).merged(scan, fill: .nan)
      let count = scan.extent.voxelCount
      let wanted = expected.enumerated().map { index, value in
        value.isNaN ? (index / count == 0 ? 0 : -100) : value
      }
      #expect(largestDifference(merged, wanted) <= 1e-5, "\(random)")
      #expect(mode == .tutorial || !expected.contains(where: \.isNaN), "\(random)")
    }
  }

  @Test("a planar network sees slice by slice, and a planar image needs one")
  func planar() async throws {
    for var random in SplitMix64.cases(12, from: 1500) {
      let patch = Extent.random(in: 1...5, using: &random)
      var settings = InferenceSettings.patches(Extent(width: patch.width, height: patch.height))
      settings.axes = Bool.random(using: &random) ? .xyz : .zyx
      let depth = Bool.random(using: &random) ? 1 : 4
      let scan = try StandIn.scan(
        Extent(
          width: .random(in: 2...9, using: &random), height: .random(in: 2...9, using: &random), depth: depth),
        channels: 3, using: &random)
      if depth > 1 {
        settings.orientation = Orientation(NaiveInference.orientations.randomElement(using: &random) ?? "RAS")
      }
      let merged = try await PatchPipeline(model: StandIn.placed(rank: 2), settings: settings).values(
        .logits, of: scan)
      let expected = try NaiveInference(settings: settings, rank: 2, predict: StandIn.byPlace).merged(scan)
      #expect(largestDifference(merged.voxels, expected) <= 1e-5, "\(random)")
    }
  }

  /// The network of the goldens: two channels from a value and its place, as an array `[x, y, z]` has it.
  @Sendable private static func golden(_ patch: NetworkPatch) -> NetworkPatch {
    let places = zip(patch.values, patch.places)
    func value(_ factors: [Int], _ place: [Int]) -> Float {
      Float(zip(factors, place).reduce(0) { $0 + $1.0 * $1.1 })
    }
    let first = places.map { $0 * (0.5 + value([1, 2, 3], $1) / 64) }
    let second = places.map { 1 - $0 + value([3, 1, -2], $1) / 128 }
    return NetworkPatch(channels: 2, spatial: patch.spatial, values: first + second)
  }

  @Test(
    "a whole prediction equals the system's own",
    arguments: try CompatibilityGolden.load().merges.filter { !$0.half })
  func goldens(golden: CompatibilityGolden.Merge) async throws {
    let extent = Extent(golden.image)
    let scan = try Volume<Float>(
      extent: extent,
      voxels: extent.positions.map { at in
        let value = 37 * at.x + 101 * at.y + 59 * at.z + 7 * at.x * at.y + 13 * at.y * at.z
        return Float(value % 256 - 128) / 128
      })
    let expected = try CompatibilityGolden.values(at: golden.offset, count: golden.count)
    // Fixtures list values with x fastest; the axes that a system reads first do not change a mean.
    for axes in golden.mode == "monai" ? AxisOrder.allCases : [.xyz] {
      var settings = InferenceSettings.patches(Extent(golden.patch))
      settings.overlap = golden.overlap
      settings.compatibility = Compatibility(golden.mode)
      settings.axes = axes
      settings.limits.jobs = Jobs(2)
      let shape = StandIn.shape(rank: extent.isPlanar ? 2 : 3)
      let model = StandIn.model(input: shape, output: shape) { patch in
        axes == .xyz ? Self.golden(patch) : Self.turned(Self.golden(Self.turned(patch)))
      }
      // Two classes and no voxel without a patch but in the tutorials' loop, where a golden is NaN.
      let merged = try await PatchPipeline(model: model, settings: settings).values(.logits, of: scan).voxels
      try #require(merged.count == expected.count)
      let worst = zip(merged, expected).reduce(Float(0)) { worst, pair in
        pair.1.isNaN ? worst : max(worst, abs(pair.0 - pair.1) / max(1, abs(pair.1)))
      }
      #expect(worst <= 1e-5)
    }
  }

  /// The patch with its axes in the opposite order.
  private static func turned(_ patch: NetworkPatch) -> NetworkPatch {
    let size = patch.spatial
    var result = NetworkPatch(channels: patch.channels, spatial: size.reversed(), values: [])
    for channel in 0..<patch.channels {
      for place in result.places {
        let index = zip(place.reversed(), size).reduce(0) { $0 * $1.1 + $1.0 }
        result.values.append(patch.values[channel * patch.count + index])
      }
    }
    return result
  }
}
