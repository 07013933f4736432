import Testing
import Voxtile

@Suite("Volume conversion") struct VolumeConversionTests {
  private func row<T: VoxelScalar>(_ voxels: [T]) throws -> Volume<T> {
    try Volume(extent: Extent(width: voxels.count, height: 1), voxels: voxels)
  }

  @Test("values are rounded to nearest, ties to even, and saturated")
  func rounding() throws {
    let source = try row([-1e10, -128.5, -2.5, -0.4, 0.5, 126.6, 300, .nan, .infinity] as [Float])
    #expect(Volume<Int8>(converting: source).voxels == [-128, -128, -2, 0, 0, 127, 127, 0, 127])
    #expect(Volume<UInt8>(converting: source).voxels == [0, 0, 0, 0, 0, 127, 255, 0, 255])
  }

  @Test("scaling comes before rounding")
  func scaling() throws {
    let source = try row([0, 1, 2, 3] as [UInt8])
    #expect(Volume<Float>(converting: source, slope: 0.5, intercept: -1).voxels == [-1, -0.5, 0, 0.5])
    #expect(Volume<Int16>(converting: source, slope: 0.5).voxels == [0, 0, 1, 2])
    #expect(Volume<UInt8>(converting: source, slope: -100, intercept: 255).voxels == [255, 155, 55, 0])
    #expect(Volume<UInt8>(converting: source, intercept: 10).voxels == [10, 11, 12, 13])
  }

  @Test("whole numbers of 64 bits keep every bit, or saturate")
  func wideIntegers() throws {
    let values: [Int64] = [.min, .min + 1, -1, 0, (1 << 53) + 1, .max - 1, .max]
    let unsigned = Volume<UInt64>(converting: try row(values))
    let last = UInt64(Int64.max)
    let expected: [UInt64] = [0, 0, 0, 0, 0x20_0000_0000_0001, last - 1, last]
    #expect(unsigned.voxels == expected)
    #expect(Volume<Int64>(converting: unsigned).voxels == values.map { max($0, 0) })
    let large = try row([UInt64.max, UInt64.max - 1, 1 << 63])
    #expect(Volume<Int64>(converting: large).voxels == [.max, .max, .max])
    #expect(Volume<Int32>(converting: large).voxels == [.max, .max, .max])
  }

  @Test("every integer type goes through every wider one and back", arguments: ScalarType.allCases)
  func thereAndBack(scalar: ScalarType) throws {
    func check<T: VoxelScalar>(_: T.Type) throws {
      let bytes = try row([UInt8](0...127))
      let there = Volume<T>(converting: bytes)
      #expect(there.voxels == (0...127).map { T(nearest: Double($0)) })
      #expect(Volume<UInt8>(converting: there) == bytes)
    }
    try check(scalar.type)
  }

  @Test("shape and place stay")
  func metadata() throws {
    let metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(x: 1, y: 2, z: 3)))
      .moved(to: Position(x: 4, y: 5, z: 6))
    let source = try Volume(
      extent: Extent(width: 2, height: 1), channels: 3, voxels: [1, 2, 3, 4, 5, 6] as [Int16],
      metadata: metadata)
    let converted = Volume<Double>(converting: source)
    #expect(converted.extent == source.extent && converted.channels == 3)
    #expect(converted.metadata == metadata)
    #expect(converted.voxels == [1, 2, 3, 4, 5, 6])
    #expect(Volume<Int16>(converting: source).metadata == metadata)
  }
}
