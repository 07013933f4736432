import Voxtile

/// The values of one patch and where they belong: what the naive merges take.
///
/// The region is the whole buffer, padding included; the merges leave out what lies outside the
/// image by themselves.
public struct NaivePatch<Value> {
  /// The box that the values fill; it may reach outside the image.
  public let region: Region
  /// The values, in the order `(channels, depth, height, width)` of the region.
  public let values: [Value]

  /// Creates a patch.
  public init(region: Region, values: [Value]) {
    self.region = region
    self.values = values
  }

  /// The value over a voxel of the image, or `nil` where the patch does not hold the voxel.
  func value(over voxel: Position, channel: Int = 0) -> Value? {
    guard region.contains(voxel) else { return nil }
    let (at, size) = (voxel - region.origin, region.extent)
    return values[((channel * size.depth + at.z) * size.height + at.y) * size.width + at.x]
  }
}

extension NaivePatch: Sendable where Value: Sendable {}
