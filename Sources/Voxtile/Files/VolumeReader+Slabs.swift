extension VolumeInfo {
  /// Boxes that cover the image, in the order in which voxels lie in a file: as many whole slices as fit into a number of
  /// bytes, or rows of one slice where a slice does not fit.
  ///
  /// - Parameters:
  ///   - maximumBytes: the most bytes of one box, all channels; a box has at least one row.
  ///   - valueByteCount: the size of a value in memory; `nil` for that of a stored value.
  ///   - splitsSlices: whether a slice that does not fit may be taken in rows.
  package func slabs(
    maximumBytes: Int, valueByteCount: Int? = nil, splitsSlices: Bool = true
  ) -> [Region] {
    let rowBytes = max(1, extent.width * channels * (valueByteCount ?? scalarType.byteCount))
    let rows = splitsSlices ? min(extent.height, max(1, maximumBytes / rowBytes)) : extent.height
    let slices = rows < extent.height ? 1 : max(1, maximumBytes / max(1, rowBytes * extent.height))
    return stride(from: 0, to: extent.depth, by: slices).flatMap { z in
      stride(from: 0, to: extent.height, by: max(1, rows)).map { y in
        Region(
          x: 0..<extent.width, y: y..<min(y + rows, extent.height), z: z..<min(z + slices, extent.depth))
      }
    }
  }
}

extension VolumeReader {
  /// Reads the whole image once, in boxes that follow each other as voxels do in a file, so that a compressed file costs
  /// one pass and no more than one box is in memory.
  ///
  /// - Parameters:
  ///   - maximumBytes: the most bytes of one box; where a slice has more, it is read in rows. A box has at least one row.
  ///   - check: called before each box is read; what it throws ends the reading.
  ///   - body: gets the stored values of a box, in the order `(channels, depth, height, width)`. Their memory is used
  ///     again for the next box.
  /// - Throws: what ``read(_:into:)``, `check` and `body` throw.
  public func forEachSlab(
    maximumBytes: Int = 16 << 20, check: () throws -> Void = {},
    _ body: (_ slab: UnsafeRawBufferPointer, _ region: Region) throws -> Void
  ) throws {
    let regions = info.slabs(maximumBytes: maximumBytes)
    guard let first = regions.first else { return }
    // No later box is larger than the first one.
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: info.byteCount(of: first), alignment: 16)
    defer { buffer.deallocate() }
    for region in regions {
      try check()
      let slab = UnsafeMutableRawBufferPointer(rebasing: buffer[..<info.byteCount(of: region)])
      try read(region, into: slab)
      try body(UnsafeRawBufferPointer(slab), region)
    }
  }
}
