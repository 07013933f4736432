import Testing
import Voxtile
import VoxtileFormats
import VoxtileStore

@Suite("GridFit")
struct GridFitTests {
  /// The best grid, by trying all patches and all overlaps and comparing as the documentation says.
  private func bruteForce(_ fit: GridFit, memory: @escaping GridFit.Memory) throws -> GridFit.Proposal? {
    struct Found {
      var key: [Double]
      var patch: Extent
      var overlap: PerAxis<Int>
    }
    var best: Found?
    let lengths = fit.edge.map { axis, edge in
      let extents = fit.scans.map { $0.extent[axis] }
      if let patch = fit.patch, fit.keepsPatch { return [patch[axis]] }
      if extents.allSatisfy({ $0 == 1 }) { return [1] }
      return (1...2 * (extents.max() ?? 1)).filter { length in
        guard length % fit.multiple[axis] == 0 else { return false }
        if case .pad = edge { return length - fit.multiple[axis] < extents.max() ?? 0 }
        return extents.allSatisfy { length <= $0 }
      }
    }
    for x in lengths.x {
      for y in lengths.y {
        for z in lengths.z {
          let patch = Extent(width: x, height: y, depth: z)
          let preferred = try fit.overlap.map { axis, overlap in
            patch[axis] == 1 ? 0 : try overlap.voxels(patch: patch[axis], axis: axis)
          }
          let overlaps = preferred.map { axis, own in fit.keepsOverlap ? own...own : 0...patch[axis] - 1 }
          for a in overlaps.x {
            for b in overlaps.y {
              for c in overlaps.z {
                let overlap = PerAxis(x: a, y: b, z: c)
                let settings = GridSettings(
                  patch: patch, overlap: overlap.map { .voxels($1) }, edge: fit.edge, padding: fit.padding,
                  order: fit.order)
                var (lost, voxels, fits) = (0, 0, true)
                for (index, scan) in fit.scans.enumerated() {
                  guard let grid = try? PatchGrid(over: scan.extent, settings: settings),
                    try Self.fits(grid, index, memory)
                  else {
                    fits = false
                    break
                  }
                  lost = max(lost, grid.coverage.lostVoxels)
                  voxels = max(voxels, grid.coverage.patchVoxels)
                }
                guard fits else { continue }
                var key = [Double(lost)]
                if let asked = fit.patch {
                  key.append(Double(abs(x - asked.width) + abs(y - asked.height) + abs(z - asked.depth)))
                } else {
                  let mean = { (axis: Axis) in
                    fit.scans.reduce(0) { $0 + $1.spacing[axis] } / Double(fit.scans.count)
                  }
                  key += [Double(x) * mean(.x), Double(y) * mean(.y), Double(z) * mean(.z)].sorted().map {
                    -$0
                  }
                }
                key.append(
                  Double(abs(a - preferred.x) + abs(b - preferred.y) + abs(c - preferred.z)))
                key += [Double(voxels), -Double(patch.voxelCount), -Double(x), -Double(y), -Double(z)]
                key += [Double(a), Double(b), Double(c)]
                if best.map({ key.lexicographicallyPrecedes($0.key) }) ?? true {
                  best = Found(key: key, patch: patch, overlap: overlap)
                }
              }
            }
          }
        }
      }
    }
    return try best.flatMap { found in
      var kept = fit
      (kept.patch, kept.keepsPatch, kept.keepsOverlap) = (found.patch, true, true)
      kept.overlap = found.overlap.map { .voxels($1) }
      return try kept.proposals(count: 1, memory: memory).first
    }
  }

  /// Whether a job fits the memory: where it does not, there is no number, or an error that says what would do.
  private static func fits(_ grid: PatchGrid, _ scan: Int, _ memory: GridFit.Memory) throws -> Bool {
    do {
      return try memory(grid, scan) != nil
    } catch let error as VoxtileError where error.code == .memoryTooLow {
      return false
    }
  }

