import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("Label index") struct LabelIndexTests {
  @Test("labels of more parts than there is memory for are refused")
  func memory() throws {
    let extent = Extent(40)
    let speckled = try Volume<UInt8>(
      extent: extent, voxels: extent.positions.map { $0.x % 2 + $0.y % 2 + $0.z % 2 == 0 ? 1 : 0 })
    var options = LabelIndex.Options()
    options.memory = 4 << 20
    let error = #expect(throws: VoxtileError.self) {
      try LabelIndex(of: VolumeInMemory(speckled), options: options)
    }
    #expect(error?.code == .memoryTooLow && (error?.context.neededBytes ?? 0) > 4 << 20)
    options.memory = 64 << 20
    #expect(try LabelIndex(of: VolumeInMemory(speckled), options: options).components.count == 8000)
  }

  @Test("brick sums bound the count of every box, and are exact for whole bricks")
  func bricks() throws {
    for var random in SplitMix64.cases(3, from: 800) {
      let extent = Extent.random(in: 9...20, using: &random)
      let share = Int.random(in: 1...9, using: &random)
      let isSet = extent.positions.map { _ in Int.random(in: 1...10, using: &random) <= share }
      var sums = BrickSums(extent: extent)
      for (voxel, isSet) in zip(extent.positions, isSet) where isSet {
        sums.add(voxel.x..<voxel.x + 1, y: voxel.y, z: voxel.z)
      }
      sums.finish()
      let table = CountTable(isSet, extent: extent)
      for z in ranges(extent.depth) {
        for y in ranges(extent.height) where (y.lowerBound + z.upperBound) % 5 == 0 {
          for x in ranges(extent.width) where (x.lowerBound + y.upperBound) % 5 == 0 {
            let box = Region(x: x, y: y, z: z)
            let (count, bounds) = (table.count(in: box), sums.bounds(in: box))
            let isWhole = [x, y, z].allSatisfy { $0.lowerBound % 8 == 0 && $0.upperBound % 8 == 0 }
            guard bounds.contains(count), !isWhole || bounds.lowerBound == bounds.upperBound else {
              Issue.record("\(box): \(count) is not in \(bounds), \(random)")
              return
            }
          }
        }
      }
    }
  }

  /// All ranges that are not empty.
  private func ranges(_ length: Int) -> [Range<Int>] {
    (0..<length).flatMap { start in (start + 1...length).map { start..<$0 } }
  }

  @Test("counts voxels of each class, foreground and tissue as looking at each voxel does")
  func counts() throws {
    for var random in SplitMix64.cases(60, from: 810) {
      let labels = try LabelCase.random(sides: 1...20, using: &random)
      let scan = try randomVolume(labels.extent, channels: 2, as: Float.self, using: &random)
      let threshold = scan.voxels.randomElement(using: &random).map(Double.init) ?? 0
      let index = try LabelIndex(
        of: VolumeInMemory(labels), options: .init(tissue: (VolumeInMemory(scan), threshold)))
      #expect(
        index.classes.map(\.value) == [0] + Set(labels.voxels.map { Int($0) }).subtracting([0]).sorted())
      for _ in 0..<30 {
        let region = Region(
          origin: Position(
            x: .random(in: -4...20, using: &random), y: .random(in: -4...20, using: &random),
            z: .random(in: -4...20, using: &random)), extent: .random(in: 1...20, using: &random))
        let inside = labels.extent.positions.filter(region.contains)
        let expected = index.classes.map { label in
          inside.count { Int(labels[x: $0.x, y: $0.y, z: $0.z]) == label.value }
        }
        let tissue = inside.count { Double(scan[x: $0.x, y: $0.y, z: $0.z, channel: 0]) > threshold }
        #expect(index.voxelCounts(in: region) == expected, "\(random) \(region)")
        let foreground = expected.dropFirst().reduce(0, +)
        #expect(index.foregroundCount(in: region) == foreground, "\(random) \(region)")
        for least in [1, foreground, foreground + 1] {
          #expect(index.hasForeground(atLeast: least, in: region) == (foreground >= least))
        }
        #expect(index.tissue?.count(in: region) == tissue, "\(random) \(region)")
        for least in [1, tissue, tissue + 1] {
          #expect(index.tissue?.hasAtLeast(least, in: region) == (tissue >= least))
        }
      }
    }
  }

  @Test("knows the voxels of each class and component, in the whole scan and in a box")
  func voxels() throws {
    for var random in SplitMix64.cases(60, from: 820) {
      let labels = try LabelCase.random(sides: 1...10, using: &random)
      let index = try LabelIndex(of: VolumeInMemory(labels))
      let numbers = naiveComponents(
        labels.voxels.map { Int($0) }, extent: labels.extent, neighbors: 26, joins: false
      ) { $0 != 0 }
      let origin = Position(x: 0, y: labels.extent.height / 3, z: labels.extent.depth / 2)
      let box = Region(
        origin: origin,
        extent: Extent(
          width: max(1, labels.extent.width / 2), height: labels.extent.height - origin.y,
          depth: labels.extent.depth - origin.z))
      func all(_ voxels: VoxelIntervals) -> [Int] { (0..<voxels.count).map { voxels[$0] } }
      let isInside = labels.extent.positions.map(box.contains)
      for (place, label) in index.classes.enumerated() {
        let expected = labels.voxels.indices.filter { Int(labels.voxels[$0]) == label.value }
        #expect(label.voxelCount == expected.count)
        #expect(all(index.voxels(ofClassAt: place)) == expected, "\(random)")
        #expect(all(index.voxels(ofClassAt: place, in: box)) == expected.filter { isInside[$0] }, "\(random)")
      }
      #expect(all(index.foregroundVoxels()) == labels.voxels.indices.filter { labels.voxels[$0] != 0 })
      for component in index.components.indices {
        let expected = numbers.indices.filter { numbers[$0] == component + 1 }
        #expect(all(index.voxels(ofComponent: component)) == expected, "\(random)")
        #expect(
          index.holds(componentAt: component, in: box) == expected.contains { isInside[$0] }, "\(random)")
      }
    }
  }

  @Test("weights are drawn as often as they say, and kept as 16-bit numbers")
  func weights() throws {
    let extent = Extent(width: 5, height: 3, depth: 2)
    let values: [UInt8] = (0..<30).map { $0 % 4 == 0 ? 0 : UInt8($0) }
    let map = try WeightMap(of: VolumeInMemory(try Volume(extent: extent, voxels: values)))
    #expect(map.total == values.reduce(0) { $0 + Int($1) })
    var counts = [Int](repeating: 0, count: 30)
    for place in 0..<map.total {
      let voxel = map[place]
      counts[(voxel.z * 3 + voxel.y) * 5 + voxel.x] += 1
    }
    #expect(counts == values.map { Int($0) })
    let scaled = try WeightMap(
      of: VolumeInMemory(try Volume(extent: extent, voxels: values.map { Float($0) / 290 })))
    #expect(scaled.total == values.reduce(0) { $0 + Int((Double($1) * 65535 / 29).rounded()) })
    for bad in [Float.nan, -1, .infinity] {
      var voxels = [Float](repeating: 1, count: 30)
      voxels[7] = bad
      let volume = try Volume(extent: extent, voxels: voxels)
      #expect(throws: VoxtileError.self) { _ = try WeightMap(of: VolumeInMemory(volume)) }
    }
  }

  @Test("a scan that is given as labels is refused, and so is one of another size")
  func refused() throws {
    let noise = try Volume(extent: Extent(width: 70_000, height: 1), voxels: (0..<70_000).map { Int32($0) })
    #expect { _ = try LabelIndex(of: VolumeInMemory(noise)) } throws: {
      "\($0)".contains("that is no label map")
    }
    let labels = VolumeInMemory(Volume<UInt8>(extent: Extent(4)))
    let scan = VolumeInMemory(Volume<UInt8>(extent: Extent(5)))
    #expect { _ = try LabelIndex(of: labels, options: .init(tissue: (scan, 0))) } throws: {
      "\($0)".contains("the scan is 5x5x5, but the label map is 4x4x4")
    }
  }
}

