import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("FaceJumps")
struct FaceJumpsTests {
  private let extent = Extent(width: 13, height: 11, depth: 7)

  private func volume(seed: UInt64 = 4) throws -> Volume<Double> {
    var random = SplitMix64(seed: seed)
    var voxels = (0..<extent.voxelCount).map { _ in Double.random(in: 0...9, using: &random) }
    voxels[100] = .nan
    return try Volume(extent: extent, voxels: voxels)
  }

  /// The mean jump to the coordinate of an axis, in the part of the plane that a patch covers.
  private func naive(_ volume: Volume<Double>, _ axis: Axis, _ positions: [Int], _ region: Region) -> Double {
    let jumps = volume.extent.positions.filter { p in
      positions.contains(p[axis]) && p[axis] > 0
        && Axis.allCases.allSatisfy { $0 == axis || region[$0].contains(p[$0]) }
    }.map { p in
      let before = Position(
        x: p.x - (axis == .x ? 1 : 0), y: p.y - (axis == .y ? 1 : 0), z: p.z - (axis == .z ? 1 : 0))
      return abs(volume[x: p.x, y: p.y, z: p.z] - volume[x: before.x, y: before.y, z: before.z])
    }.filter(\.isFinite)
    return jumps.isEmpty ? 0 : jumps.reduce(0, +) / Double(jumps.count)
  }

  @Test(
    "the jumps at each side of each patch equal a brute-force search, whatever boxes the image arrives in",
    arguments: [EdgePolicy.shift, .pad(.both), .discard, .partial], [(11, 7), (3, 1), (11, 2)])
  func jumps(edge: EdgePolicy, box: (rows: Int, slices: Int)) throws {
    let volume = try volume()
    let grid = try PatchGrid(
      over: extent, patch: Extent(width: 5, height: 4, depth: 3), overlap: .voxels(2), edge: edge)
    var faces = try #require(FaceJumps(over: grid))
    for z in stride(from: 0, to: 7, by: box.slices) {
      for y in stride(from: 0, to: 11, by: box.rows) {
        let region = Region(x: 0..<13, y: y..<min(11, y + box.rows), z: z..<min(7, z + box.slices))
        faces.add(volume[region].voxels, at: region)
      }
    }
    for patch in grid {
      for axis in Axis.allCases {
        for position in SeamScore.cuts(of: grid.axes[axis]) {
          let found = try #require(faces.jumps(across: axis, at: position, of: patch.region))
          let across = naive(volume, axis, [position], patch.region)
          let beside = naive(volume, axis, [position - 1, position + 1], patch.region)
          #expect(abs(found.across - across) < 1e-9 && abs(found.beside - beside) < 1e-9)
        }
        #expect(faces.jumps(across: axis, at: 0, of: patch.region) == nil)
      }
    }
  }

  @Test("the one wrong patch has the highest score", arguments: [0, 7, 13, 26])
  func wrongPatch(index: Int) throws {
    let extent = Extent(24)
    let grid = try PatchGrid(over: extent, patch: Extent(8), overlap: .voxels(0))
    let wrong = grid[index].region
    var random = SplitMix64(seed: 5)
    func faces(_ offset: Double) throws -> FaceJumps {
      var faces = try #require(FaceJumps(over: grid))
      let voxels = extent.positions.map { p in
        Double.random(in: 0...9, using: &random) + (wrong.contains(p) ? offset : 0)
      }
      faces.add(voxels, at: Region(extent))
      return faces
    }
    let seams = try #require(PatchSeams(grid: grid, merged: try faces(40), original: try faces(0)))
    #expect(seams.worst[0].index == index && seams.worst[0].score > 3)
    #expect(seams.worst[1].score < 1.5 && abs(seams.median - 1) < 0.2 && seams.scored == 27)
    // What the original has, too, is no fault of the merge.
    let same = try faces(40)
    let equal = try #require(PatchSeams(grid: grid, merged: same, original: same))
    #expect(equal.worst[0].score <= 1)
  }

  @Test("an image without jumps has no visible patches, and a single patch is not scored")
  func even() throws {
    let grid = try PatchGrid(over: Extent(16), patch: Extent(8), overlap: .voxels(2))
    var faces = try #require(FaceJumps(over: grid))
    faces.add([Double](repeating: 3, count: 4096), at: Region(Extent(16)))
    let seams = try #require(PatchSeams(grid: grid, merged: faces, original: nil))
    #expect(seams.worst.count == 20 && seams.worst.allSatisfy { $0.score == 1 })
    let single = try PatchGrid(over: Extent(8), patch: Extent(8), overlap: .voxels(0))
    var none = try #require(FaceJumps(over: single))
    none.add([Double](repeating: 3, count: 512), at: Region(Extent(8)))
    #expect(PatchSeams(grid: single, merged: none, original: nil) == nil)
  }
}
