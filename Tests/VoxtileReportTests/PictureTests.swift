import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("Pictures")
struct PictureTests {
  @Test("the only numbers of a large picture have levels, wherever they lie")
  func sparseNumbers() {
    var picture = [Double](repeating: .nan, count: 1_000_000)
    picture[400_001] = 5
    picture[999_998] = -3
    let levels = PictureLevels(of: picture)
    #expect(levels.values == [-3, 5] && levels.isExact && levels.window == -3...5)
    #expect(levels.bytes(of: [5, .nan, -3]) == [2, 0, 1])
  }

  @Test("each voxel of an image goes to one voxel of its picture, and each of those has one")
  func axis() {
    for length in 1...40 {
      for count in 1...length {
        let axis = PictureAxis(count: count, length: length)
        var next = 0
        for index in 0..<count {
          let sources = axis.sources(of: index)
          #expect(sources.lowerBound == next && !sources.isEmpty, "\(length) to \(count)")
          #expect(sources.allSatisfy { axis.target(of: $0) == index }, "\(length) to \(count)")
          #expect(sources.contains(axis.center(of: index)))
          next = sources.upperBound
        }
        #expect(next == length)
      }
    }
  }

  @Test("a picture has at most the voxels allowed, and makes fine axes coarser first")
  func size() {
    let scan = Extent(width: 512, height: 512, depth: 40)
    let thick = PerAxis(x: 0.7, y: 0.7, z: 5.0)
    let size = PictureSize.fitting(scan, spacing: thick, voxels: 2_000_000)
    #expect(size.depth == 40 && size.width == size.height && size.voxelCount <= 2_000_000)
    #expect(size.voxelCount > 1_900_000)
    #expect(PictureSize.fitting(scan, spacing: thick, voxels: 1 << 30) == scan)
    #expect(PictureSize.fitting(scan, spacing: PerAxis(.nan), voxels: 1) == Extent(1))
    #expect(PictureSize.fitting(scan, spacing: PerAxis(1e308), voxels: 1000).voxelCount <= 1000)
    #expect(
      PictureSize.fitting(scan, spacing: PerAxis(.leastNonzeroMagnitude), voxels: 1000).voxelCount <= 1000)
    let long = Extent(width: 1 << 30, height: 1 << 30, depth: 1)
    #expect(PictureSize.fitting(long, spacing: PerAxis(1), voxels: 1000).voxelCount <= 1000)
  }

  @Test("means, middles and largest values are those of a search over all voxels")
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
    // Boxes that overlap, in any order: a mean counts them twice, like patches, but these are the whole image.
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

  @Test("few different values are kept exactly, and NaN is byte 0")
  func exactLevels() {
    let picture = [3, .nan, -1, 7, 3, .infinity, -1]
    let levels = PictureLevels(of: picture)
    #expect(levels.values == [-1, 3, 7])
    #expect(levels.bytes(of: picture) == [2, 0, 1, 3, 2, 0, 1])
    #expect(PictureLevels(of: [.nan, .nan]).values.isEmpty)
    #expect(PictureLevels(of: [.nan]).bytes(of: [.nan]) == [0])
    #expect(PictureLevels(of: [5, 5]).window == 5...5)
  }

  @Test("a narrow range with most of the values has most of the levels, and the ends are kept")
  func levels() {
    var random = SplitMix64(seed: 3)
    // A CT: soft tissue in 100 of 5,000 units, and metal far away.
    let picture =
      (0..<20_000).map { _ in Double.random(in: 0...100, using: &random) }
      + (0..<2000).map { _ in Double.random(in: -1000...3000, using: &random) } + [50_000]
    let levels = PictureLevels(of: picture)
    #expect(levels.values.count <= 255 && levels.values == levels.values.sorted())
    #expect(levels.values.count { (0...100).contains($0) } > 80)
    #expect(levels.values.last == 50_000)
    let bytes = levels.bytes(of: picture)
    for (value, byte) in zip(picture, bytes) {
      let nearest = levels.values.map { abs($0 - value) }.min() ?? 0
      #expect(abs(levels.values[Int(byte) - 1] - value) <= nearest + 1e-9)
    }
  }

  @Test("labels beyond 254 become the nearest of the most frequent ones")
  func manyLabels() {
    let picture = (0..<300).flatMap { [Double](repeating: Double($0), count: $0 == 299 ? 1 : 3) }
    let levels = PictureLevels(labels: picture)
    #expect(levels.values.count == 254 && !levels.values.contains(299))
    #expect(levels.bytes(of: [299]) == [254])
  }

  @Test("labels are counted as long as values can be labels")
  func labelCount() {
    var count = LabelCount()
    count.add([1, 1, 1, 2, 2, 1][...])
    #expect(count.voxels == [1: 4, 2: 2])
    count.add([0.5][...])
    #expect(count.voxels == nil)
    var many = LabelCount()
    many.add((0..<10_000).map(Double.init)[...])
    #expect(many.voxels == nil)
  }
}
