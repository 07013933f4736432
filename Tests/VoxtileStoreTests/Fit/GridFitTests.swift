import Testing
import Voxtile
import VoxtileFormats
import VoxtileStore

@Suite("GridFit")
struct GridFitTests: GridFitComparison {
  private static let edges: [EdgePolicy] = [.shift, .discard, .balance, .pad(.end), .partial]

  @Test("the first proposal is the best of all patches and overlaps", arguments: edges)
  func isBest(edge: EdgePolicy) throws {
    // Voxels of one patch, and of all: what large patches and large overlaps need.
    for limit in [40, 100, Int.max] {
      for asked in [nil, Extent(width: 4, height: 5, depth: 3)] {
        for part in [0.25, 0.5] {
          var fit = GridFit(
            scans: [.init(extent: Extent(width: 7, height: 6, depth: 4), spacing: PerAxis(x: 1, y: 1, z: 2))],
            overlap: PerAxis(.fraction(part)))
          (fit.patch, fit.edge, fit.multiple) = (asked, PerAxis(edge), PerAxis(x: 2, y: 1, z: 1))
          try compare(fit) { grid, _ in
            let bytes = grid.patch.voxelCount + 2 * grid.count
            return bytes <= limit ? bytes : nil
          }
        }
      }
    }
  }

  @Test("a fixed patch or overlap is not changed, and the rest is optimal", arguments: edges)
  func keeps(edge: EdgePolicy) throws {
    for (keepsPatch, keepsOverlap) in [(true, false), (false, true), (true, true)] {
      var fit = GridFit(
        scans: [.init(extent: Extent(width: 11, height: 8, depth: 1))], overlap: PerAxis(.fraction(0.3)))
      (fit.patch, fit.edge, fit.multiple) = (
        Extent(width: 4, height: 3), PerAxis(edge), PerAxis(x: 1, y: 1, z: 1)
      )
      (fit.keepsPatch, fit.keepsOverlap) = (keepsPatch, keepsOverlap)
      try compare(fit) { grid, _ in grid.count <= 40 ? grid.count : nil }
    }
  }

  @Test("a proposal holds for all scans, and the worst one counts")
  func severalScans() throws {
    let scans = [Extent(width: 7, height: 5, depth: 3), Extent(width: 5, height: 6, depth: 3)]
    for edge in Self.edges {
      var fit = GridFit(scans: scans.map { .init(extent: $0) }, overlap: PerAxis(.fraction(0.5)))
      (fit.edge, fit.multiple) = (PerAxis(edge), PerAxis(1))
      try compare(fit) { grid, _ in grid.patch.voxelCount <= 90 ? grid.patch.voxelCount : nil }
    }
    let fit = GridFit(scans: scans.map { .init(extent: $0) }, overlap: PerAxis(.voxels(0)))
    var small = fit
    (small.patch, small.multiple, small.keepsOverlap) = (Extent(3), PerAxis(3), true)
    let best = try #require(try small.proposals { grid, _ in grid.count }.first)
    // Along x 3 and 2 patches, along y 2.
    #expect(best.patch == Extent(3) && best.patches == 6)
    #expect(best.peakBytes == 6)
  }

  @Test("later proposals are other choices, in the order of the ranking")
  func others() throws {
    var fit = GridFit(scans: [.init(extent: Extent(64))], overlap: PerAxis(.fraction(0.25)))
    fit.patch = Extent(32)
    let free = try fit.proposals { grid, _ in grid.count }
    #expect(free.count == 5 && Set(free.map(\.patch)).count == 5 && free[0].patch == Extent(32))
    fit.keepsPatch = true
    let kept = try fit.proposals { grid, _ in grid.count }
    #expect(kept[0].reason == "the patch as given, the preferred overlap")
    #expect(kept.count == 5 && Set(kept.map(\.overlap)).count == 5)
    #expect(kept.allSatisfy { $0.patch == Extent(32) } && kept[0].overlap == PerAxis(8))
    let distances = kept.map { $0.overlap.all.reduce(0) { $0 + abs($1 - 8) } }
    #expect(distances == distances.sorted())
    #expect(try fit.proposals(count: 1) { grid, _ in grid.count } == [kept[0]])
  }

  @Test("the mean spacing of several scans decides which patch is even in mm")
  func spacings() throws {
    // On average 1.5 x 1 mm.
    var fit = GridFit(
      scans: [
        .init(extent: Extent(width: 64, height: 64), spacing: PerAxis(x: 1, y: 1, z: 1), count: 3),
        .init(extent: Extent(width: 60, height: 64), spacing: PerAxis(x: 3, y: 1, z: 1), count: 1),
      ], overlap: PerAxis(.fraction(0.25)))
    fit.multiple = PerAxis(x: 8, y: 8, z: 1)
    let room: GridFit.Memory = { grid, _ in grid.patch.voxelCount <= 24 * 32 ? 1 : nil }
    // 36 x 32 mm; 32x24 would be 48 x 24 mm, and 24x32 would be 24 x 32 mm where the voxels were cubes.
    #expect(try fit.proposals(memory: room)[0].patch == Extent(width: 24, height: 32))
    fit.scans[1].spacing.x = 1
    #expect(try fit.proposals(memory: room)[0].patch == Extent(width: 32, height: 24))
  }
}
