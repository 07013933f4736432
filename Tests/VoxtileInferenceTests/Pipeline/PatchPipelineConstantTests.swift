import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileInference

/// A network that gives the same everywhere leaves no trace of the patches.
@Suite("PatchPipeline: constants") struct PatchPipelineConstantTests {
  private let classes: [Float] = [-1.25, 3, 0.7]

  /// The largest difference of merged values from the classes over the voxels that patches hold.
  private func seam(_ settings: InferenceSettings, over scan: Volume<Float>, rank: Int = 3) async throws
    -> Float
  {
    let pipeline = PatchPipeline(model: StandIn.constant(classes, rank: rank), settings: settings)
    let merged = try await pipeline.values(.logits, of: scan).voxels
    let plan = try await pipeline.plan([VolumeInMemory(scan)])
    let counts = naiveCoverage(extent: scan.extent, regions: plan.grid.map(\.region))
    let count = scan.extent.voxelCount
    let expected = merged.indices.map { index in
      counts[index % count] > 0 ? classes[index / count] : index / count == 0 ? 0 : -100
    }
    return largestDifference(merged, expected)
  }

  @Test("a constant image stays constant under every blend and edge policy", arguments: StandIn.blends)
  func blends(blend: Blend) async throws {
    for edge in EdgePolicy.allCases {
      for var random in SplitMix64.cases(6, from: 40) {
        let patch = Extent.random(in: 1...6, using: &random)
        let scan = try StandIn.scan(.random(in: 2...11, using: &random), using: &random)
        var settings = InferenceSettings.patches(patch)
        settings.overlap = patch.sizes.map { .voxels(Int.random(in: 0..<$1, using: &random)) }
        settings.edge = PerAxis(edge)
        settings.blend = blend
        if edge != .partial {
          settings.orientation = Orientation(
            NaiveInference.orientations.randomElement(using: &random) ?? "RAS")
        }
        settings.axes = Bool.random(using: &random) ? .xyz : .zyx
        settings.batch = Int.random(in: 1...3, using: &random)
        #expect(try await seam(settings, over: scan) <= 3e-6, "\(edge) \(random)")
      }
    }
  }

  @Test(
    "every mode of compatibility but that of half precision leaves a constant constant",
    arguments: Compatibility.allCases.filter { $0 != .nnUNetHalf })
  func modes(mode: Compatibility) async throws {
    for var random in SplitMix64.cases(12, from: 80) {
      let patch = Extent.random(in: 2...6, using: &random)
      let extent = Extent.random(in: 6...11, using: &random)
      var settings = InferenceSettings.patches(patch)
      settings.overlap = patch.sizes.map {
        .voxels(2 * Int.random(in: 0...($1 - 1) / 2, using: &random))
      }
      settings.compatibility = mode
      settings.orientation = Orientation(NaiveInference.orientations.randomElement(using: &random) ?? "RAS")
      settings.axes = Bool.random(using: &random) ? .xyz : .zyx
      let scan = try StandIn.scan(extent, channels: 2, using: &random)
      #expect(try await seam(settings, over: scan) <= 3e-6, "\(random)")
    }
  }

  @Test("mirroring, slices and overlaps of all but a voxel leave a constant constant")
  func others() async throws {
    var random = SplitMix64(seed: 7)
    let scan = try StandIn.scan(Extent(width: 9, height: 7, depth: 5), using: &random)
    var settings = InferenceSettings.patches(Extent(5), overlap: .voxels(4))
    #expect(try await seam(settings, over: scan) <= 3e-6)
    settings.mirrors = [.x, .y, .z]
    #expect(try await seam(settings, over: scan) <= 3e-6)
    settings.mirrors = [.x, .y]
    #expect(try await seam(settings, over: scan, rank: 2) <= 3e-6)
    settings.skipBelow = -100
    #expect(try await seam(settings, over: scan, rank: 2) <= 3e-6)
  }

  @Test("voxels that no patch holds are background, not what a network would say of nothing")
  func uncovered() async throws {
    var random = SplitMix64(seed: 8)
    let scan = try StandIn.scan(Extent(width: 7, height: 4, depth: 4), using: &random)
    var settings = InferenceSettings.patches(Extent(4), overlap: .voxels(0))
    settings.edge = PerAxis(.discard)
    let held = scan.extent.positions.map { $0.x < 4 }
    func labels(_ classes: [Float]) async throws -> [Int32] {
      try await PatchPipeline(model: StandIn.constant(classes), settings: settings).labels(of: scan).voxels
    }
    func probabilities(_ classes: [Float]) async throws -> [Float] {
      try await PatchPipeline(model: StandIn.constant(classes), settings: settings).values(of: scan).voxels
    }
    let sigmoid = try await labels([2]) == held.map { $0 ? 1 : 0 }
    #expect(sigmoid, "a sigmoid of nothing is a half")
    let softmax = try await labels([-1, 2, 1]) == held.map { $0 ? 1 : 0 }
    #expect(softmax)
    let empty = try await probabilities([-1, 2, 1]).enumerated().allSatisfy { index, value in
      held[index % held.count] || value == (index < held.count ? 1 : 0)
    }
    #expect(empty, "certain background")
    let none = try await probabilities([2]).enumerated().allSatisfy { held[$0] ? $1 > 0.8 : $1 == 0 }
    #expect(none)
  }
}
