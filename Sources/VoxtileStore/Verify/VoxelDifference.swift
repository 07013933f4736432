import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How the voxels of a patch file differ from those of the image it was cut from.
struct VoxelDifference {
  /// How many values differ.
  private(set) var count = 0
  /// The number of the first value that differs, in the order `(channels, depth, height, width)`.
  private(set) var first = Int.max
  /// What is wrong, in words.
  private(set) var message = ""

  /// The most bytes of the file that are in memory at a time, unless one row has more.
  private static let slabByteCount = 1 << 20

  /// Compares a file with an image, a slab at a time, so that only one of them is in memory whole.
  ///
  /// Bits are compared, because NaN != NaN and -0.0 == 0.0.
  ///
  /// - Parameters:
  ///   - reader: the file.
  ///   - expected: the voxels it should have, of the same extent, channels and scalar type.
  /// - Returns: `nil` where no value differs.
  /// - Throws: what reading throws.
  init?<Scalar>(of reader: any VolumeReader, from expected: Volume<Scalar>) throws {
    let extent = expected.extent
    let size = Scalar.scalarType.byteCount
    var firstFound = ""
    try expected.voxels.withUnsafeBytes { expected in
      try reader.forEachSlab(maximumBytes: Self.slabByteCount) { slab, region in
        // A slab has whole rows or whole slices, so that its values of one channel follow each other in both.
        let values = region.voxelCount
        let start = (region.z.lowerBound * extent.height + region.y.lowerBound) * extent.width
        for channel in 0..<reader.info.channels {
          let offset = channel * extent.voxelCount + start
          let found = UnsafeRawBufferPointer(
            rebasing: slab[channel * values * size..<(channel + 1) * values * size])
          let due = UnsafeRawBufferPointer(rebasing: expected[offset * size..<(offset + values) * size])
          guard let start = found.baseAddress, let dueStart = due.baseAddress,
            memcmp(start, dueStart, found.count) != 0
          else { continue }
          for index in 0..<values where memcmp(start + index * size, dueStart + index * size, size) != 0 {
            count += 1
            guard offset + index < first else { continue }
            first = offset + index
            firstFound = "\(found.loadUnaligned(fromByteOffset: index * size, as: Scalar.self))"
          }
        }
      }
    }
    guard count > 0 else { return nil }
    let (row, x) = first.quotientAndRemainder(dividingBy: extent.width)
    let (slice, y) = row.quotientAndRemainder(dividingBy: extent.height)
    let place = Position(x: x, y: y, z: slice % extent.depth)
    message =
      (count == 1 ? "1 value is" : "\(count) values are")
      + " not the image's; the first, at \(place) of the patch, is \(firstFound) instead of "
      + "\(expected.voxels[first])"
  }
}
