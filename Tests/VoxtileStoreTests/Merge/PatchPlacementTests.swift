import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("What a patch file's position says")
struct PatchPlacementTests: MergeTests {
  /// Writes a patch with permuted and reversed axes, and the affine that says so.
  private func writeTurned(
    _ patch: Patch, from store: PatchStore, to path: String, axes: [Axis], reversed: [Bool]
  ) throws {
    let cut: Volume<Int16> = try ImageFormats.open(store.path(of: patch)).read()
    let sizes = axes.map { cut.extent[$0] }
    let extent = Extent(width: sizes[0], height: sizes[1], depth: sizes[2])
    func place(_ voxel: Position) -> Position {
      var place = Position.zero
      for (number, axis) in axes.enumerated() {
        let coordinate = voxel[Axis.allCases[number]]
        place[axis] = reversed[number] ? cut.extent[axis] - 1 - coordinate : coordinate
      }
      return place
    }
    let voxels = (0..<cut.channels).flatMap { channel in
      extent.positions.map { voxel in
        let source = place(voxel)
        return cut[x: source.x, y: source.y, z: source.z, channel: channel]
      }
    }
    var affine = cut.metadata.affine
    let first = place(.zero)
    let corner = affine.world(x: Double(first.x), y: Double(first.y), z: Double(first.z)).all
    for row in 0..<3 {
      let old = affine.rows[row]
      for (number, axis) in axes.enumerated() {
        affine.rows[row][number] = old[axis == .x ? 0 : axis == .y ? 1 : 2] * (reversed[number] ? -1 : 1)
      }
      affine.rows[row][3] = corner[row]
    }
    let info = VolumeInfo(
      extent: extent, channels: cut.channels, scalarType: .int16, metadata: VolumeMetadata(affine: affine))
    let writer = try ImageFormats.create(path, info: info)
    try writer.write(
      Volume(extent: extent, channels: cut.channels, voxels: voxels), slices: 0..<extent.depth)
    try writer.finish()
  }

  private static let permutations: [[Axis]] = [
    [.x, .y, .z], [.x, .z, .y], [.y, .x, .z], [.y, .z, .x], [.z, .x, .y], [.z, .y, .x],
  ]

  @Test(
    "patches whose axes were permuted and reversed are turned back, whole and in slices",
    arguments: permutations)
  func turned(axes: [Axis]) throws {
    let image = TestImage(Extent(width: 9, height: 7, depth: 5), channels: 2, .int16)
    try withPatches(of: image, "nii", .with(Extent(width: 5, height: 4, depth: 3), 2)) {
      store, folder, other in
      for (number, patch) in store.manifest.grid.enumerated() {
        let reversed = (0..<3).map { (number >> $0) & 1 == 1 }
        try writeTurned(patch, from: store, to: other.path(of: patch), axes: axes, reversed: reversed)
      }
      let report = try other.merge(to: "\(folder)/out.nii")
      #expect(try storedBytes("\(folder)/out.nii") == storedBytes("\(folder)/in.nii"))
      #expect(report.turnedPatches.count > store.manifest.grid.count / 2)
      let grid = store.manifest.grid
      func plan(_ memory: Int) throws -> MemoryPlan<MergeStep> {
        try MemoryPlan.merge(
          grid, patchValueBytes: 8, outputValueBytes: 4, isRandomAccess: true,
          limits: JobLimits(jobs: .one, memory: memory))
      }
      let needed = #expect(throws: VoxtileError.self) { try plan(1) }?.context.neededBytes
      let limits = JobLimits(jobs: .one, memory: needed ?? 1)
      #expect(try plan(needed ?? 1).step == .slices(1))
      try other.merge(to: "\(folder)/slices.nii", options: .init(limits: limits))
      #expect(try storedBytes("\(folder)/slices.nii") == storedBytes("\(folder)/in.nii"))
      #expect(try other.verify().findings.isEmpty)
      for patch in grid {
        let whole = Region(patch.region.extent)
        let read = try other.checked(ImageFormats.open(other.path(of: patch)), as: patch)
        let (own, cut): (Volume<Float>, Volume<Float>) = (
          try read.readReal(whole), try ImageFormats.open(store.path(of: patch)).readReal(whole)
        )
        #expect(own.voxels == cut.voxels, "patch \(patch.index)")
      }
    }
  }

  @Test("a file says nothing, the right place within rounding, or another one")
  func kinds() throws {
    try withPatches(of: TestImage(Extent(9), .int16), "nii", .with(Extent(5), 1)) { store, _, _ in
      let patch = store.manifest.grid[3]
      let cut = store.manifest.expectedInfo(of: patch)
      func placement(_ change: (inout Affine) -> Void) -> PatchPlacement {
        var info = cut
        var affine = info.metadata.affine
        change(&affine)
        info.metadata = VolumeMetadata(affine: affine)
        return PatchPlacement(of: info, as: patch, in: store.manifest)
      }
      func isAsCut(_ placement: PatchPlacement) -> Bool { if case .asCut = placement { true } else { false } }
      func words(_ placement: PatchPlacement) -> String? {
        if case .elsewhere(let words) = placement { words } else { nil }
      }
      #expect(isAsCut(placement { _ in }))
      #expect(isAsCut(placement { $0 = Affine(spacing: PerAxis(1)) }))
      #expect(isAsCut(placement { $0 = Affine(rows: [[-2, 0, 0, 4], [0, -2, 0, 4], [0, 0, 3, -6]]) }))
      #expect(isAsCut(placement { $0.rows[0][3] += 0.05 }))
      #expect(words(placement { $0.rows[0][3] += 20 })?.hasPrefix("says that it starts at") == true)
      #expect(words(placement { $0.rows[2][2] *= 2 })?.hasPrefix("has the axes") == true)
      let other = store.manifest.expectedInfo(of: store.manifest.grid[1]).metadata.affine
      #expect(words(placement { $0 = other })?.contains("where patch 1 lies") == true)
    }
  }
}
