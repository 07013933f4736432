import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("Cleaning labels") struct LabelCleaningTests {
  /// A map after a cleaning, voxel by voxel.
  private func cleaned(
    _ labels: Volume<Int16>, isPlanar: Bool = false, _ change: (inout LabelCleaning) -> Void
  ) throws
    -> [Int]
  {
    var cleaning = LabelCleaning()
    change(&cleaning)
    let rows = try cleaning.applied(to: LabelRows(of: VolumeInMemory(labels)), isPlanar: isPlanar)
    var voxels = [Int](repeating: 0, count: labels.extent.voxelCount)
    var start = 0
    for z in 0..<labels.extent.depth {
      for y in 0..<labels.extent.height {
        var end: UInt32 = 0
        for run in rows.runs(y: y, z: z) {
          #expect(run.lower >= end)
          end = run.upper
          for x in run.x { voxels[start + x] = run.value }
        }
        start += labels.extent.width
      }
    }
    return voxels
  }

  @Test("by hand: a speck, the smaller of two, and a hole with another label in it")
  func byHand() throws {
    let labels = try Volume(
      extent: Extent(width: 9, height: 5),
      voxels: [
        1, 1, 1, 1, 0, 0, 2, 2, 0,
        1, 0, 3, 1, 0, 0, 0, 0, 0,
        1, 0, 0, 1, 0, 0, 0, 0, 2,
        1, 1, 1, 1, 0, 1, 0, 0, 0,
        0, 0, 0, 0, 0, 1, 0, 0, 0,
      ] as [Int16])
    let filled = try cleaned(labels, isPlanar: true) { $0.labelsFilled = .all }
    #expect(Array(filled[9..<27]) == [1, 1, 3, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 2])
    // As one slice of a volume, it touches the border everywhere.
    #expect(try cleaned(labels) { $0.labelsFilled = .all } == labels.voxels.map { Int($0) })
    let largest = try cleaned(labels) { $0.labelsKeptLargest = .some([1]) }
    #expect(largest.count { $0 == 1 } == 12 && largest.count { $0 == 2 } == 3)
    let without = try cleaned(labels) { $0.minimumVoxelCount = 2 }
    #expect(
      without.count { $0 == 3 } == 0 && without.count { $0 == 2 } == 2 && without.count { $0 == 1 } == 14)
    #expect(try cleaned(labels) { _ in } == labels.voxels.map { Int($0) })
  }

  @Test("small and largest components are those of a walk from voxel to voxel")
  func components() throws {
    for var random in SplitMix64.cases(100, from: 1700) {
      let labels = try LabelCase.random(sides: 1...9, using: &random)
      let values = labels.voxels.map { Int($0) }
      let numbers = naiveComponents(values, extent: labels.extent, neighbors: 26, joins: false) { $0 != 0 }
      var sizes = [Int](repeating: 0, count: (numbers.max() ?? 0) + 1)
      for number in numbers { sizes[number] += 1 }
      let least = Int.random(in: 2...20, using: &random)
      #expect(
        try cleaned(labels) { $0.minimumVoxelCount = least }
          == zip(values, numbers).map { sizes[$1] >= least ? $0 : 0 }, "\(random)")
      var best: [Int: Int] = [:]
      for (value, number) in zip(values, numbers) where number > 0 {
        if sizes[number] > best[value].map({ sizes[$0] }) ?? 0 { best[value] = number }
      }
      #expect(
        try cleaned(labels) { $0.labelsKeptLargest = .all }
          == zip(values, numbers).map { best[$0] == $1 ? $0 : 0 }, "\(random)")
    }
  }

  private static let python = OtherProgram.python(with: "scipy.ndimage, numpy")

  @Test("holes are SciPy's, on 200 random masks", .enabled(if: python != nil, "needs a Python with scipy"))
  func holes() throws {
    let script = """
      import sys, json, numpy, scipy.ndimage as ndimage
      folder = sys.argv[1]
      for case, shape in enumerate(json.load(open(f"{folder}/cases.json"))):
          mask = numpy.fromfile(f"{folder}/{case}.mask", numpy.int16).reshape(shape) > 0
          ndimage.binary_fill_holes(mask).astype(numpy.int16).tofile(f"{folder}/{case}.filled")
      """
    try withTemporaryFolder { folder in
      var cases: [(mask: Volume<Int16>, isPlanar: Bool)] = []
      for (index, var random) in SplitMix64.cases(200, from: 1900).enumerated() {
        let isPlanar = index % 3 == 0
        let extent = Extent(
          width: .random(in: 1...12, using: &random), height: .random(in: 1...12, using: &random),
          depth: isPlanar ? 1 : .random(in: 1...9, using: &random))
        let density = Int.random(in: 3...9, using: &random)
        let voxels = (0..<extent.voxelCount).map { _ in
          Int16.random(in: 0...9, using: &random) < density ? Int16(1) : 0
        }
        cases.append((try Volume(extent: extent, voxels: voxels), isPlanar))
        try voxels.withUnsafeBytes { try writeFile(Array($0), to: "\(folder)/\(index).mask") }
      }
      let shapes = cases.map { mask, isPlanar in
        let (width, height, depth) = (mask.extent.width, mask.extent.height, mask.extent.depth)
        return isPlanar ? "[\(height), \(width)]" : "[\(depth), \(height), \(width)]"
      }
      try writeFile(Array("[\(shapes.joined(separator: ","))]".utf8), to: "\(folder)/cases.json")
      _ = try OtherProgram.output(of: #require(Self.python), ["-c", script, folder])
      var filledCount = 0
      for (index, (mask, isPlanar)) in cases.enumerated() {
        let expected = try fileBytes("\(folder)/\(index).filled").withUnsafeBytes { bytes in
          (0..<bytes.count / 2).map { Int(bytes.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self)) }
        }
        let found = try cleaned(mask, isPlanar: isPlanar) { $0.labelsFilled = .all }
        #expect(found == expected, "case \(index)")
        filledCount += found == mask.voxels.map { Int($0) } ? 0 : 1
      }
      #expect(filledCount > 50)
    }
  }
}
