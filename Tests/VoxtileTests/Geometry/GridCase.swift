import Voxtile
import VoxtileTestSupport

/// A tiling problem in three dimensions.
struct GridCase {
  var extent: Extent
  var settings: GridSettings

  /// The grid under test.
  var grid: PatchGrid {
    get throws { try PatchGrid(over: extent, settings: settings) }
  }

  /// The reference, axis by axis.
  var naiveAxes: PerAxis<NaiveTiling> {
    get throws {
      try settings.overlap.map { axis, overlap in
        let problem = AxisCase(
          length: extent[axis], patch: settings.patch[axis],
          overlap: try overlap.voxels(patch: settings.patch[axis], axis: axis))
        guard let tiling = NaiveTiling(problem, edge: settings.edge[axis]) else {
          throw VoxtileError(.invalidGrid, "the reference has no tiling for \(problem)")
        }
        return tiling
      }
    }
  }

  /// All patches as the reference sees them, x fastest, outside the image included.
  var naiveRegions: [Region] {
    get throws {
      let axes = try naiveAxes
      return axes.z.ranges.flatMap { z in
        axes.y.ranges.flatMap { y in axes.x.ranges.map { x in Region(x: x, y: y, z: z) } }
      }
    }
  }
}

extension GridCase {
  /// A problem with its own policy, patch and overlap for each axis, all random. Where the policy
  /// allows it, the patch may be larger than the image.
  static func random(sides: ClosedRange<Int>, using random: inout SplitMix64) -> GridCase {
    let extent = Extent.random(in: sides, using: &random)
    var edge = PerAxis(EdgePolicy.shift)
    var patch = extent.sizes
    var overlap = PerAxis(Overlap.voxels(0))
    for axis in Axis.allCases {
      edge[axis] = EdgePolicy.allCases[Int.random(in: 0..<6, using: &random)]
      let mayExceed = ![.shift, .discard, .balance].contains(edge[axis])
      let longest = extent[axis] + (mayExceed ? 3 : 0)
      patch[axis] = .random(in: 1...longest, using: &random)
      overlap[axis] = .voxels(.random(in: 0..<patch[axis], using: &random))
    }
    return GridCase(
      extent: extent,
      settings: GridSettings(
        patch: Extent(patch), overlap: overlap, edge: edge, padding: .reflect,
        order: Bool.random(using: &random) ? .xFastest : .zFastest))
  }
}
