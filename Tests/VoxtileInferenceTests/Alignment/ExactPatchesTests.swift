import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

/// The cheapest patches with which aligned grids equal the whole scan.
@Suite("ExactPatches") struct ExactPatchesTests {
  /// The voxels that an aligned grid predicts, as the pipeline lays it; `nil` where it cannot be laid.
  private func predicted(_ patch: Extent, over extent: Extent, _ search: ExactPatches) throws -> Int? {
    var settings = InferenceSettings.patches(patch, overlap: .voxels(0))
    settings.alignment = search.alignment
    settings.useOnlyVoxels(beyond: search.reach.radius)
    let pipeline = PatchPipeline(model: StandIn.identity, settings: settings)
    let shortened = pipeline.shortened(patch, over: extent)
    guard
      let axes = try? pipeline.alignedAxes(
        over: extent, patch: shortened, overlap: settings.overlap ?? PerAxis(.voxels(0)), by: search.alignment
      )
    else { return nil }
    return axes.all.reduce(1) { $0 * $1.count * $1.patch }
  }

  @Test("the first one predicts as few voxels as the best of all patches that can be laid")
  func cheapest() throws {
    for var random in SplitMix64.cases(40, from: 2_100) {
      func size(_ range: ClosedRange<Int>) -> PerAxis<Int> {
        PerAxis(0).map { _, _ in Int.random(in: range, using: &random) }
      }
      let scans = (0..<Int.random(in: 1...2, using: &random)).map { _ in Extent(size(1...40)) }
      let search = ExactPatches(scans: scans, reach: NetworkReach(stride: size(1...4), radius: size(0...6)))
      let units = search.alignment
      func lengths(_ axis: Axis) -> [Int] {
        Array(stride(from: units[axis], through: 40 + units[axis], by: units[axis]))
      }
      var least: Int?
      for x in lengths(.x) {
        for y in lengths(.y) {
          for z in lengths(.z) {
            let all = try scans.compactMap {
              try predicted(Extent(width: x, height: y, depth: z), over: $0, search)
            }
            let sum = all.reduce(0, +)
            if all.count == scans.count, sum < least ?? .max { least = sum }
          }
        }
      }
      let ranked = search.ranked()
      let costs = try ranked.map { patch in
        try scans.reduce(0) { try $0 + #require(try predicted(patch, over: $1, search)) }
      }
      #expect(costs.first == least, "\(search)")
      #expect(costs == costs.sorted())
    }
  }

  @Test("a brain of 181x217x181 voxels with a stride of 8 and a radius of 45")
  func brain() {
    let reach = NetworkReach(stride: PerAxis(8), radius: PerAxis(45))
    let ranked = ExactPatches(scans: [Extent(width: 181, height: 217, depth: 181)], reach: reach).ranked()
    #expect(ranked.first == Extent(width: 184, height: 224, depth: 184))
    // (224 + 90) / 2 is 157, so 160; (184 + 90) / 2 is 137, so 144.
    let halves = ranked.first { $0.width < 184 && $0.height < 224 }
    #expect(halves == Extent(width: 144, height: 160, depth: 184))
  }

  @Test("a patch that is fixed is the only one, where it can be aligned and is longer than twice the radius")
  func fixed() {
    let reach = NetworkReach(stride: PerAxis(8), radius: PerAxis(10))
    var search = ExactPatches(scans: [Extent(100)], reach: reach)
    search.fixed = PerAxis(32)
    #expect(search.ranked() == [Extent(32)])
    search.fixed = PerAxis(24)
    #expect(search.ranked().isEmpty)
    search.fixed = PerAxis(36)
    #expect(search.ranked().isEmpty)
  }

  @Test("sizes are multiples of what a network asks for, and slices stay single")
  func multiples() {
    let reach = NetworkReach(stride: PerAxis(x: 4, y: 4, z: 1), radius: PerAxis(x: 3, y: 3, z: 0))
    var search = ExactPatches(scans: [Extent(width: 100, height: 90, depth: 30)], reach: reach)
    search.multiple = PerAxis(x: 6, y: 6, z: 6)
    search.isPlanar = true
    #expect(search.alignment == PerAxis(x: 12, y: 12, z: 1))
    #expect(search.ranked().first == Extent(width: 108, height: 96, depth: 1))
    #expect(search.ranked().allSatisfy { $0.depth == 1 && $0.width % 12 == 0 && $0.height % 12 == 0 })
  }
}
