extension Volume {
  /// The volume resampled, each channel by itself.
  ///
  /// - Parameters:
  ///   - resampling: how; of an image of this size.
  ///   - type: the scalar type of the result. Whole numbers are rounded and saturated.
  ///   - notFinite: what is done with NaN and infinity where values are interpolated.
  ///   - jobs: how many threads work; the result is the same.
  /// - Returns: a volume of the new size, which lies where its voxels really are.
  /// - Throws: `VoxtileError.Code.invalidOption` where a value is NaN or infinite and that is not allowed.
  /// - Precondition: the resampling is of an image of this size.
  /// - Complexity: O(values) in time.
  public func resampled<Output: VoxelScalar>(
    _ resampling: Resampling, as type: Output.Type = Output.self, notFinite: NotFinitePolicy = .error,
    jobs: Jobs = .all
  ) throws(VoxtileError) -> Volume<Output> {
    precondition(
      resampling.extent == extent, "a resampling of \(resampling.extent) cannot be one of \(extent)")
    var result: [Output] = []
    result.reserveCapacity(channels * resampling.newExtent.voxelCount)
    for channel in 0..<channels {
      let values = Array(voxels[channel * extent.voxelCount..<(channel + 1) * extent.voxelCount])
      var bounds = resampling.emptyBounds
      bounds?.add(values, first: 0, replacement: notFinite.replacement)
      var resampler = PlaneResampler<Scalar>(resampling, bounds: bounds, notFinite: notFinite, jobs: jobs)
      try resampler.push(values)
      while let planes = resampler.pull(upTo: resampling.newExtent.depth, as: type) { result += planes }
    }
    return Volume<Output>(
      checked: resampling.newExtent, channels: channels, voxels: result,
      metadata: metadata.withoutHeader(affine: resampling.newAffine(of: metadata.affine)))
  }
}
