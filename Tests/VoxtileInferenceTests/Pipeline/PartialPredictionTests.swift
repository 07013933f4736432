import Synchronization
import Testing
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileTestSupport

/// Predictions of a part of the scan: patches passed over, a mask, the foreground.
@Suite("Predictions of a part") struct PartialPredictionTests {
  private static let extent = Extent(width: 11, height: 9, depth: 10)

  /// A model that counts what it is shown.
  private func counting(_ counter: Counter) -> ClosureModel {
    StandIn.model { patch in
      counter.increment()
      return StandIn.byPlace(patch)
    }
  }

  /// Two lumps on nothing.
  private func scan() -> Volume<Float> {
    var scan = Volume<Float>(extent: Self.extent)
    for (x, y, z) in [(1, 1, 1), (2, 1, 1), (8, 7, 8), (9, 7, 3)] { scan[x: x, y: y, z: z] = Float(3 + x) }
    return scan
  }

  @Test(
    "patches whose every voxel is below are not predicted; voxels have the mean of the others, or are background"
  )
  func skipped() async throws {
    for (limit, edge) in [
      (1, EdgePolicy.shift), (11, .pad(.both)), (0, .shift), (100, .shift), (1, .discard),
    ] {
      let counter = Counter()
      var settings = InferenceSettings.patches(Extent(4), overlap: .voxels(2))
      settings.edge = PerAxis(edge)
      settings.skipBelow = Double(limit)
      settings.batch = 3
      let pipeline = PatchPipeline(model: counting(counter), settings: settings)
      let (scan, count) = (scan(), Self.extent.voxelCount)
      let plan = try await pipeline.plan([VolumeInMemory(scan)], kinds: [.logits, .labels, .probabilities])
      let trial = counter.value
      let collectors = (
        try VolumeCollector<Float>(plan.info(of: .logits)),
        try VolumeCollector<UInt8>(plan.info(of: .labels)),
        try VolumeCollector<Float>(plan.info(of: .probabilities))
      )
      let report = try await pipeline.run(
        plan, to: [.logits: collectors.0, .labels: collectors.1, .probabilities: collectors.2])
      // The same with all patches, where those below have no weight.
      func cut(_ patch: Patch) -> [Float] {
        naiveCrop(
          scan.voxels, extent: Self.extent, region: patch.region, padding: .constant(0), constant: 0)
      }
      let isShown = plan.grid.map { patch in
        zip(patch.region.extent.positions, cut(patch)).contains { offset, value in
          patch.valid.contains(patch.region.origin + offset) && value >= Float(limit)
        }
      }
      let weights = try PatchWeights(blend: .gaussian, grid: plan.grid)
      let patches = plan.grid.map { patch in
        let seen = NetworkPatch(channels: 1, spatial: [4, 4, 4], values: cut(patch))
        return NaivePatch(region: patch.region, values: StandIn.byPlace(seen).values.map(Double.init))
      }
      let expected = naiveMerge(extent: Self.extent, channels: 2, patches: patches, fill: .nan) {
        isShown[$0] ? weights.weight(at: $1, of: plan.grid[$0]) : 0
      }.values.map(Float.init)
      let shown = isShown.count { $0 }
      #expect(report.predictedPatches == shown && report.skippedPatches == plan.grid.count - shown)
      #expect(counter.value - trial == shown)
      let logits = expected.enumerated().map { $1.isNaN ? ($0 < count ? 0 : -100) : $1 }
      #expect(try largestDifference(collectors.0.volume.voxels, logits) <= 1e-4, "\(limit) \(edge)")
      let bare = expected.indices.filter { expected[$0].isNaN }
      let (labels, probabilities) = (try collectors.1.volume.voxels, try collectors.2.volume.voxels)
      let isBackground = bare.allSatisfy {
        labels[$0 % count] == 0 && probabilities[$0] == ($0 < count ? 1 : 0)
      }
      #expect(isBackground)
      #expect(bare.isEmpty == (shown == plan.grid.count && edge != .discard))
    }
  }

  @Test("a scan of which every patch is passed over is background")
  func nothing() async throws {
    var settings = InferenceSettings.patches(Extent(4))
    settings.skipBelow = 1
    settings.labels = LabelRule(values: [5, 6])
    let labels = try await PatchPipeline(model: StandIn.placed(), settings: settings).labels(
      of: Volume<Float>(extent: Self.extent))
    let isBackground = labels.voxels.allSatisfy { $0 == 5 }
    #expect(isBackground)
  }

