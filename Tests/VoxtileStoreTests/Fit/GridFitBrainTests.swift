import Testing
import Voxtile
import VoxtileFormats
import VoxtileStore

@Suite("GridFit over a brain")
struct GridFitBrainTests: GridFitComparison {
  /// Whether a grid that fits is before a proposal that loses nothing, of all patches and all overlaps.
  ///
  /// It differs from the search in what it takes for granted: nothing but that no grid loses less than nothing.
  private func isBeaten(_ best: GridFit.Proposal, by fit: GridFit, memory: GridFit.Memory) throws -> Bool {
    let (extent, asked) = (fit.scans[0].extent, try #require(fit.patch))
    func key(_ patch: PerAxis<Int>, _ overlap: PerAxis<Int>, distance: Int, voxels: Int) -> [Int] {
      [distance, voxels, -patch.all.reduce(1, *)] + patch.all.map { -$0 } + overlap.all
    }
    func away(_ sizes: PerAxis<Int>, from asked: PerAxis<Int>) -> Int {
      Axis.allCases.reduce(0) { $0 + abs(sizes[$1] - asked[$1]) }
    }
    let reach = away(best.patch.sizes, from: asked.sizes)
    let bestDistance = away(best.overlap, from: best.patch.sizes.map { ($1 + 3) / 4 })
    let bestVoxels = Int((best.redundancy * Double(extent.voxelCount)).rounded())
    let bestKey = key(best.patch.sizes, best.overlap, distance: bestDistance, voxels: bestVoxels)
    let lengths = extent.sizes.map { axis, length in
      Array(stride(from: fit.multiple[axis], through: length, by: fit.multiple[axis]))
    }
    for patch in Self.boxes(lengths) where away(patch, from: asked.sizes) <= reach {
      let isNearer = away(patch, from: asked.sizes) < reach
      let lossless = try patch.map { axis, length in
        try (0..<length).compactMap { overlap in
          let tiling = try AxisTiling(
            length: extent[axis], patch: length, overlap: .voxels(overlap), edge: fit.edge[axis], axis: axis)
          return tiling.uncovered.isEmpty
            ? (overlap: overlap, distance: abs(overlap - (length + 3) / 4), voxels: tiling.patchVoxels) : nil
        }
      }
      for x in lossless.x {
        for y in lossless.y {
          for z in lossless.z {
            let distance = x.distance + y.distance + z.distance
            guard isNearer || distance <= bestDistance else { continue }
            let overlap = PerAxis(x: x.overlap, y: y.overlap, z: z.overlap)
            let ownKey = key(patch, overlap, distance: distance, voxels: x.voxels * y.voxels * z.voxels)
            guard isNearer || ownKey.lexicographicallyPrecedes(bestKey) else { continue }
            let grid = try PatchGrid(
              over: extent,
              settings: GridSettings(
                patch: Extent(patch), overlap: overlap.map { .voxels($1) }, edge: fit.edge))
            if try Self.fits(grid, 0, memory) { return true }
          }
        }
      }
    }
    return false
  }

  /// Limits in KiB, and the policy, for which the search over everything is quick enough; that over the overlaps of
  /// patches that do not fit is not in a debug build.
  private static let brainCases: [(kibibytes: Int, edge: EdgePolicy)] = {
    let cases: [(Int, EdgePolicy)] = [
      (46 << 10, .discard), (47_396, .discard), (68 << 10, .discard), (47_796, .shift), (68 << 10, .shift),
      (68 << 10, .balance),
    ]
    #if DEBUG
      return cases
    #else
      return cases + [(47_396, .shift), (47_396, .balance)]
    #endif
  }()

  @Test(
    "the brain of the demo, with patches of 96, gets what a search over all patches and overlaps ranks first",
    arguments: brainCases)
  func brain(kibibytes: Int, edge: EdgePolicy) throws {
    let extent = Extent(width: 181, height: 217, depth: 181)
    let limit = kibibytes << 10
    var fit = GridFit(scans: [.init(extent: extent)], overlap: PerAxis(.fraction(0.25)))
    (fit.patch, fit.edge, fit.multiple) = (Extent(96), PerAxis(edge), PerAxis(16))
    let memory = GridFit.cropAndMerge([info(extent)], limits: JobLimits(jobs: Jobs(2), memory: limit))
    let best = try #require(try fit.proposals(memory: memory).first)
    #expect(best.peakBytes <= limit && best.lostVoxels == 0)
    #expect((best.patch == Extent(96)) == (kibibytes > 47_696))
    #expect(try !isBeaten(best, by: fit, memory: memory))
    // And it is the search that finds what is better: a worse proposal is beaten.
    for worse in try fit.proposals(memory: memory).dropFirst() {
      #expect(try isBeaten(worse, by: fit, memory: memory))
    }
  }

  @Test("of equally near patches, the one with the nearest overlap is first")
  func equalPatches() throws {
    let extent = Extent(width: 181, height: 217, depth: 181)
    var fit = GridFit(scans: [.init(extent: extent)], overlap: PerAxis(.fraction(0.25)))
    (fit.patch, fit.edge) = (Extent(96), PerAxis(.discard))
    let best = try fit.proposals(
      memory: GridFit.cropAndMerge([info(extent)], limits: JobLimits(jobs: .one, memory: 46 << 20)))[0]
    // 96x96x64 would be as near, but loses nothing only with an overlap of 85 along y.
    #expect(best.patch == Extent(width: 96, height: 64, depth: 96))
    #expect(best.overlap == PerAxis(x: 11, y: 13, z: 11) && best.patches == 16)
  }

  private static func boxes(_ axes: PerAxis<[Int]>) -> [PerAxis<Int>] {
    axes.x.flatMap { x in axes.y.flatMap { y in axes.z.map { z in PerAxis(x: x, y: y, z: z) } } }
  }

  @Test("where patches of 96 do not fit, the brain gets what a search over all multiples of 16 finds")
  func brainInLittleMemory() throws {
    let extent = Extent(width: 181, height: 217, depth: 181)
    var fit = GridFit(scans: [.init(extent: extent)], overlap: PerAxis(.fraction(0.25)))
    (fit.patch, fit.keepsOverlap) = (Extent(96), true)
    let memory = GridFit.cropAndMerge([info(extent)], limits: JobLimits(jobs: Jobs(2), memory: 46 << 20))
    #expect(try fit.proposals(memory: memory).first?.patch != Extent(96))
    try compare(fit, memory: memory)
    fit.patch = nil
    try compare(fit, memory: memory)
  }
}
