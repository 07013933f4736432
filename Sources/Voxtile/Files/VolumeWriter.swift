/// A file being written slab by slab; it appears under its name when it is finished.
///
/// A writer that goes away unfinished leaves no file.
public protocol VolumeWriter: Sendable {
  /// What is being written.
  var info: VolumeInfo { get }

  /// Writes the next slices of all channels.
  ///
  /// - Parameters:
  ///   - slab: the values in the order `(channels, slices, height, width)`, in the machine's byte
  ///     order.
  ///   - slices: which slices they are. Slabs come in ascending order without gaps.
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to write.
  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws

  /// Writes the next rows of all channels of one slice, for a slice that does not fit in memory.
  ///
  /// - Parameters:
  ///   - rows: the values in the order `(channels, rows, width)`, in the machine's byte order.
  ///   - range: which rows they are. Rows of a slice come in ascending order without gaps, and slices one after another.
  ///   - slice: the slice.
  /// - Throws: as ``write(_:slices:)``.
  /// - Precondition: the format of the file writes rows.
  func writeRows(_ rows: UnsafeRawBufferPointer, _ range: Range<Int>, ofSlice slice: Int) throws

  /// Completes the file and gives it its name.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails, `VoxtileError.Code.targetExists`
  ///   where a file of that name has appeared meanwhile.
  /// - Precondition: all slices have been written.
  func finish() throws
}

extension VolumeWriter {
  /// Fails, since most formats write whole slices.
  public func writeRows(_ rows: UnsafeRawBufferPointer, _ range: Range<Int>, ofSlice slice: Int) throws {
    preconditionFailure("the writer of rows \(range) writes whole slices only")
  }

  /// Writes the next box of whole rows: whole slices, or rows of one slice where the format writes rows.
  ///
  /// - Throws: what writing slices or rows throws.
  package func write<Scalar>(_ slab: PlacedVolume<Scalar>) throws {
    if slab.region.y == 0..<info.extent.height { return try write(slab.volume, slices: slab.region.z) }
    try slab.volume.voxels.withUnsafeBytes { bytes in
      try writeRows(bytes, slab.region.y, ofSlice: slab.region.z.lowerBound)
    }
  }

  /// Writes the next slices of all channels from a volume that holds just them.
  ///
  /// - Throws: `VoxtileError.Code.typeMismatch` or `VoxtileError.Code.shapeMismatch` where the volume is not of the
  ///   type or shape that is being written, and what writing bytes throws.
  public func write<Scalar>(_ slab: Volume<Scalar>, slices: Range<Int>) throws {
    guard Scalar.scalarType == info.scalarType else {
      throw VoxtileError(
        .typeMismatch,
        "the file holds \(info.scalarType.rawValue), but the slab \(Scalar.scalarType.rawValue); convert it first",
        context: .init(expected: info.scalarType.rawValue, found: Scalar.scalarType.rawValue))
    }
    let expected = Extent(width: info.extent.width, height: info.extent.height, depth: slices.count)
    guard slab.extent == expected, slab.channels == info.channels else {
      throw VoxtileError(
        .shapeMismatch,
        "slices \(slices) are \(info.channels) x \(expected), but the slab is \(slab.channels) x \(slab.extent)",
        context: .init(expected: "\(expected)", found: "\(slab.extent)"))
    }
    try slab.voxels.withUnsafeBytes { bytes in try write(bytes, slices: slices) }
  }
}

/// How files are written.
public struct WriteOptions: Hashable, Sendable {
  /// Whether an existing file may be replaced.
  public var isReplacing: Bool
  /// How hard a compressed format compresses.
  public var compression: CompressionLevel
  /// How many threads compress one file.
  public var jobs: Int
  /// The size of a chunk in formats that have chunks; `nil` for one that suits most uses.
  public var chunk: Extent?
  /// The version of a format of which several are written, such as 2 of Zarr; `nil` for the usual one.
  public var formatVersion: Int?
  /// Whether values of `float32` are stored as floating-point numbers of 16 bits, each the nearest one, where the format has them; they are
  /// read as `float32` again. A value that they do not hold, such as 70000, is an error.
  public var storesHalf = false
  /// A size of chunks that suits the image, such as the stride of patches, where none is asked for; the format may choose another.
  package var suggestedChunk: Extent?
  /// Whether the writer sums the bytes of its file while it writes them.
  package var isSummed = false
  /// Whether a finished file waits for the disk. Not where it is part of a folder that does so for all its files.
  package var isDurable = true
  /// Whether the image is a part of a larger one, and is to say where in it, as far as the format can.
  package var isPart = false

  /// A trade of time for size, in three steps that every compressed format maps to its own.
  public enum CompressionLevel: Int, CaseIterable, Hashable, Sendable {
    /// As fast as possible.
    case fast = 1
    /// The default: about as small as zlib's level 1, several times as fast.
    case standard = 2
    /// As small as the format's fast library allows.
    case small = 3
  }

  /// Creates options.
  public init(
    isReplacing: Bool = false, compression: CompressionLevel = .standard, jobs: Int = 1,
    chunk: Extent? = nil, formatVersion: Int? = nil
  ) {
    self.isReplacing = isReplacing
    self.compression = compression
    self.jobs = jobs
    self.chunk = chunk
    self.formatVersion = formatVersion
  }
}
