import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

/// The model sees the scan as it would be if it were turned first, and the result lies over the scan as it is.
@Suite("ModelFrame") struct ModelFrameTests {
  private static let extent = Extent(width: 5, height: 6, depth: 7)

  /// The largest difference from turning the whole scan first.
  private func error(
    _ settings: InferenceSettings, stored: String, rank: Int, _ random: inout SplitMix64
  ) async throws -> Float {
    let scan = try StandIn.scan(Self.extent, affine: NaiveInference.affine(stored), using: &random)
    let merged = try await PatchPipeline(model: StandIn.placed(rank: rank), settings: settings).values(
      .logits, of: scan)
    let expected = try NaiveInference(
      settings: settings, stored: stored, rank: rank, predict: StandIn.byPlace
    )
    .merged(scan)
    guard merged.extent == scan.extent, merged.metadata == scan.metadata else { return .infinity }
    return largestDifference(merged.voxels, expected)
  }

  @Test(
    "a model sees the array of its orientation, in its order of axes", arguments: NaiveInference.orientations)
  func orientations(wanted: String) async throws {
    var random = SplitMix64(seed: UInt64(NaiveInference.orientations.firstIndex(of: wanted) ?? 0))
    for rank in [2, 3] {
      for axes in AxisOrder.allCases {
        let stored = ["RAS", "LPS", "AIL", "SRP"].randomElement(using: &random) ?? "LPI"
        var settings = InferenceSettings.patches(Extent(width: 4, height: 3, depth: 5), overlap: .voxels(1))
        settings.orientation = Orientation(wanted)
        settings.axes = axes
        let error = try await error(settings, stored: stored, rank: rank, &random)
        #expect(error <= 1e-5, "\(stored) to \(wanted), \(axes), \(rank)D")
      }
    }
  }

  @Test("the whole scan as one patch is the turned array itself")
  func whole() async throws {
    var random = SplitMix64(seed: 32)
    let scan = try StandIn.scan(Self.extent, affine: NaiveInference.affine("LSA"), using: &random)
    // Stored axes run to the left, up and to the front: RAS has x turned around, and y and z changed.
    let seen = StandIn.model { patch in
      #expect(patch.spatial == [5, 7, 6])
      let isTurned = patch.places.enumerated().allSatisfy { index, place in
        patch.values[index] == scan[x: 4 - place[0], y: place[2], z: place[1]]
      }
      #expect(isTurned || patch.values.allSatisfy { $0 == 0 })
      return patch
    }
    var settings = InferenceSettings.patches(Extent(width: 5, height: 7, depth: 6))
    settings.orientation = Orientation("ras")
    settings.axes = .xyz
    let result = try await PatchPipeline(model: seen, settings: settings).values(.logits, of: scan)
    let isSame = result.voxels == scan.voxels
    #expect(isSame)
  }

  @Test("mirroring is the mean over every subset of the axes, along the axes that the model sees")
  func mirrors() async throws {
    for bits in 1..<8 {
      var random = SplitMix64(seed: UInt64(bits))
      var settings = InferenceSettings.patches(Extent(width: 4, height: 3, depth: 5), overlap: .voxels(1))
      settings.mirrors = Set(Axis.allCases.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element))
      settings.orientation = Orientation(NaiveInference.orientations.randomElement(using: &random) ?? "RAS")
      settings.axes = bits.isMultiple(of: 2) ? .xyz : .zyx
      settings.batch = 1 + bits % 3
      #expect(try await error(settings, stored: "LPS", rank: 3, &random) <= 1e-5, "\(settings.mirrors)")
      guard !settings.mirrors.contains(.z) else { continue }
      #expect(try await error(settings, stored: "LPS", rank: 2, &random) <= 1e-5, "\(settings.mirrors)")
    }
  }

  @Test("patches, paddings, policies and windows are along the axes that the model sees")
  func everything() async throws {
    for var random in SplitMix64.cases(16, from: 700) {
      var settings = InferenceSettings.patches(.random(in: 1...8, using: &random))
      settings.orientation = Orientation(NaiveInference.orientations.randomElement(using: &random) ?? "RAS")
      settings.axes = Bool.random(using: &random) ? .xyz : .zyx
      settings.edge = PerAxis(EdgePolicy.shift).map { _, policy in
        [.shift, .balance, .pad(.end), .pad(.both)].randomElement(using: &random) ?? policy
      }
      settings.padding = [.constant(-1), .edge, .reflect, .wrap].randomElement(using: &random) ?? .edge
      settings.blend = [.gaussian, .hann, .center, .last].randomElement(using: &random) ?? .gaussian
      let stored = NaiveInference.orientations.randomElement(using: &random) ?? "RAS"
      #expect(try await error(settings, stored: stored, rank: 3, &random) <= 1e-5, "\(random)")
    }
  }

  @Test("a smaller last patch cannot be turned around, and says so")
  func partial() async throws {
    var random = SplitMix64(seed: 33)
    let scan = try StandIn.scan(Self.extent, using: &random)
    var settings = InferenceSettings.patches(Extent(4), overlap: .voxels(0))
    settings.edge = PerAxis(.partial)
    settings.orientation = Orientation("LAS")
    let error = try await OnnxTestModels.error {
      try await PatchPipeline(model: StandIn.identity, settings: settings).labels(of: scan)
    }
    #expect(error.code == .invalidGrid && error.remedy == .avoidPartialPatchesOrTurning)
    settings.orientation = Orientation("SAR")
    let result = try await PatchPipeline(model: StandIn.identity, settings: settings).values(
      .logits, of: scan)
    #expect(largestDifference(result.voxels, scan.voxels) <= 1e-6)
  }
}
