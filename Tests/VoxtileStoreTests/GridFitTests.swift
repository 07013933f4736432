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
                    try memory(grid, index) != nil
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
                key += [-Double(patch.voxelCount), -Double(x), -Double(y), -Double(z)]
                key.append(
                  Double(abs(a - preferred.x) + abs(b - preferred.y) + abs(c - preferred.z)))
                key += [Double(voxels), Double(a), Double(b), Double(c)]
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

  @Test(
    "the brain of the demo, with patches of 96, gets what a search over everything finds",
    arguments: [96, 42])
  func brain(mebibytes: Int) throws {
    let extent = Extent(width: 181, height: 217, depth: 181)
    let limit = mebibytes << 20
    for edge in [EdgePolicy.shift, .discard] {
      var fit = GridFit(scans: [.init(extent: extent)], overlap: PerAxis(.fraction(0.25)))
      (fit.patch, fit.edge, fit.multiple) = (Extent(96), PerAxis(edge), PerAxis(16))
      let memory = GridFit.cropAndMerge([info(extent)], jobs: Jobs(2), limit: limit)
      let best = try #require(try fit.proposals(memory: memory).first)
      #expect(best.peakBytes <= limit && best.lostVoxels == 0)
      #expect((best.patch == Extent(96)) == (mebibytes == 96))
      let isBetter = { (patch: Extent, overlap: PerAxis<Int>) throws -> Bool in
        let grid = try PatchGrid(
          over: extent,
          settings: GridSettings(patch: patch, overlap: overlap.map { .voxels($1) }, edge: fit.edge))
        return try grid.coverage.lostVoxels == 0 && memory(grid, 0) != nil
      }
      // By the ranking, a better grid has a nearer patch, or the same patch and a nearer overlap.
      let distance = { (sizes: PerAxis<Int>, asked: PerAxis<Int>) in
        Axis.allCases.reduce(0) { $0 + abs(sizes[$1] - asked[$1]) }
      }
      let nearer = Self.boxes(best.patch.sizes.map { _, _ in Array(stride(from: 16, through: 176, by: 16)) })
        .filter { distance($0, PerAxis(96)) < distance(best.patch.sizes, PerAxis(96)) }
      for patch in nearer {
        for overlap in Self.boxes(patch.map { Array(stride(from: 0, to: $1, by: 8)) }) {
          #expect(try !isBetter(Extent(patch), overlap), "\(patch) \(overlap)")
        }
      }
      let preferred = best.patch.sizes.map { $1 / 4 }
      let reach = distance(best.overlap, preferred)
      let lossless = best.patch.sizes.map { axis, length in
        (0..<length).filter { edge == .shift || (extent[axis] - length) % (length - $0) == 0 }
      }
      for overlap in Self.boxes(lossless) where distance(overlap, preferred) < reach {
        #expect(try !isBetter(best.patch, overlap), "\(overlap)")
      }
    }
  }

  private static func boxes(_ axes: PerAxis<[Int]>) -> [PerAxis<Int>] {
    axes.x.flatMap { x in axes.y.flatMap { y in axes.z.map { z in PerAxis(x: x, y: y, z: z) } } }
  }

  @Test("where patches of 96 do not fit, the brain gets what a search over all multiples of 16 finds")
  func brainInLittleMemory() throws {
    let extent = Extent(width: 181, height: 217, depth: 181)
    var fit = GridFit(scans: [.init(extent: extent)], overlap: PerAxis(.fraction(0.25)))
    (fit.patch, fit.keepsOverlap) = (Extent(96), true)
    let memory = GridFit.cropAndMerge([info(extent)], jobs: Jobs(2), limit: 42 << 20)
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
    #expect(kept.count == 5 && Set(kept.map(\.overlap)).count == 5)
    #expect(kept.allSatisfy { $0.patch == Extent(32) } && kept[0].overlap == PerAxis(8))
    let distances = kept.map { $0.overlap.all.reduce(0) { $0 + abs($1 - 8) } }
    #expect(distances == distances.sorted())
    #expect(try fit.proposals(count: 1) { grid, _ in grid.count } == [kept[0]])
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
    fit = GridFit(scans: [.init(extent: Extent(600))], overlap: PerAxis(.fraction(0.25)))
    fit.multiple = PerAxis(1)
    #expect { _ = try fit.proposals { _, _ in 1 } } throws: { "\($0)".contains("too many grids") }
  }
}
