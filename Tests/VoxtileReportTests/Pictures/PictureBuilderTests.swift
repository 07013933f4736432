import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("PictureBuilder")
struct PictureBuilderTests {
  @Test("means, centers and maxima equal a brute-force search over each block")
  func builder() throws {
    var random = SplitMix64(seed: 11)
    let image = Extent(width: 13, height: 9, depth: 7)
    let size = Extent(width: 5, height: 4, depth: 3)
    var values = (0..<image.voxelCount).map { _ in Double.random(in: -50...50, using: &random).rounded() }
    values[17] = .nan
    values[200] = .infinity
    let volume = try Volume(extent: image, voxels: values)
    var mean = PictureBuilder(of: image, size: size)
    var largest = PictureBuilder(of: image, size: size, isLargest: true)
    // Boxes in reverse order. They do not overlap, so every voxel counts once.
    let boxes = try PatchGrid(
      over: image, patch: Extent(width: 4, height: 9, depth: 3), overlap: .voxels(0), edge: .partial)
    for patch in boxes.reversed() {
      mean.add(volume[patch.region].voxels, at: patch.region)
      largest.add(volume[patch.region].voxels.map(abs), at: patch.region)
    }
    let axes = image.sizes.map { axis, length in PictureAxis(count: size[axis], length: length) }
    for (index, place) in size.positions.enumerated() {
      let all = axes.z.sources(of: place.z).flatMap { z in
        axes.y.sources(of: place.y).flatMap { y in
          axes.x.sources(of: place.x).map { x in volume[x: x, y: y, z: z] }
        }
      }.filter(\.isFinite)
      #expect(abs(mean.means[index] - all.reduce(0, +) / Double(all.count)) < 1e-12)
      #expect(largest.means[index] == all.map(abs).max())
      let center = volume[
        x: axes.x.center(of: place.x), y: axes.y.center(of: place.y), z: axes.z.center(of: place.z)]
      #expect(center.isFinite ? mean.labels[index] == center : mean.labels[index].isNaN)
    }
  }
}
