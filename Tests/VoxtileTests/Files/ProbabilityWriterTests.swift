import Testing
import Voxtile
import VoxtileTestSupport

@Suite("Probabilities stored as whole numbers") struct ProbabilityWriterTests {
  private static let extent = Extent(width: 7, height: 5, depth: 4)

  @Test(
    "each value is the nearest step of the scaling, in any slabs", arguments: ProbabilityWriter.scalarTypes)
  func nearest(type: ScalarType) throws {
    var random = SplitMix64(seed: 77)
    let count = Self.extent.voxelCount * 2
    var values: [Float] = [0, 1, 0.5, 1 / 255, 0.5 / 255, 1.5 / 255]
    while values.count < count { values.append(.random(in: 0...1, using: &random)) }
    let info = VolumeInfo(extent: Self.extent, channels: 2, scalarType: .float32)
    let stored = ProbabilityWriter.info(info, storedAs: type)
    let slope = try #require(stored.scaling?.slope)
    #expect(stored.scaling?.intercept == 0 && slope == 1 / (type == .uint8 ? 255 : 65535))

    func check<Stored: VoxelScalar & FixedWidthInteger>(_ type: Stored.Type) throws {
      let collector = try VolumeCollector<Stored>(stored)
      let writer = ProbabilityWriter(info, to: collector)
      let slice = Self.extent.width * Self.extent.height
      for slices in [0..<1, 1..<3, 3..<4] {
        var slab: [Float] = []
        for channel in 0..<2 {
          let start = channel * Self.extent.voxelCount
          slab += values[(start + slices.lowerBound * slice)..<(start + slices.upperBound * slice)]
        }
        try slab.withUnsafeBytes { try writer.write($0, slices: slices) }
      }
      try writer.finish()
      let numbers = try collector.volume.voxels
      for (value, number) in zip(values, numbers) {
        let difference = Double(value) - Double(number) * slope
        // In 32-bit floats, values that are nearly a tie may go either way.
        #expect(abs(difference) <= slope * 0.502)
      }
      // Ties go to even: half a step is 0, one and a half are 2.
      #expect(numbers[0] == 0 && Double(numbers[1]) * slope == 1)
      if stored.scalarType == .uint8 { #expect(numbers[3] == 1 && numbers[4] == 0 && numbers[5] == 2) }
      #expect(writer.saturatedValues == 0)
    }
    if type == .uint8 { try check(UInt8.self) } else { try check(UInt16.self) }
  }

  @Test("values that are no probabilities are counted")
  func outside() throws {
    let info = VolumeInfo(extent: Extent(width: 5, height: 1), scalarType: .float32)
    let collector = try VolumeCollector<UInt8>(ProbabilityWriter.info(info, storedAs: .uint8))
    let writer = ProbabilityWriter(info, to: collector)
    try [-0.1, 1.5, .infinity, 0, 1].withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
      let values = bytes.bindMemory(to: Double.self).map { Float($0) }
      try values.withUnsafeBytes { try writer.write($0, slices: 0..<1) }
    }
    #expect(try Array(collector.volume.voxels) == [0, 255, 255, 0, 255] && writer.saturatedValues == 3)
  }
}
