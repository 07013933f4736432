extension VolumeReader {
  /// Reads a box, or the whole image, as real values: ``VolumeInfo/scaling`` is applied to what is stored.
  ///
  /// Values are rounded to nearest and saturated where the type asked for is an integer. Without a scaling, whole
  /// numbers stay exact.
  ///
  /// - Parameters:
  ///   - region: a box inside the image; `nil` for all of it.
  ///   - type: the scalar type of the result.
  ///   - jobs: how many threads convert.
  /// - Throws: what ``read(_:into:)`` throws.
  /// - Complexity: O(values of the box), which are in memory twice where they have to be converted.
  public func readReal<Scalar: VoxelScalar>(
    _ region: Region? = nil, as type: Scalar.Type = Scalar.self, jobs: Jobs = .all
  ) throws -> Volume<Scalar> {
    func convert<Stored: VoxelScalar>(_ stored: Stored.Type) throws -> Volume<Scalar> {
      Volume(
        converting: try read(region, as: stored), slope: info.scaling?.slope ?? 1,
        intercept: info.scaling?.intercept ?? 0, jobs: jobs)
    }
    return try convert(info.scalarType.type)
  }
}