  @Test("an unknown voxel is not below anything")
  func unknown() async throws {
    var settings = InferenceSettings.patches(Extent(11))
    settings.skipBelow = 1
    var scan = Volume<Float>(extent: Self.extent)
    scan[x: 0, y: 0, z: 0] = .nan
    await #expect(throws: VoxtileError.self) {
      try await PatchPipeline(model: StandIn.identity, settings: settings).labels(of: scan)
    }
  }

  /// What the box of a scan alone gives, and background around it.
  private func boxed(
    _ scan: Volume<Float>, _ box: Region, _ settings: InferenceSettings
  ) async throws -> [Float] {
    var part = settings
    part.foreground = nil
    let inside = try VolumeInMemory(scan).read(box, as: Float.self)
    let values = try await PatchPipeline(model: StandIn.placed(), settings: part).values(.logits, of: inside)
    return (0..<2).flatMap { channel in
      scan.extent.positions.map { at in
        guard box.contains(at) else { return channel == 0 ? 0 : -100 }
        let place = at - box.origin
        return values[x: place.x, y: place.y, z: place.z, channel: channel]
      }
    }
  }

  @Test("only the box of the foreground or of a mask is predicted, and everything else is background")
  func boxes() async throws {
    var settings = InferenceSettings.patches(Extent(width: 3, height: 4, depth: 5))
    settings.foreground = .positive
    settings.orientation = Orientation("ALS")
    var scan = scan()
    scan[x: 4, y: 4, z: 4] = 1
    let box = Region(x: 1..<10, y: 1..<8, z: 1..<9)
    let foreground = try await PatchPipeline(model: StandIn.placed(), settings: settings).values(
      .logits, of: scan)
    let expected = try await boxed(scan, box, settings)
    let isSame = foreground.voxels == expected
    #expect(isSame && foreground.extent == Self.extent)

    var mask = Volume<UInt8>(extent: Self.extent)
    mask[x: 0, y: 2, z: 3] = 1
    mask[x: 9, y: 8, z: 4] = 2
    func masked(_ settings: InferenceSettings) async throws -> [Float] {
      let pipeline = PatchPipeline(model: StandIn.placed(), settings: settings)
      let plan = try await pipeline.plan([VolumeInMemory(scan)], mask: VolumeInMemory(mask), kinds: [.logits])
      #expect(!plan.isWhole)
      let collector = try VolumeCollector<Float>(plan.info(of: .logits))
      try await pipeline.run(plan, to: [.logits: collector])
      return try collector.volume.voxels
    }
    // Both: the foreground within the mask's box.
    let both = try await masked(settings) == boxed(scan, Region(x: 4..<10, y: 4..<8, z: 3..<5), settings)
    #expect(both)
    settings.foreground = nil
    let maskOnly = try await masked(settings) == boxed(scan, Region(x: 0..<10, y: 2..<9, z: 3..<5), settings)
    #expect(maskOnly)
  }

  @Test("intensities are those of the whole scan, whatever part is predicted")
  func intensities() async throws {
    let seen = Mutex<Set<Float>>([])
    let model = StandIn.model { patch in
      seen.withLock { $0.formUnion(patch.values) }
      return patch
    }
    var scan = scan()
    scan[x: 0, y: 0, z: 9] = -4
    var settings = InferenceSettings.patches(Extent(1), overlap: .voxels(0))
    settings.foreground = .positive
    settings.normalization = .minMax
    _ = try await PatchPipeline(model: model, settings: settings).labels(of: scan)
    // From -4, outside the box, to 12.
    #expect(seen.withLock { $0 } == [0.25, 0.5, 0.5625, 0.9375, 1])
  }

  @Test("a mask with nothing in it, of another size or in another place is refused")
  func refused() async throws {
    let scan = VolumeInMemory(scan())
    let pipeline = PatchPipeline(model: StandIn.placed(), settings: .patches(Extent(4)))
    func code(_ mask: Volume<UInt8>) async throws -> VoxtileError.Code {
      try await OnnxTestModels.error { try await pipeline.plan([scan], mask: VolumeInMemory(mask)) }.code
    }
    #expect(try await code(Volume(extent: Self.extent)) == .invalidOption)
    #expect(try await code(Volume(extent: Extent(9), repeating: 1)) == .shapeMismatch)
    let moved = VolumeMetadata(affine: Affine(rows: [[1, 0, 0, 0.5], [0, 1, 0, 0], [0, 0, 1, 0]]))
    #expect(
      try await code(
        Volume(
          extent: Self.extent, voxels: [UInt8](repeating: 1, count: Self.extent.voxelCount), metadata: moved))
        == .shapeMismatch)
    var settings = InferenceSettings.patches(Extent(4))
    settings.foreground = .positive
    let error = try await OnnxTestModels.error {
      try await PatchPipeline(model: StandIn.identity, settings: settings).labels(
        of: Volume<Float>(extent: Self.extent))
    }
    #expect(error.code == .invalidOption && error.message.contains("nothing to predict"))
  }
}
