import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("Seams and differences")
struct SeamScoreTests {
  /// The mean jump to each coordinate, found by looking at all neighbours.
  private func naiveMeans(_ volume: Volume<Double>, _ axis: Axis) -> [Double] {
    (0..<volume.extent[axis]).map { coordinate in
      let jumps = volume.extent.positions.filter { $0[axis] == coordinate && coordinate > 0 }.map { p in
        let before = Position(
          x: p.x - (axis == .x ? 1 : 0), y: p.y - (axis == .y ? 1 : 0), z: p.z - (axis == .z ? 1 : 0))
        return abs(volume[x: p.x, y: p.y, z: p.z] - volume[x: before.x, y: before.y, z: before.z])
      }.filter(\.isFinite)
      return jumps.isEmpty ? 0 : jumps.reduce(0, +) / Double(jumps.count)
    }
  }

  @Test("mean jumps are those of a search over all neighbours, however the image is cut into boxes")
  func jumps() throws {
    var random = SplitMix64(seed: 8)
    let extent = Extent(width: 6, height: 5, depth: 4)
    var voxels = (0..<extent.voxelCount).map { _ in Double.random(in: 0...9, using: &random) }
    voxels[31] = .nan
    let volume = try Volume(extent: extent, voxels: voxels)
    for (rows, slices) in [(5, 4), (5, 1), (2, 1), (5, 3)] {
      var jumps = NeighborJumps(over: extent, isLabelMap: false)
      for z in stride(from: 0, to: 4, by: slices) {
        for y in stride(from: 0, to: 5, by: rows) {
          let region = Region(x: 0..<6, y: y..<min(5, y + rows), z: z..<min(4, z + slices))
          jumps.add(volume[region].voxels, at: region)
        }
      }
      for axis in Axis.allCases {
        let expected = naiveMeans(volume, axis)
        #expect(
          zip(jumps.means[axis], expected).allSatisfy { abs($0 - $1) < 1e-12 }, "\(rows) \(slices) \(axis)")
      }
    }
  }

  @Test("a flat image is scored row by row")
  func flat() throws {
    var random = SplitMix64(seed: 9)
    let extent = Extent(width: 5, height: 7)
    let volume = try Volume(
      extent: extent, voxels: (0..<extent.voxelCount).map { _ in Double.random(in: 0...9, using: &random) })
    var jumps = NeighborJumps(over: extent, isLabelMap: false)
    for y in stride(from: 0, to: 7, by: 3) {
      let region = Region(x: 0..<5, y: y..<min(7, y + 3))
      jumps.add(volume[region].voxels, at: region)
    }
    for axis in Axis.allCases {
      let expected = naiveMeans(volume, axis)
      #expect(zip(jumps.means[axis], expected).allSatisfy { abs($0 - $1) < 1e-12 }, "\(axis)")
    }
  }

  @Test("a plane that alone jumps is the worst, though no ratio says how much")
  func loneJump() throws {
    let grid = try PatchGrid(
      over: Extent(width: 16, height: 4), patch: Extent(width: 8, height: 4), overlap: .voxels(0))
    var merged = NeighborJumps(over: grid.extent, isLabelMap: false)
    merged.add((0..<64).map { $0 % 16 < 8 ? 1.5 : 2.5 }, at: Region(grid.extent))
    let score = SeamScore(grid: grid, merged: merged.means, original: nil)
    #expect(score.worst?.position == 8 && score.worst?.score == nil && score.worst?.across == 1)
  }

  @Test("values that are no number in one image only are counted, and the first one named")
  func incomparable() {
    var difference = VolumeDifference()
    let values: [(Double, Double)] = [
      (1, 1), (.nan, .nan), (0, .nan), (.infinity, 2), (.infinity, .infinity),
    ]
    for (x, (a, b)) in values.enumerated() {
      _ = difference.add(a, b, covers: 1, at: Position(x: x, y: 0, z: 0))
    }
    #expect(difference.differing == 2 && difference.incomparable == 2)
    #expect(difference.position == [2, 0, 0] && difference.largest == 0)
    _ = difference.add(3, 1, covers: 1, at: Position(x: 9, y: 0, z: 0))
    #expect(difference.position == [9, 0, 0] && difference.largest == 2 && difference.incomparable == 2)
  }

  @Test("of labels, a jump is whether neighbours differ")
  func labelJumps() {
    var jumps = NeighborJumps(over: Extent(width: 4, height: 1), isLabelMap: true)
    jumps.add([1, 90, 90, 3], at: Region(x: 0..<4, y: 0..<1))
    #expect(jumps.means.x == [0, 1, 0, 1])
  }

  @Test("a step between patches has the score of its height, and other planes have 1")
  func step() throws {
    // Values rise by 2 a voxel; behind the cut at 8 they are 6 more.
    let grid = try PatchGrid(
      over: Extent(width: 16, height: 4), patch: Extent(width: 8, height: 4), overlap: .voxels(0))
    let rows = (0..<4).flatMap { _ in (0..<16).map { Double(2 * $0 + ($0 >= 8 ? 6 : 0)) } }
    var merged = NeighborJumps(over: grid.extent, isLabelMap: false)
    merged.add(rows, at: Region(grid.extent))
    var original = NeighborJumps(over: grid.extent, isLabelMap: false)
    original.add(rows.indices.map { Double(2 * ($0 % 16)) }, at: Region(grid.extent))
    let score = SeamScore(grid: grid, merged: merged.means, original: original.means)
    #expect(score.planes.map(\.position) == [8] && score.planes.map(\.axis) == [.x])
    #expect(score.planes.first?.across == 8 && score.planes.first?.beside == 2)
    #expect(score.planes.first?.score == 4 && score.planes.first?.originalScore == 1)
    #expect(score.worst?.position == 8)
  }

  @Test("cut planes are where patches begin, end, or come nearest, inside the image")
  func cuts() throws {
    let tiling = try AxisTiling(length: 20, patch: 8, overlap: .voxels(2), edge: .shift, axis: .x)
    #expect(SeamScore.cuts(of: tiling) == [6, 7, 8, 12, 13, 14])
    // Centres 4 and 9, then 9 and 11: half-way is 6.5, and on voxel 10.
    let odd = try AxisTiling(length: 16, patch: 9, overlap: .voxels(4), edge: .shift, axis: .x)
    #expect(odd.starts == [0, 5, 7] && SeamScore.cuts(of: odd) == [5, 7, 9, 10, 11, 14])
    let whole = try AxisTiling(length: 8, patch: 8, overlap: .voxels(2), edge: .shift, axis: .x)
    #expect(SeamScore.cuts(of: whole).isEmpty)
  }

  @Test("merging by the nearest centre has its seams at cut planes")
  func nearestCenter() throws {
    for (length, patch, overlap) in [(40, 16, 6), (37, 9, 4), (50, 13, 5)] {
      let grid = try PatchGrid(
        over: Extent(width: length, height: 1), patch: Extent(width: patch, height: 1),
        overlap: .voxels(overlap))
      let merger = try PatchMerger<Float>(grid: grid, blend: .center)
      for box in grid {
        // Every patch has values of its own, so that each change of patch is a jump.
        let volume = Volume<Float>(extent: box.region.extent, repeating: Float(box.index * box.index))
        try merger.add(volume, at: box)
      }
      let merged = try merger.finish().voxels
      let changes = (1..<length).filter { merged[$0] != merged[$0 - 1] }
      #expect(changes.count == grid.count - 1)
      #expect(Set(changes).isSubset(of: SeamScore.cuts(of: grid.axes.x)), "\(changes)")
    }
  }

  @Test("a jump out of nothing has no score, and no jump has 1")
  func noScore() throws {
    let grid = try PatchGrid(
      over: Extent(width: 8, height: 1), patch: Extent(width: 4, height: 1), overlap: .voxels(0))
    func score(_ row: [Double]) -> Double?? {
      var jumps = NeighborJumps(over: grid.extent, isLabelMap: false)
      jumps.add(row, at: Region(grid.extent))
      return SeamScore(grid: grid, merged: jumps.means, original: nil).planes.first?.score
    }
    #expect(score([1, 1, 1, 1, 1, 1, 1, 1]) == .some(1))
    #expect(score([1, 1, 1, 1, 2, 2, 2, 2]) == .some(nil))
    // Jumps near the largest number; and one out of the smallest.
    let huge = Double.greatestFiniteMagnitude / 2
    #expect(score([0, huge, 0, huge, 0, huge, 0, huge]) == .some(1))
    #expect(score([0, 0, 0, .leastNonzeroMagnitude, huge, huge, huge, huge]) == .some(nil))
  }

  @Test("a difference says how large, where, and in how many patches")
  func difference() throws {
    let grid = try PatchGrid(
      over: Extent(width: 7, height: 1), patch: Extent(width: 4, height: 1), overlap: .voxels(2),
      edge: .discard)
    // Covers: 1 1 2 2 1 1 0.
    let original = try Volume(extent: grid.extent, voxels: [0, 1, 2, 3, .nan, 5, 6] as [Double])
    let merged = try Volume(extent: grid.extent, voxels: [0, 4, 2, -2, .nan, 5, 0] as [Double])
    var difference = VolumeDifference()
    let found = difference.add(merged, original, at: Region(grid.extent), coverage: grid.coverage)
    #expect(Array(found[..<4]) == [0, 3, 0, 5] && found[4].isNaN && found[6] == 6)
    #expect(difference.values == 7 && difference.differing == 3)
    #expect(difference.largest == 6 && difference.position == [6, 0, 0])
    #expect(difference.mean == 2 && difference.differingByCover == [1, 1, 1])
  }
}
