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
      let area = extent.width * extent.height
      func planes(_ range: Range<Int>) -> [Scalar] {
        let start = channel * extent.voxelCount
        return Array(voxels[start + range.lowerBound * area..<start + range.upperBound * area])
      }
      let slabs = stride(from: 0, to: extent.depth, by: 16).map { $0..<min($0 + 16, extent.depth) }
      var bounds = resampling.emptyBounds
      for slab in slabs {
        bounds?.add(planes(slab), first: slab.lowerBound, replacement: notFinite.replacement)
      }
      if let found = bounds?.notFinite, found > 0, notFinite == .error {
        throw NotFinitePolicy.refusal(found)
      }
      var resampler = PlaneResampler<Scalar>(resampling, bounds: bounds, notFinite: notFinite, jobs: jobs)
      for slab in slabs {
        try resampler.push(planes(slab))
        while let planes = resampler.pull(upTo: 16, as: type) { result += planes }
      }
    }
    return Volume<Output>(
      checked: resampling.newExtent, channels: channels, voxels: result,
      metadata: metadata.withoutHeader(affine: resampling.newAffine(of: metadata.affine)))
  }
}
