import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Patch file names")
struct PatchFileNameTests {
  private func names(_ grid: PatchGrid) -> [String] {
    grid.map { PatchFileName.name(of: $0, in: grid, fileExtension: "nii.gz") }
  }

  /// The origin that a name says, 0 for an axis that it does not have.
  private func origin(_ name: String) throws -> Position {
    let pattern = /patch_\d+_x(-?\d+)_y(-?\d+)(?:_z(-?\d+))?\.nii\.gz/
    let match = try #require(name.wholeMatch(of: pattern), "\(name)")
    let z = match.3.flatMap { Int($0) }
    return Position(x: try #require(Int(match.1)), y: try #require(Int(match.2)), z: z ?? 0)
  }

  private func expectOrdered(_ grid: PatchGrid) throws {
    let names = names(grid)
    #expect(names.sorted() == names, "\(grid.settings)")
    #expect(Set(names).count == grid.count, "\(grid.settings)")
    for (name, patch) in zip(names, grid) {
      #expect(try origin(name) == patch.region.origin, "\(name)")
    }
  }

  @Test("sorting the names gives the patch order, and each says its origin")
  func order() throws {
    for edge in EdgePolicy.allCases {
      for order in PatchOrder.allCases {
        for extent in [Extent(width: 25, height: 8, depth: 14), Extent(width: 1203, height: 9)] {
          let patch = Extent(width: 9, height: 4, depth: extent.isPlanar ? 1 : 6)
          try expectOrdered(
            PatchGrid(over: extent, patch: patch, overlap: .voxels(0), edge: edge, order: order))
        }
      }
    }
  }

  @Test("more than ten thousand patches still sort", arguments: PatchOrder.allCases)
  func many(order: PatchOrder) throws {
    let grid = try PatchGrid(over: Extent(22), patch: Extent(1), overlap: .voxels(0), order: order)
    #expect(grid.count == 10_648)
    try expectOrdered(grid)
  }

  @Test("patch file names do not change")
  func examples() throws {
    let planar = try PatchGrid(
      over: Extent(width: 100, height: 60), patch: Extent(width: 64, height: 64), overlap: .voxels(16),
      edge: .pad(.both))
    #expect(
      names(planar) == ["patch_0000_x-006_y-002.nii.gz", "patch_0001_x042_y-002.nii.gz"])
    let deep = try PatchGrid(
      over: Extent(width: 2000, height: 1, depth: 2), patch: Extent(width: 1000, height: 1, depth: 1),
      overlap: .voxels(0))
    #expect(names(deep).last == "patch_0003_x1000_y000_z001.nii.gz")
  }

  @Test("a 2D image padded into depth has a z in its names")
  func paddedDepth() throws {
    let grid = try PatchGrid(
      over: Extent(width: 4, height: 4), patch: Extent(4), overlap: .voxels(0), edge: .pad(.both))
    #expect(names(grid) == ["patch_0000_x000_y000_z-001.nii.gz"])
  }
}
