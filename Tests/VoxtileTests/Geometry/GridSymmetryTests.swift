import Testing
import Voxtile
import VoxtileTestSupport

/// Axes are equal: nothing may depend on which one is called x.
@Suite("Symmetries of a grid") struct GridSymmetryTests {
  @Test("2D equals 3D with depth 1: slices of a 3D grid one voxel thick are 2D grids")
  func planar() throws {
    for var random in SplitMix64.cases(60, from: 400) {
      let problem = GridCase.random(sides: 1...12, using: &random)
      var settings = problem.settings
      settings.patch = Extent(width: settings.patch.width, height: settings.patch.height)
      settings.overlap.z = .voxels(0)
      settings.order = .xFastest
      let plane = Extent(width: problem.extent.width, height: problem.extent.height)
      let image = try PatchGrid(over: plane, settings: settings)
      #expect(image.allSatisfy { $0.region.z == 0..<1 && $0.valid.z == 0..<1 }, "\(random)")

      let volume = try PatchGrid(
        over: Extent(width: plane.width, height: plane.height, depth: 3), settings: settings)
      #expect(volume.count == 3 * image.count, "\(random)")
      for patch in volume {
        let flat = image[patch.index % image.count]
        let slice = patch.index / image.count
        #expect(patch.region.x == flat.region.x && patch.region.y == flat.region.y, "\(patch), \(random)")
        #expect(patch.region.z == slice..<slice + 1, "\(patch), \(random)")
      }
    }
  }

  @Test("permuting the axes permutes the patches")
  func permutation() throws {
    let permutations: [[Axis]] = [
      [.x, .y, .z], [.x, .z, .y], [.y, .x, .z], [.y, .z, .x], [.z, .x, .y], [.z, .y, .x],
    ]
    for var random in SplitMix64.cases(40, from: 500) {
      let problem = GridCase.random(sides: 1...8, using: &random)
      for axes in permutations {
        let permuted = Set(try problem.permuted(axes).grid.map(\.region))
        let expected = Set(try problem.grid.map { $0.region.permuted(axes) })
        #expect(permuted == expected, "\(axes), \(random)")
      }
    }
  }

  @Test("swapping x with z, and the orders with each other, gives the same sequence")
  func swappedOrders() throws {
    for var random in SplitMix64.cases(60, from: 600) {
      let problem = GridCase.random(sides: 1...8, using: &random)
      var swapped = problem.permuted([.z, .y, .x])
      swapped.settings.order = problem.settings.order == .xFastest ? .zFastest : .xFastest
      let expected = try problem.grid.map { $0.region.permuted([.z, .y, .x]) }
      #expect(try swapped.grid.map(\.region) == expected, "\(random)")
    }
  }
}

extension GridCase {
  /// The same problem with other names for the axes: the new x is the old `axes[0]`.
  fileprivate func permuted(_ axes: [Axis]) -> GridCase {
    func permute<Value>(_ old: PerAxis<Value>) -> PerAxis<Value> {
      PerAxis(x: old[axes[0]], y: old[axes[1]], z: old[axes[2]])
    }
    return GridCase(
      extent: Extent(permute(extent.sizes)),
      settings: GridSettings(
        patch: Extent(permute(settings.patch.sizes)), overlap: permute(settings.overlap),
        edge: permute(settings.edge), padding: settings.padding, order: settings.order))
  }
}

extension Region {
  fileprivate func permuted(_ axes: [Axis]) -> Region {
    Region(x: self[axes[0]], y: self[axes[1]], z: self[axes[2]])
  }
}
