extension Volume {
  /// Throws unless all values of a box of a patch are numbers of instances.
  ///
  /// - Parameters:
  ///   - patch: the patch, for messages.
  ///   - region: the box, counted from the first voxel of the volume.
  /// - Throws: ``VoxtileError/Code-swift.struct/shapeMismatch`` where there are several channels,
  ///   ``VoxtileError/Code-swift.struct/typeMismatch`` for a value that is negative, no whole number, or above 2^53.
  /// - Complexity: O(voxels of the box); O(1) for types that hold nothing else.
  package func checkInstances(of patch: Patch, in region: Region) throws(VoxtileError) {
    guard channels == 1 else {
      throw VoxtileError(
        .shapeMismatch,
        "patch \(patch.index) has \(channels) channels, but instances are numbered in one; give one channel of it",
        context: .init(expected: "1", found: "\(channels)"))
    }
    if [.uint8, .uint16, .uint32].contains(Scalar.scalarType) { return }
    for z in region.z {
      for y in region.y {
        let start = (z * extent.height + y) * extent.width + region.x.lowerBound
        let row = voxels.span.extracting(start..<start + region.x.count)
        guard let fault = firstWithoutInstance(row) else { continue }
        throw VoxtileError(
          .typeMismatch,
          "patch \(patch.index) holds \(row[fault]), which is no instance; "
            + "instances are whole numbers from 1 to 2^53, and 0 is background",
          context: .init(expected: "whole numbers of at least 0", found: "\(row[fault])"))
      }
    }
  }
}
