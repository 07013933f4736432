/// What a file says about its volume, before any voxel is read.
public struct VolumeInfo: Sendable {
  /// A linear map from stored to real values, `real = slope * stored + intercept`.
  public struct Scaling: Hashable, Sendable, Codable {
    /// The factor; finite and not 0.
    public var slope: Double
    /// The real value of a stored 0.
    public var intercept: Double

    /// Creates a scaling.
    public init(slope: Double, intercept: Double) {
      self.slope = slope
      self.intercept = intercept
    }
  }

  /// A color of a palette.
  public struct Color: Hashable, Sendable {
    /// Red, 0 to 255.
    public var red: UInt8
    /// Green, 0 to 255.
    public var green: UInt8
    /// Blue, 0 to 255.
    public var blue: UInt8
    /// From transparent (0) to opaque (255).
    public var alpha: UInt8

    /// Creates a color, which is opaque by default.
    public init(red: UInt8, green: UInt8, blue: UInt8, alpha: UInt8 = 255) {
      self.red = red
      self.green = green
      self.blue = blue
      self.alpha = alpha
    }
  }

  /// The size of the image in voxels.
  public var extent: Extent
  /// Values per voxel: time points, vector components or colors; at least 1.
  public var channels: Int
  /// The type of the stored values.
  public var scalarType: ScalarType
  /// How stored values become real ones; `nil` where they are the same.
  public var scaling: Scaling?
  /// Whether the file says that its values are labels.
  public var isLabelMap: Bool
  /// Whether values were made from labels and are none any more, though the header of the file may still say so. Where this and
  /// ``isLabelMap`` are both false, a header that says so is believed, since voxels alone do not tell.
  package var wereLabels = false
  /// The colors of the values, where these are indices into a palette, in one channel of `uint8` or `uint16`; `nil` where
  /// values are no indices. A mean of two indices is another color altogether.
  public var palette: [Color]?
  /// Where the image lies in the world, with the header of the file.
  public var metadata: VolumeMetadata
  /// More that the format knows, for a person: names and values in the order of the header.
  public var details: [(name: String, value: String)]
  /// What is doubtful in the file, and how it was understood: one sentence each, which follows the name of the file, as in
  /// "has a singular sform; its qform is used". Programs print them once.
  public var notes: [String]

  /// Creates a description.
  public init(
    extent: Extent, channels: Int = 1, scalarType: ScalarType, scaling: Scaling? = nil,
    isLabelMap: Bool = false, palette: [Color]? = nil, metadata: VolumeMetadata = VolumeMetadata(),
    details: [(name: String, value: String)] = [], notes: [String] = []
  ) {
    self.extent = extent
    self.channels = channels
    self.scalarType = scalarType
    self.scaling = scaling
    self.isLabelMap = isLabelMap
    self.palette = palette
    self.metadata = metadata
    self.details = details
    self.notes = notes
  }

  /// Whether it is a 2D image, which has pixels: one slice that its file does not call a volume.
  public var isPlanar: Bool { extent.isPlanar && metadata.spatialRank != 3 }

  /// Bytes of one box of this image, all channels, as ``VolumeReader/read(_:into:)`` gives them.
  public func byteCount(of region: Region) -> Int {
    region.voxelCount * channels * scalarType.byteCount
  }
}

extension VolumeInfo {
  /// Makes sure that voxel sizes and the places of all voxels are finite.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where one is not.
  package func checkGeometry() throws(VoxtileError) {
    let affine = metadata.affine
    // No voxel lies further away than this, along any axis of the world.
    let farthest = affine.rows.map { row in
      zip(row, extent.sizes.all + [1]).reduce(0) { $0 + abs($1.0) * Double($1.1) }
    }
    let numbers = affine.spacing.all + farthest
    guard numbers.allSatisfy(\.isFinite) else {
      throw VoxtileError(
        .malformedFile,
        "has the affine \(affine.rows), which places voxels at no finite number of mm; repair its header",
        context: .init(expected: "finite numbers", found: "\(affine.rows)"))
    }
  }
}
