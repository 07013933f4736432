import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

@Suite("HalfSums") struct HalfSumsTests {
  /// Another network than ``StandIn/byPlace(_:)``.
  @Sendable private static func other(_ patch: NetworkPatch) -> NetworkPatch {
    var result = StandIn.byPlace(patch)
    for index in result.values.indices { result.values[index] = 1.7 - result.values[index] * 0.3 }
    return result
  }

  /// One more.
  @Sendable private static func third(_ patch: NetworkPatch) -> NetworkPatch { other(other(patch).onlyFirst) }

  private static func settings(_ extent: Extent, using random: inout SplitMix64) -> InferenceSettings {
    let patch = Extent.random(in: 3...6, using: &random)
    var settings = InferenceSettings.patches(patch)
    settings.overlap = patch.sizes.map { .voxels(Int.random(in: 0...($1 - 1), using: &random)) }
    settings.compatibility = .nnUNetHalf
    settings.axes = Bool.random(using: &random) ? .xyz : .zyx
    settings.orientation = Orientation(NaiveInference.orientations.randomElement(using: &random) ?? "RAS")
    return settings
  }

  /// nnU-Net's sums, voxel by voxel: rounded after each patch, in the order of the network's axes.
  ///
  /// - Parameter order: the axes, slowest first.
  private static func merged(
    _ extent: Extent, _ patches: [NaivePatch<Double>], _ weight: (Int, Position) -> Double, order: [Axis]
  ) -> [Double] {
    let sorted = patches.indices.sorted { first, second in
      order.map { patches[first].region.origin[$0] }
        .lexicographicallyPrecedes(order.map { patches[second].region.origin[$0] })
    }
    let classes = patches[0].values.count / patches[0].region.voxelCount
    return (0..<classes).flatMap { channel in
      extent.positions.map { voxel in
        var (sum, weights) = (Float(0), Float(0))
        for number in sorted where patches[number].region.contains(voxel) {
          let share = Float(weight(number, voxel - patches[number].region.origin))
          let region = patches[number].region
          let index = region.voxelCount * channel + Self.index(of: voxel, in: region)
          let value = Float(patches[number].values[index])
          sum = roundedToHalf(sum + value * share)
          weights = roundedToHalf(weights + share)
        }
        return Double(roundedToHalf(sum / weights))
      }
    }
  }

  private static func index(of voxel: Position, in region: Region) -> Int {
    let (place, extent) = (voxel - region.origin, region.extent)
    return (place.z * extent.height + place.y) * extent.width + place.x
  }

  private static func expected(
    _ settings: InferenceSettings, _ scan: Volume<Float>, rank: Int = 3,
    _ predict: @escaping (NetworkPatch) -> NetworkPatch
  ) throws -> [Float] {
    var order: [Axis] = settings.axes == .xyz ? [.x, .y, .z] : [.z, .y, .x]
    if rank == 2 { order = settings.axes == .xyz ? [.z, .x, .y] : [.z, .y, .x] }
    return try NaiveInference(
      settings: settings, rank: rank,
      merge: { merged($0, $1, $2, order: order) }, predict: predict
    ).merged(scan)
  }

  @Test("sums have nnU-Net's bits, however the scan is stored and however many threads work")
  func bits() async throws {
    var turned = 0
    for (number, var random) in SplitMix64.cases(24, from: 4100).enumerated() {
      let scan = try StandIn.scan(.random(in: 6...10, using: &random), using: &random)
      var settings = Self.settings(scan.extent, using: &random)
      if number.isMultiple(of: 3) { (settings.orientation, settings.axes) = (nil, .zyx) }
      settings.limits.jobs = Bool.random(using: &random) ? .one : Jobs(3)
      let pipeline = PatchPipeline(model: StandIn.placed(), settings: settings)
      let plan = try await pipeline.plan([VolumeInMemory(scan)], kinds: [.logits])
      if plan.layout.half?.isInOrder == false { turned += 1 }
      let found = try await pipeline.values(.logits, of: scan).voxels
      #expect(try found == Self.expected(settings, scan, StandIn.byPlace), "\(random)")
    }
    #expect((8...16).contains(turned), "\(turned)")
  }

