import Testing
import Voxtile
import VoxtileTestSupport

/// Means by a window, of patches whose overlaps hold one, two, four and eight of them, in every direction, and more at
/// the border.
@Suite("Weighted means") struct WeightedMeanTests {
  private static let types = ScalarType.allCases.filter { $0.byteCount < 8 }

  private func grid(using random: inout SplitMix64) throws -> PatchGrid {
    let extent = Extent(
      width: Int.random(in: 8...29, using: &random), height: Int.random(in: 6...13, using: &random),
      depth: Int.random(in: 1...9, using: &random))
    return try PatchGrid(
      over: extent,
      patch: Extent(width: 8, height: 6, depth: min(4, extent.depth)),
      overlap: .fraction([0, 0.25, 0.5, 0.75].randomElement(using: &random) ?? 0))
  }

  @Test("patches that agree come back bit for bit, whatever the window", arguments: types)
  func agreement(type: ScalarType) throws {
    func check<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
      for var random in SplitMix64.cases(20, from: 11_000) {
        let grid = try grid(using: &random)
        let volume = try randomVolume(grid.extent, channels: 1, as: type, using: &random)
        for (name, _) in naiveProfiles {
          let blend = try #require(allBlends.first { $0.name == name }?.blend)
          let merged: Volume<Scalar> = try merge(grid, blend) { volume[$0] }
          #expect(sameBits(merged, volume), "\(random) \(type) \(name)")
        }
      }
    }
    try check(type.type)
  }

  @Test(
    "integers are rounded from a number at most a twentieth off the exact mean, Float is the nearest one",
    arguments: types)
  func disagreement(type: ScalarType) throws {
    func check<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
      let (least, largest) = (Scalar(nearest: -1e6), Scalar(nearest: 1e6))
      for var random in SplitMix64.cases(20, from: 12_000) {
        let grid = try grid(using: &random)
        let patches = try grid.map { patch in
          let voxels = (0..<patch.region.voxelCount).map { _ in
            Scalar(nearest: .random(in: least.double...largest.double, using: &random))
          }
          return try Volume<Scalar>(extent: patch.region.extent, voxels: voxels)
        }
        let numbers = grid.map {
          NaivePatch(region: $0.region, values: patches[$0.index].voxels.map(\.double))
        }
        for (name, profile) in naiveProfiles {
          let expected = naiveMerge(extent: grid.extent, patches: numbers) { _, length in
            (0..<length).map { profile($0, length) }
          }
          let blend = try #require(allBlends.first { $0.name == name }?.blend)
          let merged: Volume<Scalar> = try merge(grid, blend) { patches[$0.index] }
          let worst = zip(merged.voxels, expected.values).map { abs($0.double - $1) }.max() ?? 0
          #expect(worst <= (Scalar.scalarType.isInteger ? 0.55 : 0.04), "\(random) \(type) \(name)")
        }
      }
    }
    try check(type.type)
  }
}
