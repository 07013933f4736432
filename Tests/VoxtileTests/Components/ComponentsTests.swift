import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("Components") struct ComponentsTests {
  @Test("are those of a walk from voxel to voxel", arguments: Connectivity.allCases)
  func reference(connectivity: Connectivity) throws {
    for var random in SplitMix64.cases(200, from: 700) {
      let labels = try LabelCase.random(sides: 1...9, using: &random)
      for joins in [false, true] {
        let values: Set<Int>? = Bool.random(using: &random) ? nil : [2, 3, 0]
        let settings = ComponentSettings(values: values, joinsValues: joins, connectivity: connectivity)
        let expected = naiveComponents(
          labels.voxels.map { Int($0) }, extent: labels.extent, neighbors: connectivity.rawValue, joins: joins
        ) { values?.contains($0) ?? ($0 != 0) }
        let found = try Components(of: VolumeInMemory(labels), settings: settings, keepsMap: true)
        #expect(try found.map(as: Int64.self).voxels.map { Int($0) } == expected, "\(random)")
        #expect(Array(found) == components(numbered: expected, of: labels), "\(random)")
        let streamed = try Components(of: VolumeInMemory(labels), settings: settings)
        #expect(Array(streamed) == Array(found), "\(random)")
      }
    }
  }

  /// What is known of each component, by looking at each voxel.
  private func components(numbered numbers: [Int], of labels: Volume<Int16>) -> [Component] {
    (1...max(1, numbers.max() ?? 0)).compactMap { number in
      let voxels = zip(numbers, labels.extent.positions).filter { $0.0 == number }.map(\.1)
      guard let first = voxels.first else { return nil }
      let boxes = voxels.map { Region(origin: $0, extent: Extent(1)) }
      return Component(
        value: Int(labels[x: first.x, y: first.y, z: first.z]), voxelCount: voxels.count,
        region: boxes.reduce(boxes[0]) { $0.union($1) }, first: first)
    }
  }

  @Test("come in the same way in any slabs, and as values of any type", arguments: ScalarType.allCases)
  func slabs(type: ScalarType) throws {
    func check<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
      for var random in SplitMix64.cases(20, from: 710) {
        let labels = try LabelCase.random(sides: 2...12, using: &random)
        let expected = try Components(of: VolumeInMemory(labels))
        let values = try Volume(
          extent: labels.extent, voxels: labels.voxels.map { Scalar(nearest: $0.double) })
        var finder = ComponentFinder(extent: labels.extent)
        let rows = labels.extent.height * labels.extent.depth
        var row = 0
        while row < rows {
          let next = Int.random(in: row + 1...rows, using: &random)
          let slab = Extent(width: labels.extent.width, height: next - row)
          let part = values.voxels[row * labels.extent.width..<next * labels.extent.width]
          try finder.add(Volume(extent: slab, voxels: Array(part)))
          row = next
        }
        #expect(Array(try finder.finish()) == Array(expected), "\(random)")
      }
    }
    try check(type.type)
  }

  @Test("hold two slices only: many small ones make no more numbers than a slice has")
  func memory() throws {
    let extent = Extent(width: 64, height: 64, depth: 60)
    var finder = ComponentFinder(extent: extent, settings: ComponentSettings(connectivity: .faces))
    var most = 0
    for z in 0..<extent.depth {
      let voxels = (0..<64 * 64).map { UInt8(($0 + $0 / 64 + z) % 2) }
      try finder.add(Volume(extent: Extent(width: 64, height: 64), voxels: voxels))
      most = max(most, finder.openCount)
    }
    let components = try finder.finish()
    #expect(components.count == 64 * 64 * 60 / 2)
    #expect(components.allSatisfy { $0.voxelCount == 1 })
    #expect(most <= 3 * 2048 + 1024)
  }

  @Test("are the same whether their runs are kept or forgotten, where many end and few go on")
  func retired() throws {
    for var random in SplitMix64.cases(12, from: 760) {
      let extent = Extent.random(in: 30...44, using: &random)
      let share = Int.random(in: 3...30, using: &random)
      let voxels = (0..<extent.voxelCount).map { _ in
        Int.random(in: 1...100, using: &random) <= share ? UInt8.random(in: 1...2, using: &random) : 0
      }
      let labels = VolumeInMemory(try Volume(extent: extent, voxels: voxels))
      for connectivity in Connectivity.allCases {
        let settings = ComponentSettings(joinsValues: true, connectivity: connectivity)
        let forgotten = try Components(of: labels, settings: settings)
        let kept = try Components(of: labels, settings: settings, keepsMap: true)
        #expect(Array(forgotten) == Array(kept), "\(random)")
      }
    }
  }

  @Test("a value that is not whole, and a row that is missing, are refused")
  func malformed() throws {
    let half = try Volume(extent: Extent(width: 2, height: 1), voxels: [1, 0.5] as [Float])
    #expect { _ = try Components(of: VolumeInMemory(half)) } throws: { error in
      "\(error)".contains("0.5 is not a label")
    }
    for value in [Double.nan, .infinity, 1e300] {
      let volume = try Volume(extent: Extent(width: 1, height: 1), voxels: [value])
      #expect(throws: VoxtileError.self) { _ = try Components(of: VolumeInMemory(volume)) }
    }
    let finder = ComponentFinder(extent: Extent(3))
    #expect { _ = try finder.finish() } throws: { error in "\(error)".contains("0 rows of labels came") }
    let color = Volume<UInt8>(extent: Extent(2), channels: 3)
    #expect { _ = try Components(of: VolumeInMemory(color)) } throws: { error in "\(error)".contains("not 3")
    }
    let many = try Volume(extent: Extent(width: 600, height: 1), voxels: (0..<600).map { UInt8($0 % 2) })
    let map = try Components(of: VolumeInMemory(many), keepsMap: true)
    #expect(map.count == 300)
    #expect { _ = try map.map(as: UInt8.self) } throws: { error in "\(error)".contains("300 components") }
  }

  @Test("none are found where all is 0")
  func none() throws {
    let empty = try Components(of: VolumeInMemory(Volume<UInt8>(extent: Extent(5))), keepsMap: true)
    #expect(empty.isEmpty)
    #expect(try empty.map(as: UInt8.self) == Volume<UInt8>(extent: Extent(5)))
  }
}

/// Random label maps.
enum LabelCase {
  /// A map of up to four labels, from sparse to full, with runs of all lengths.
  static func random(sides: ClosedRange<Int>, using random: inout SplitMix64) throws -> Volume<Int16> {
    let extent = Extent.random(in: sides, using: &random)
    let share = Int.random(in: 1...9, using: &random)
    let stays = Int.random(in: 0...3, using: &random)
    let labels = Int.random(in: 1...3, using: &random)
    var value: Int16 = 0
    let voxels = (0..<extent.voxelCount).map { _ in
      if Int.random(in: 0...3, using: &random) >= stays {
        value =
          Int.random(in: 1...10, using: &random) <= share
          ? Int16(Int.random(in: 1...labels, using: &random)) : 0
      }
      return value
    }
    return try Volume(extent: extent, voxels: voxels)
  }
}
