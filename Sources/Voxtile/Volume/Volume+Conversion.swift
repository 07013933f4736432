extension Volume {
  /// Creates a volume of this scalar type from one of another: `slope * value + intercept`, rounded
  /// to nearest (ties to even) and saturated where this type is an integer; NaN becomes 0 there.
  ///
  /// Whole numbers stay exact between integer types; with a scaling, those beyond 2^53 keep their leading
  /// 53 bits.
  ///
  /// - Complexity: O(values) on all cores; a volume that already is what is asked for is not copied.
  public init<Source: VoxelScalar>(
    converting source: Volume<Source>, slope: Double = 1, intercept: Double = 0, jobs: Jobs = .all
  ) {
    if slope == 1, intercept == 0, let same = source as? Volume<Scalar> ?? source.otherSign() {
      self = same
      return
    }
    let count = source.voxels.count
    var voxels = [Scalar](unsetCount: count)
    // Small enough for a nearby cache, large enough that deciding the type costs nothing.
    let chunk = 8192
    if count > 0 {
      voxels.withUnsafeMutableBufferPointer { buffer in
        let output = DisjointOutput(buffer)
        jobs.forEachApart((count + chunk - 1) / chunk) { index in
          let range = index * chunk..<min(count, (index + 1) * chunk)
          var doubles = [Double](repeating: 0, count: range.count)
          var span = doubles.mutableSpan
          readDoubles(
            from: source.voxels.span.extracting(range), into: &span)
          output.withPart(range) { target in
            writeDoubles(doubles.span, slope: slope, intercept: intercept, into: &target)
          }
        }
      }
    }
    self.init(
      checked: source.extent, channels: source.channels, voxels: voxels, metadata: source.metadata)
  }

  /// The values as 64-bit integers of the other signedness, the only integers that `Double` does not hold;
  /// `nil` where this is another conversion.
  private func otherSign<Target>() -> Volume<Target>? {
    if Target.scalarType == .uint64, let signed = self as? Volume<Int64> {
      return signed.mapped { UInt64(clamping: $0) } as? Volume<Target>
    }
    if Target.scalarType == .int64, let unsigned = self as? Volume<UInt64> {
      return unsigned.mapped { Int64(clamping: $0) } as? Volume<Target>
    }
    return nil
  }

  private func mapped<Target>(_ transform: (Scalar) -> Target) -> Volume<Target> {
    Volume<Target>(
      checked: extent, channels: channels, voxels: voxels.map(transform), metadata: metadata)
  }
}
