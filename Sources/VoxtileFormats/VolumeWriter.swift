import Voxtile

/// A file being written slab by slab; it appears under its name when it is finished.
///
/// A writer that goes away unfinished leaves nothing behind.
public protocol VolumeWriter: Sendable {
  /// Writes the next slices of all channels.
  ///
  /// - Parameters:
  ///   - slab: the values in the order `(channels, slices, height, width)`, in the machine's byte
  ///     order.
  ///   - slices: which slices they are. Slabs come in ascending order without gaps.
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to write.
  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws

  /// Completes the file and gives it its name.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails, `VoxtileError.Code.targetExists`
  ///   where a file of that name has appeared meanwhile.
  /// - Precondition: all slices have been written.
  func finish() throws
}

extension VolumeWriter {
  /// Writes the next slices of all channels from a volume that holds just them.
  public func write(_ slab: Volume<some VoxelScalar>, slices: Range<Int>) throws {
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
  public init(isReplacing: Bool = false, compression: CompressionLevel = .standard, jobs: Int = 1) {
    self.isReplacing = isReplacing
    self.compression = compression
    self.jobs = jobs
  }
}
