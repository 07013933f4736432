extension Volume {
  /// Creates a volume of this scalar type from one of another: `slope * value + intercept`, rounded
  /// to nearest and saturated where this type is an integer.
  ///
  /// - Complexity: O(values); a volume that already has the type is not copied.
  public init<Source: VoxelScalar>(
    converting source: Volume<Source>, slope: Double = 1, intercept: Double = 0
  ) {
    let isScaled = slope != 1 || intercept != 0
    if !isScaled, let same = source as? Volume<Scalar> {
      self = same
      return
    }
    let voxels = [Scalar](unsafeUninitializedCapacity: source.voxels.count) { buffer, count in
      count = source.voxels.count
      for index in 0..<count {
        let value = source.voxels[index]
        // Whole numbers of 64 bits do not go through floating point unless they are scaled.
        buffer[index] =
          isScaled
          ? Scalar(nearest: slope * value.double + intercept)
          : Scalar(exactly: value) ?? Scalar(nearest: value.double)
      }
    }
    self.init(
      checked: source.extent, channels: source.channels, voxels: voxels, metadata: source.metadata)
  }
}

extension VoxelScalar {
  /// The same whole number in another integer type, or `nil` where either is no integer or it does not fit.
  @inline(__always)
  fileprivate init?<Source: VoxelScalar>(exactly source: Source) {
    guard let integer = source as? any BinaryInteger, Self.self is any FixedWidthInteger.Type
    else { return nil }
    self.init(exactly: integer)
  }
}
