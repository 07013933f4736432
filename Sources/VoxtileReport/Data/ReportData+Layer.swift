extension ReportData {
  /// A small picture of an image, in bytes.
  public struct Layer: Codable, Sendable {
    /// What the bytes of a picture mean.
    public enum Kind: String, Codable, Sendable {
      /// Intensities: byte `b` is the value `levels[b - 1]`, 0 is no number.
      case intensity
      /// Labels, in the same way.
      case labels
      /// Red, green and blue planes of 0...255.
      case color
      /// Differences without sign, in the same way as intensities.
      case difference
    }

    /// Whether a picture is looked at or laid over one.
    public enum Role: String, Codable, Sendable {
      /// Looked at.
      case base
      /// Laid over.
      case overlay
    }

    /// What the page calls it.
    public var name: String
    /// What its bytes mean.
    public var kind: Kind
    /// What it is for.
    public var role: Role
    /// The size of the picture in its own voxels, x first; it covers the whole image.
    public var extent: [Int]
    /// Whether it has every value of the image, and not means, the nearest level, or some of them.
    public var isExact: Bool
    /// The size of a voxel of the picture in mm.
    public var spacing: [Double]
    /// The values of the bytes from 1 on, ascending; empty for colours.
    public var levels: [Double]
    /// The 1st and the 99th percentile of the picture.
    public var window: [Double]
    /// The labels with their volumes, the largest first; `nil` where the values are none.
    public var labels: [LabelVolume]?
    /// The bytes of the picture, x fastest; they are no part of the JSON.
    public var bytes: [UInt8] = []
    /// Where its values come from, for slices as fine as the file; `nil` where no file holds whole slices. It is no
    /// part of the JSON.
    public var source: Source?

    /// The values behind a picture.
    public struct Source: Hashable, Sendable {
      /// The image, as it was named.
      public var file: String
      /// The channel of the values, from 0, and of the first colour where ``Layer/kind-swift.property`` is that.
      public var channel: Int
      /// The image that ``file`` is compared with, for differences: the largest of all channels.
      public var original: String?
    }

    private enum CodingKeys: String, CodingKey {
      case name, kind, role, extent, isExact, spacing, levels, window, labels
    }
  }

  /// How large a label is, counted in the whole image.
  public struct LabelVolume: Codable, Sendable {
    /// The value.
    public var value: Double
    /// Its voxels.
    public var voxels: Int
    /// Its volume in ml (cm³).
    public var milliliters: Double
  }
}
