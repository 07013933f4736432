import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileInference

/// Models whose output is smaller or larger than their input.
@Suite("OutputScale") struct OutputScaleTests {
  /// The mean of blocks of 2 voxels along every axis; what is left over is dropped.
  @Sendable private static func pooled(_ patch: NetworkPatch) -> NetworkPatch {
    let spatial = patch.spatial.map { max(1, $0 / 2) }
    var result = NetworkPatch(channels: 1, spatial: spatial, values: [])
    for place in result.places {
      var sum: Float = 0
      for corner in 0..<8 {
        let at = place.enumerated().map { min($1 * 2 + (corner >> $0 & 1), patch.spatial[$0] - 1) }
        sum += patch.values[zip(at, patch.spatial).reduce(0) { $0 * $1.1 + $1.0 }]
      }
      result.values.append(sum / 8)
    }
    return result
  }

  /// Every voxel twice along every axis.
  @Sendable private static func repeated(_ patch: NetworkPatch) -> NetworkPatch {
    var result = NetworkPatch(channels: 1, spatial: patch.spatial.map { $0 * 2 }, values: [])
    for place in result.places {
      result.values.append(patch.values[zip(place, patch.spatial).reduce(0) { $0 * $1.1 + $1.0 / 2 }])
    }
    return result
  }

  private func predict(
    _ scan: Volume<Float>, _ settings: InferenceSettings,
    _ network: @escaping @Sendable (NetworkPatch) throws -> NetworkPatch
  ) async throws -> Volume<Float> {
    try await PatchPipeline(model: StandIn.model(network), settings: settings).values(.logits, of: scan)
  }

  /// A whole scan through a network at once.
  private func whole(_ scan: Volume<Float>, _ network: (NetworkPatch) -> NetworkPatch) -> NetworkPatch {
    network(
      NetworkPatch(
        channels: 1, spatial: [scan.extent.depth, scan.extent.height, scan.extent.width], values: scan.voxels)
    )
  }

  /// The corners of an image in the world, the outer ones of its voxels.
  private func corners(_ volume: Volume<Float>) -> [Double] {
    (0..<8).flatMap { corner in
      let ends = volume.extent.sizes.map { axis, size in
        corner >> (axis == .x ? 0 : axis == .y ? 1 : 2) & 1 == 0 ? -0.5 : Double(size) - 0.5
      }
      return volume.metadata.affine.world(x: ends.x, y: ends.y, z: ends.z).all
    }
  }

  @Test("a local network that halves or doubles gives what it gives of the whole scan, in the same place")
  func local() async throws {
    for var random in SplitMix64.cases(16, from: 90) {
      let half = Extent.random(in: 2...5, using: &random)
      let extent = Extent(half.sizes.map { 2 * $1 })
      let scan = try StandIn.scan(extent, affine: NaiveInference.affine("LSP"), using: &random)
      let patch = Extent(Extent.random(in: 1...3, using: &random).sizes.map { 2 * min($1, half[$0]) })
      var settings = InferenceSettings.patches(patch)
      // Starts at even voxels, so that no block is cut.
      settings.overlap = patch.sizes.map { .voxels(2 * Int.random(in: 0..<$1 / 2, using: &random)) }
      settings.orientation = Orientation(NaiveInference.orientations.randomElement(using: &random) ?? "RAS")
      for network in [Self.pooled, Self.repeated] {
        let result = try await predict(scan, settings, network)
        let expected = whole(scan, network)
        #expect([result.extent.depth, result.extent.height, result.extent.width] == expected.spatial)
        #expect(largestDifference(result.voxels, expected.values) <= 1e-5, "\(random)")
        let distance = zip(corners(result), corners(scan)).map { abs($0 - $1) }.max() ?? .nan
        #expect(distance < 1e-9, "\(random)")
      }
    }
  }

  @Test("starts between the blocks are rounded down, though some become the same")
  func unaligned() async throws {
    var random = SplitMix64(seed: 91)
    let scan = try StandIn.scan(Extent(width: 13, height: 4, depth: 4), using: &random)
    var settings = InferenceSettings.patches(Extent(width: 8, height: 4, depth: 4), overlap: .voxels(0))
    settings.overlap = PerAxis(x: .voxels(4), y: .voxels(0), z: .voxels(0))
    settings.blend = .average
    let plan = try await PatchPipeline(model: StandIn.model(Self.pooled), settings: settings).plan([
      VolumeInMemory(scan)
    ])
    #expect(plan.grid.axes.x.starts == [0, 4, 5] && plan.outputGrid.axes.x.starts == [0, 2, 2])
    #expect(plan.outputExtent == Extent(width: 6, height: 2, depth: 2))
    let result = try await predict(scan, settings, Self.pooled)
    // The second and the third patch lie over each other, though they have seen other voxels.
    func part(_ start: Int) throws -> [Float] {
      let region = Region(x: start..<start + 8, y: 0..<4, z: 0..<4)
      let reader = VolumeInMemory(scan)
      return whole(try reader.read(region), Self.pooled).values
    }
    let (first, second, third) = (try part(0), try part(4), try part(5))
    let expected = result.extent.positions.map { at -> Float in
      func value(_ values: [Float], _ start: Int) -> Float? {
        (0..<4).contains(at.x - start) ? values[(at.z * 2 + at.y) * 4 + at.x - start] : nil
      }
      let values = [value(first, 0), value(second, 2), value(third, 2)].compactMap(\.self)
      return values.reduce(0, +) / Float(values.count)
    }
    #expect(largestDifference(result.voxels, expected) <= 1e-5)
  }

