import Voxtile

/// A volume of noise, identical in every run: integers from 0 to 255, or for floating-point types, these divided by 255.
func noise<Scalar: VoxelScalar>(
  over extent: Extent, channels: Int, as type: Scalar.Type
) throws -> Volume<Scalar> {
  var state: UInt64 = 1
  let count = extent.voxelCount * channels
  // A linear congruential generator (Knuth's MMIX). Only its high bits are used, which are random enough.
  var bytes = [UInt8](repeating: 0, count: count)
  for index in 0..<count {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    bytes[index] = UInt8(truncatingIfNeeded: state >> 56)
  }
  let volume = try Volume(extent: extent, channels: channels, voxels: bytes)
  return Volume<Scalar>(converting: volume, slope: Scalar.scalarType.isInteger ? 1 : 1 / 255)
}