  private func info(_ extent: Extent) -> VolumeInfo {
    VolumeInfo(extent: extent, channels: 1, scalarType: .uint8, metadata: VolumeMetadata())
  }

  private func compare(_ fit: GridFit, memory: @escaping GridFit.Memory) throws {
    let found = try? fit.proposals(memory: memory).first
    let expected = try bruteForce(fit, memory: memory)
    #expect(found?.patch == expected?.patch && found?.overlap == expected?.overlap)
    #expect(found?.patches == expected?.patches && found?.lostVoxels == expected?.lostVoxels)
    #expect(found?.peakBytes == expected?.peakBytes && found?.redundancy == expected?.redundancy)
  }

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

  @Test("what is kept is kept, and the rest is the best of what remains", arguments: edges)
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
      (42 << 10, .discard), (43_300, .discard), (64 << 10, .discard), (43_700, .shift), (64 << 10, .shift),
      (64 << 10, .balance),
    ]
    #if DEBUG
      return cases
    #else
      return cases + [(43_300, .shift), (43_300, .balance)]
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
    #expect((best.patch == Extent(96)) == (kibibytes > 43_600))
    #expect(try !isBeaten(best, by: fit, memory: memory))
    // And it is the search that finds what is better: a worse proposal is beaten.
    for worse in try fit.proposals(memory: memory).dropFirst() {
      #expect(try isBeaten(worse, by: fit, memory: memory))
    }
  }

  @Test("of patches that are as near, the one with the nearer overlap is first")
  func equalPatches() throws {
    let extent = Extent(width: 181, height: 217, depth: 181)
    var fit = GridFit(scans: [.init(extent: extent)], overlap: PerAxis(.fraction(0.25)))
    (fit.patch, fit.edge) = (Extent(96), PerAxis(.discard))
    let best = try fit.proposals(
      memory: GridFit.cropAndMerge([info(extent)], limits: JobLimits(jobs: .one, memory: 42 << 20)))[0]
    // 96x96x64 would be as near, but loses nothing only with an overlap of 85 along y.
    #expect(best.patch == Extent(width: 96, height: 64, depth: 96))
    #expect(best.overlap == PerAxis(x: 11, y: 13, z: 11) && best.patches == 16)
  }

  @Test("sizes out of all proportion are answered at once")
  func hugeSizes() throws {
    let extent = Extent(width: 181, height: 217, depth: 181)
    var fit = GridFit(scans: [.init(extent: extent)], overlap: PerAxis(.fraction(0.25)))
    fit.patch = Extent(AxisTiling.longest)
    #expect(
      try fit.proposals { grid, _ in grid.count }[0].patch == Extent(width: 176, height: 208, depth: 176))
    (fit.edge, fit.multiple) = (PerAxis(.pad(.end)), PerAxis(1_000_000_000))
    #expect { _ = try fit.proposals { _, _ in nil } } throws: { "\($0)".contains("fits the memory") }
    fit.multiple = PerAxis(10_000)
    #expect(try fit.proposals { grid, _ in grid.count }[0].patch == Extent(10_000))
    (fit.patch, fit.keepsPatch) = (Extent(AxisTiling.longest), true)
    #expect(throws: VoxtileError.self) { _ = try fit.proposals { _, _ in 1 } }
    var thin = GridFit(
      scans: [.init(extent: Extent(width: 100_000, height: 3, depth: 3))], overlap: PerAxis(.fraction(0.25)))
    (thin.patch, thin.multiple) = (Extent(width: 50_000, height: 3, depth: 3), PerAxis(x: 16, y: 1, z: 1))
    let best = try thin.proposals { grid, _ in grid.patch.width <= 1600 ? 1 : nil }[0]
    #expect(best.patch == Extent(width: 1600, height: 3, depth: 3))
  }

  private static func boxes(_ axes: PerAxis<[Int]>) -> [PerAxis<Int>] {
    axes.x.flatMap { x in axes.y.flatMap { y in axes.z.map { z in PerAxis(x: x, y: y, z: z) } } }
  }

  @Test("where patches of 96 do not fit, the brain gets what a search over all multiples of 16 finds")
  func brainInLittleMemory() throws {
    let extent = Extent(width: 181, height: 217, depth: 181)
    var fit = GridFit(scans: [.init(extent: extent)], overlap: PerAxis(.fraction(0.25)))
    (fit.patch, fit.keepsOverlap) = (Extent(96), true)
    let memory = GridFit.cropAndMerge([info(extent)], limits: JobLimits(jobs: Jobs(2), memory: 42 << 20))
    #expect(try fit.proposals(memory: memory).first?.patch != Extent(96))
    try compare(fit, memory: memory)
    fit.patch = nil
    try compare(fit, memory: memory)
  }

  @Test("the ones that follow are other choices, in the order of the ranking")
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

  @Test(
    "where nothing fits, it is said what would be enough, of crop and merge over all scans",
    arguments: [
      [Extent(60)], [Extent(width: 300, height: 300, depth: 8)],
      [Extent(60), Extent(width: 300, height: 300, depth: 8), Extent(20)],
    ])
  func enough(extents: [Extent]) throws {
    for edge in [EdgePolicy.shift, .discard] {
      var fit = GridFit(scans: extents.map { .init(extent: $0) }, overlap: PerAxis(.fraction(0.25)))
      (fit.edge, fit.multiple) = (PerAxis(edge), PerAxis(4))
      func best(_ limit: Int) throws -> GridFit.Proposal? {
        try fit.proposals(
          count: 1,
          memory: GridFit.cropAndMerge(extents.map(info), limits: JobLimits(jobs: Jobs(3), memory: limit))
        ).first
      }
      var found: VoxtileError?
      do { _ = try best(1 << 20) } catch { found = error as? VoxtileError }
      let enough = try #require(found?.context.neededBytes)
      #expect(found?.message.contains("fits the memory, \(enough >> 20 + 1) MiB would be enough") == true)
      #expect(try best(enough).map { $0.peakBytes <= enough } == true)
      // Of one scan it is the least.
      if extents.count == 1 { #expect(throws: VoxtileError.self) { _ = try best(enough - 1) } }
    }
  }

  @Test("of several scans the mean spacing says what is even in mm")
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

  @Test("what cannot be is said")
  func errors() throws {
    var fit = GridFit(scans: [.init(extent: Extent(10))], overlap: PerAxis(.fraction(0.25)))
    #expect { _ = try fit.proposals { _, _ in 1 } } throws: {
      ($0 as? VoxtileError)?.code == .invalidGrid
        && "\($0)".contains("no multiple of 16 fits the width of 10")
    }
    fit.multiple = PerAxis(2)
    #expect { _ = try fit.proposals { _, _ in nil } } throws: {
      ($0 as? VoxtileError)?.code == .invalidOption && "\($0)".contains("fits the memory")
    }
    (fit.patch, fit.keepsPatch) = (Extent(12), true)
    #expect { _ = try fit.proposals { _, _ in 1 } } throws: {
      "\($0)".contains("patch width 12 exceeds image width 10")
    }
    (fit.patch, fit.keepsPatch, fit.keepsOverlap, fit.overlap) = (nil, false, true, PerAxis(.voxels(11)))
    #expect { _ = try fit.proposals { _, _ in 1 } } throws: {
      "\($0)".contains("no patch that is possible is longer than 10")
    }
    fit = GridFit(scans: [.init(extent: Extent(600))], overlap: PerAxis(.fraction(0.25)))
    fit.multiple = PerAxis(1)
    #expect { _ = try fit.proposals { _, _ in 1 } } throws: { "\($0)".contains("too many grids") }
  }
}