  @Test("a padded patch that lies behind the smaller image changes nothing")
  func behind() async throws {
    var random = SplitMix64(seed: 92)
    let scan = try StandIn.scan(Extent(width: 9, height: 4, depth: 4), using: &random)
    var settings = InferenceSettings.patches(Extent(4), overlap: .voxels(0))
    settings.edge = PerAxis(.pad(.end))
    let result = try await predict(scan, settings, Self.pooled)
    #expect(result.extent == Extent(width: 4, height: 2, depth: 2))
    #expect(largestDifference(result.voxels, whole(scan, Self.pooled).values) <= 1e-5)
  }

  @Test("an odd voxel is dropped at the end that the model sees last")
  func odd() async throws {
    var random = SplitMix64(seed: 93)
    let scan = try StandIn.scan(
      Extent(width: 7, height: 4, depth: 5), affine: NaiveInference.affine("RAS"), using: &random)
    var settings = InferenceSettings.patches(Extent(width: 4, height: 4, depth: 2), overlap: .voxels(0))
    settings.overlap = PerAxis(x: .voxels(2), y: .voxels(0), z: .voxels(0))
    settings.edge = PerAxis(.pad(.end))
    settings.orientation = Orientation("LAI")
    let result = try await predict(scan, settings, Self.pooled)
    #expect(result.extent == Extent(width: 3, height: 2, depth: 2))
    // Without its first column and its first slice the scan is even.
    let even = try VolumeInMemory(scan).read(Region(x: 1..<7, y: 0..<4, z: 1..<5), as: Float.self)
    #expect(largestDifference(result.voxels, whole(even, Self.pooled).values) <= 1e-5)
    let distance = zip(corners(result), corners(even)).map { abs($0 - $1) }.max() ?? .nan
    #expect(distance < 1e-9)
  }

  @Test("a box is widened to whole voxels of the output, wherever it lies")
  func boxes() async throws {
    let extent = Extent(width: 7, height: 6, depth: 5)
    for voxel in extent.positions {
      var scan = Volume<Float>(extent: extent)
      scan[x: voxel.x, y: voxel.y, z: voxel.z] = 8
      var settings = InferenceSettings.patches(Extent(2), overlap: .voxels(0))
      settings.foreground = .positive
      // The last patch of an odd box would be shifted to a start between two blocks.
      settings.edge = PerAxis(.pad(.end))
      settings.orientation = Orientation(["RAS", "LPI"][voxel.x & 1])
      let result = try await predict(scan, settings, Self.pooled)
      let isFlipped = voxel.x & 1 == 1
      let even = Region(x: isFlipped ? 1..<7 : 0..<6, y: 0..<6, z: isFlipped ? 1..<5 : 0..<4)
      let expected = whole(try VolumeInMemory(scan).read(even, as: Float.self), Self.pooled).values
      // Background of a single class is -100.
      let isRight = zip(result.voxels, expected).allSatisfy { $0 == $1 || $0 == -100 && $1 == 0 }
      #expect(isRight, "\(voxel)")
      let twice = try await predict(scan, settings, Self.repeated)
      let isRightTwice = zip(twice.voxels, whole(scan, Self.repeated).values).allSatisfy {
        $0 == $1 || $0 == -100 && $1 == 0
      }
      #expect(isRightTwice && twice.voxels.contains(8), "\(voxel)")
    }
  }

  @Test("a smaller last patch has no place in a smaller output")
  func partial() async throws {
    var settings = InferenceSettings.patches(Extent(4), overlap: .voxels(0))
    settings.edge = PerAxis(.partial)
    let error = try await OnnxTestModels.error {
      try await predict(Volume<Float>(extent: Extent(6)), settings, Self.pooled)
    }
    #expect(error.code == .invalidGrid && error.message.contains("2 voxels for 4"))
  }

  @Test("windows of other systems are stretched to the nearest voxel")
  func windows() throws {
    let scale = OutputScale(
      output: PerAxis(x: 2, y: 6, z: 1), input: PerAxis(x: 4, y: 3, z: 1), isFlipped: PerAxis(false))
    let product = PatchWeights.product(PerAxis(x: [[1, 2, 3, 4]], y: [[5, 6, 7]], z: [[1]]))
    #expect(
      scale.scaled(product, patch: Extent(width: 4, height: 3))
        == .product(PerAxis(x: [[2, 4]], y: [[5, 5, 6, 6, 7, 7]], z: [[1]])))
    let dense = PatchWeights.dense((0..<12).map(Float.init))
    #expect(
      scale.scaled(dense, patch: Extent(width: 4, height: 3))
        == .dense([1, 3, 1, 3, 5, 7, 5, 7, 9, 11, 9, 11]))
    #expect(scale.scaled(-3, axis: .x) == -2 && scale.scaled(-4, axis: .x) == -2)
  }
}
