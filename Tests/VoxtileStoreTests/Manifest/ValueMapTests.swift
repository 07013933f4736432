import Testing
import Voxtile

@testable import VoxtileStore

@Suite("ValueMap")
struct ValueMapTests {
  private func stored<Target: VoxelScalar>(
    _ voxels: [Int16], _ map: ValueMap, channels: Int = 1, sourceScaling: VolumeInfo.Scaling? = nil,
    as type: Target.Type
  ) throws -> [Target] {
    let volume = try Volume(
      extent: Extent(width: voxels.count / channels, height: 1), channels: channels, voxels: voxels)
    let found = map.stored(volume, sourceScaling: sourceScaling)
    return try #require(found as? Volume<Target>).voxels
  }

  @Test("a type alone is rounded and saturated")
  func conversion() throws {
    let map = ValueMap(scalarType: .uint8)
    #expect(try stored([-5, 0, 255, 300], map, as: UInt8.self) == [0, 0, 255, 255])
    #expect(
      try stored([1, 3, 5], map, sourceScaling: .init(slope: 0.5, intercept: 0), as: UInt8.self) == [0, 2, 2])
    #expect(try stored([-5], ValueMap(scalarType: .float32), as: Float.self) == [-5])
  }

  @Test("steps are done one after another, on real values, before they are stored by the scaling")
  func steps() throws {
    let map = ValueMap(
      scalarType: .int16, scaling: .init(slope: 0.25, intercept: 1),
      steps: [[.clip(low: -10, high: 10), .scale(slope: 2, intercept: 1), .clip(low: 0, high: 15)]])
    // 100 -> 10 -> 21 -> 15 -> 56; 3 -> 7 -> 24; -40 -> -10 -> -19 -> 0 -> -4.
    #expect(try stored([100, 3, -40], map, as: Int16.self) == [56, 24, -4])
    #expect(
      try stored([50, 1], map, sourceScaling: .init(slope: 2, intercept: 1), as: Int16.self) == [56, 24])
  }

  @Test("each channel has its steps, or all have the same")
  func channels() throws {
    let each = ValueMap(
      scalarType: .float64, steps: [[.scale(slope: 2, intercept: 0)], [.scale(slope: 1, intercept: 1)]])
    #expect(try stored([1, 2, 3, 4], each, channels: 2, as: Double.self) == [2, 4, 4, 5])
    let all = ValueMap(scalarType: .float64, steps: [[.scale(slope: 2, intercept: 0)]])
    #expect(try stored([1, 2, 3, 4], all, channels: 2, as: Double.self) == [2, 4, 6, 8])
    #expect(each.fault(channels: 2) == nil && each.fault(channels: 3) != nil && all.fault(channels: 3) == nil)
  }
}
