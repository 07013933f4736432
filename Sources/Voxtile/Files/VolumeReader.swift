/// A file open for reading voxels.
///
/// Readers can be used from several threads; a reader of a compressed file takes its callers one after
/// another.
public protocol VolumeReader: Sendable {
  /// What the file says about its volume.
  var info: VolumeInfo { get }

  /// Whether a box costs only its own bytes. Where not, the file is compressed: slabs read in
  /// ascending order cost one pass, and each step back starts again from the beginning.
  var isRandomAccess: Bool { get }

  /// The most memory that the reader holds between and during reads of one thread, in bytes, beyond buffers of a few MiB; 0 by
  /// default.
  var bufferByteCount: Int { get }

  /// Reads a box of all channels as stored, in the machine's byte order.
  ///
  /// - Parameters:
  ///   - region: a box inside the image.
  ///   - destination: memory for `info.byteCount(of: region)` bytes; filled in the order
  ///     `(channels, depth, height, width)`.
  /// - Throws: `VoxtileError.Code.malformedFile` where the file is truncated or corrupt,
  ///   `VoxtileError.Code.fileAccess` where the system fails to read.
  /// - Precondition: the region lies inside the image and the destination has exactly its bytes.
  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws
}

extension VolumeReader {
  /// No more than small buffers.
  public var bufferByteCount: Int { 0 }

  /// Reads a box, or the whole image, as stored (``VolumeInfo/scaling`` is not applied).
  ///
  /// - Throws: `VoxtileError.Code.typeMismatch` where the stored values are of another type, and what
  ///   ``read(_:into:)`` throws.
  public func read<Scalar>(
    _ region: Region? = nil, as type: Scalar.Type = Scalar.self
  ) throws -> Volume<Scalar> {
    guard info.scalarType == Scalar.scalarType else {
      throw VoxtileError(
        .typeMismatch,
        "stored values are \(info.scalarType.rawValue), not \(Scalar.scalarType.rawValue)",
        context: .init(
          expected: Scalar.scalarType.rawValue, found: info.scalarType.rawValue))
    }
    let region = region ?? Region(info.extent)
    try info.checkFitsInMemory(region)
    let count = region.voxelCount * info.channels
    let voxels = try [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      try read(
        region, into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<(count * MemoryLayout<Scalar>.stride)])
      )
      initialized = count
    }
    return try Volume(
      extent: region.extent, channels: info.channels, voxels: voxels,
      metadata: info.metadata.moved(to: region.origin))
  }

  /// Reads a box, or the whole image, in whatever type it is stored.
  public func readAny(_ region: Region? = nil) throws -> any AnyVolume {
    func open<Scalar: VoxelScalar>(_ type: Scalar.Type) throws -> any AnyVolume {
      try read(region, as: type)
    }
    return try open(info.scalarType.type)
  }
}