/// Counts of all boxes from the first voxel on.
private struct CountTable {
  private let extent: Extent
  private var sums: [Int]

  init(_ isSet: [Bool], extent: Extent) {
    self.extent = Extent(width: extent.width + 1, height: extent.height + 1, depth: extent.depth + 1)
    sums = [Int](repeating: 0, count: self.extent.voxelCount)
    for (voxel, isSet) in zip(extent.positions, isSet) {
      var sum = isSet ? 1 : 0
      for corner in 1..<8 {
        let (x, y, z) = (corner & 1, corner >> 1 & 1, corner >> 2)
        sum +=
          ((x + y + z) % 2 == 1 ? 1 : -1) * sums[place(voxel.x + 1 - x, voxel.y + 1 - y, voxel.z + 1 - z)]
      }
      sums[place(voxel.x + 1, voxel.y + 1, voxel.z + 1)] = sum
    }
  }

  func count(in box: Region) -> Int {
    (0..<8).reduce(0) { sum, corner in
      let (x, y, z) = (corner & 1, corner >> 1 & 1, corner >> 2)
      let place = place(
        x == 1 ? box.x.lowerBound : box.x.upperBound, y == 1 ? box.y.lowerBound : box.y.upperBound,
        z == 1 ? box.z.lowerBound : box.z.upperBound)
      return sum + ((x + y + z) % 2 == 0 ? 1 : -1) * sums[place]
    }
  }

  private func place(_ x: Int, _ y: Int, _ z: Int) -> Int { (z * extent.height + y) * extent.width + x }
}
