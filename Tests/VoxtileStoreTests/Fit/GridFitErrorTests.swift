import Testing
import Voxtile
import VoxtileFormats
import VoxtileStore

@Suite("GridFit where little or nothing fits")
struct GridFitErrorTests: GridFitComparison {
  @Test("a search over huge sizes ends at once")
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
    let longest = GridFit(
      scans: [.init(extent: Extent(AxisTiling.longest))], overlap: PerAxis(.fraction(0.25)))
    #expect { _ = try longest.proposals { _, _ in 1 } } throws: { "\($0)".contains("too many grids") }
  }

  @Test(
    "where nothing fits, the error says how much memory crop and merge of all scans need",
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

  @Test("a search without a solution names the reason")
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