  @Test("networks are summed each by itself, and then their values")
  func ensembles() async throws {
    for var random in SplitMix64.cases(12, from: 4200) {
      let scan = try StandIn.scan(.random(in: 6...10, using: &random), using: &random)
      var settings = Self.settings(scan.extent, using: &random)
      settings.batch = Int.random(in: 1...3, using: &random)
      let model = try EnsembleModel([StandIn.placed(), StandIn.model(Self.other), StandIn.model(Self.third)])
      let found = try await PatchPipeline(model: model, settings: settings).values(.logits, of: scan).voxels
      let parts = [
        try Self.expected(settings, scan, StandIn.byPlace), try Self.expected(settings, scan, Self.other),
        try Self.expected(settings, scan, Self.third),
      ]
      let expected = parts[0].indices.map { index in
        roundedToHalf(
          roundedToHalf(roundedToHalf(parts[0][index] + parts[1][index]) + parts[2][index]) / 3)
      }
      #expect(found == expected, "\(random)")
    }
  }

  @Test("a network that sees slices takes them one after another")
  func slices() async throws {
    for var random in SplitMix64.cases(12, from: 4300) {
      let scan = try StandIn.scan(.random(in: 6...10, using: &random), using: &random)
      var settings = Self.settings(scan.extent, using: &random)
      settings.patch = Extent(width: 5, height: 4)
      settings.overlap = PerAxis(x: .voxels(2), y: .voxels(3), z: .voxels(0))
      let found = try await PatchPipeline(model: StandIn.placed(rank: 2), settings: settings)
        .values(.logits, of: scan).voxels
      #expect(try found == Self.expected(settings, scan, rank: 2, StandIn.byPlace), "\(random)")
    }
  }

  @Test("mirrored patches are added in nnU-Net's order: those with fewer mirrored axes first")
  func mirrored() async throws {
    let order = [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]]
    var random = SplitMix64(seed: 5)
    let scan = try StandIn.scan(Extent(4), using: &random)
    let batch = PatchTensor(shape: [1, 1, 4, 4, 4], values: scan.voxels)
    let model = StandIn.model { patch in
      var result = patch
      for index in result.values.indices { result.values[index] += Float(index) * 0.37 }
      return result
    }
    let found = try await model.predict(batch, mirroring: [0, 1, 2], fewestFirst: true).values
    var sums = try await model.predict(batch)[0].values
    for axes in order {
      let output = try await model.predict(batch.mirrored(along: axes))[0].mirrored(along: axes).values
      for index in sums.indices { sums[index] += output[index] }
    }
    #expect(found == sums.map { $0 / 8 })
    let plain = try await model.predict(batch, mirroring: [0, 1, 2]).values
    #expect(found != plain && largestDifference(found, plain) < 1e-4)
  }

  @Test("what half precision cannot hold is an error, not infinity")
  func overflow() async throws {
    let scan = try Volume(extent: Extent(8), voxels: [Float](repeating: 1, count: 512))
    var settings = InferenceSettings.patches(Extent(8))
    settings.compatibility = .nnUNetHalf
    // The largest weight is 10.
    let fitting = try await PatchPipeline(model: StandIn.constant([6000, 1]), settings: settings)
      .values(.logits, of: scan)
    #expect(fitting.voxels.allSatisfy { $0.isFinite })
    await #expect {
      _ = try await PatchPipeline(model: StandIn.constant([7000, 1]), settings: settings)
        .values(.logits, of: scan)
    } throws: { "\($0)".contains("65504") }
  }

  @Test("what needs single precision is refused by name")
  func refusals() async throws {
    let scan = try Volume(extent: Extent(8), voxels: [Float](repeating: 1, count: 512))
    var settings = InferenceSettings.patches(Extent(4))
    settings.compatibility = .nnUNetHalf
    let ensemble = PatchPipeline(
      model: try EnsembleModel([StandIn.placed(), StandIn.model(Self.other)]), settings: settings)
    await #expect {
      _ = try await ensemble.plan([VolumeInMemory(scan)], kinds: [.labels, .disagreement])
    } throws: {
      ($0 as? VoxtileError)?.context.found == "disagreement"
    }
    let single = PatchPipeline(model: StandIn.placed(), settings: settings)
    let plan = try await single.plan([VolumeInMemory(scan)], kinds: [.labels, .disagreement])
    #expect(plan.layout.half?.networks == 1)
  }
}

extension NetworkPatch {
  /// The first channel alone.
  fileprivate var onlyFirst: NetworkPatch {
    NetworkPatch(channels: 1, spatial: spatial, values: Array(values[..<count]))
  }
}
