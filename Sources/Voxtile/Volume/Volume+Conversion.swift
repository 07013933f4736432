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
    let voxels: [Scalar]
    if !isScaled, let wide = source as? Volume<Int64> {
      voxels = Self.converted(wide.voxels) { Scalar(wide: $0) }
    } else if !isScaled, let wide = source as? Volume<UInt64> {
      voxels = Self.converted(wide.voxels) { Scalar(wide: $0) }
    } else if isScaled {
      voxels = Self.converted(source.voxels) { Scalar(nearest: slope * $0.double + intercept) }
    } else {
      // Every value of the other types is a `Double`.
      voxels = Self.converted(source.voxels) { Scalar(nearest: $0.double) }
    }
    self.init(
      checked: source.extent, channels: source.channels, voxels: voxels, metadata: source.metadata)
  }

  @inline(__always)
  private static func converted<Source>(_ values: [Source], with convert: (Source) -> Scalar) -> [Scalar] {
    [Scalar](unsafeUninitializedCapacity: values.count) { buffer, count in
      for index in values.indices { buffer[index] = convert(values[index]) }
      count = values.count
    }
  }
}

extension VoxelScalar {
  /// The nearest value to a whole number of 64 bits, which goes through floating point only where it
  /// does not fit.
  @inline(__always)
  fileprivate init(wide value: some VoxelScalar & FixedWidthInteger) {
    self = Self(exactly: value) ?? Self(nearest: value.double)
  }
}
