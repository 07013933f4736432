import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("NeighborJumps")
struct NeighborJumpsTests {
  /// The mean jump to each coordinate, by brute force over all neighbors.
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

  @Test("mean jumps equal a brute-force search, whatever boxes the image arrives in")
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

  @Test("the jumps of a 2D image equal a brute-force search")
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

  @Test("for labels, a jump is 1 if neighbors differ and 0 if not")
  func labelJumps() {
    var jumps = NeighborJumps(over: Extent(width: 4, height: 1), isLabelMap: true)
    jumps.add([1, 90, 90, 3], at: Region(x: 0..<4, y: 0..<1))
    #expect(jumps.means.x == [0, 1, 0, 1])
  }
}
