/// Where a volume lies in the world, and the file header it came with.
///
/// Metadata travels with the voxels: a crop moves its ``origin``, so that a patch written to a file
/// opens in place over its scan.
public struct VolumeMetadata: Hashable, Sendable {
  /// A file's own header, kept whole so that a merged file is what the original was.
  public struct Header: Hashable, Sendable {
    /// The format that reads and writes it, such as `nifti` or `png`.
    public let format: String
    /// The bytes as that format keeps them.
    public let bytes: [UInt8]

    /// Creates a header.
    public init(format: String, bytes: [UInt8]) {
      self.format = format
      self.bytes = bytes
    }
  }

  /// How much a file says about where its image lies.
  public enum Place: String, Hashable, Sendable {
    /// Nothing: the image has pixels without a place, such as a PNG.
    case unknown
    /// The size of a voxel, but not which side is left.
    case spacing
    /// Where each voxel lies in the patient or the world.
    case world
  }

  /// The map from this volume's voxels to the world, in mm. Parts of it that ``place`` does not cover are made up.
  public private(set) var affine: Affine
  /// The header of the file; it describes the whole image that ``origin`` counts in.
  public let header: Header?
  /// The voxel of the whole image at which this volume starts.
  public private(set) var origin: Position
  /// How much the file says about where the image lies.
  public let place: Place
  /// The number of spatial dimensions that the file gives the image: 3 for a volume, also one of a single slice, 2 for a
  /// picture; `nil` where nothing says so, and then the extent does.
  public let spatialRank: Int?
  /// The header that says what the channels are, where voxels no longer lie as it says, so that ``header`` is `nil`.
  package var channelHeader: Header?

  /// Creates metadata for a whole image.
  ///
  /// - Parameters:
  ///   - affine: the map from voxels to mm. The default says voxels of 1 mm.
  ///   - header: the header of the file, where there is one.
  ///   - place: how much the file says about where the image lies.
  ///   - spatialRank: 2 or 3, or `nil` where the extent says it.
  public init(
    affine: Affine = Affine(spacing: PerAxis(1)), header: Header? = nil, place: Place = .world,
    spatialRank: Int? = nil
  ) {
    self.affine = affine
    self.header = header
    self.origin = .zero
    self.place = place
    self.spatialRank = spatialRank
  }

  /// The metadata of the same image with voxels of another size, or without its header.
  ///
  /// - Parameter affine: the map from its voxels to mm.
  package func withoutHeader(affine: Affine) -> VolumeMetadata {
    var metadata = VolumeMetadata(affine: affine, place: place, spatialRank: spatialRank)
    metadata.channelHeader = header ?? channelHeader
    return metadata
  }

  /// The size of a voxel in mm.
  public var spacing: PerAxis<Double> { affine.spacing }

  /// The metadata of a box of this volume that starts at a voxel, which may lie outside of it.
  public func moved(to position: Position) -> VolumeMetadata {
    var moved = self
    moved.affine = affine.moved(to: position)
    moved.origin = origin + position
    return moved
  }

  /// The metadata of the image that this volume is a part of.
  ///
  /// It undoes ``moved(to:)``.
  ///
  /// - Parameter position: the voxel of the image at which the part starts.
  package func ofImage(whosePartStartsAt position: Position) -> VolumeMetadata {
    moved(to: Position.zero - position)
  }
}
