extension ReportData {
  /// A small 8-bit picture of an image.
  package struct Layer: Codable, Sendable {
    /// The meaning of the bytes of a picture.
    package enum Kind: String, Codable, Sendable {
      /// Intensities: byte `b` stands for the value `levels[b - 1]`, and byte 0 for NaN or infinity.
      case intensity
      /// Labels, encoded like intensities.
      case labels
      /// Red, green and blue planes with values 0...255.
      case color
      /// Absolute differences, encoded like intensities.
      case difference
    }

    /// How the page shows a picture.
    package enum Role: String, Codable, Sendable {
      /// As a base image.
      case base
      /// On top of a base image.
      case overlay
    }

    /// The name shown in the page.
    package var name: String
    /// The meaning of the bytes.
    package var kind: Kind
    /// Whether it is a base image or an overlay.
    package var role: Role
    /// The number of voxels of the picture along x, y and z. The picture always covers the whole image.
    package var extent: [Int]
    /// Whether the picture has every value of the image unchanged: neither downsampled nor quantized.
    package var isExact: Bool
    /// The voxel size of the picture in mm.
    package var spacing: [Double]
    /// The values that bytes 1, 2, ... stand for, ascending; empty for color.
    package var levels: [Double]
    /// The 1st and 99th percentiles of the picture.
    package var window: [Double]
    /// The labels with their volumes, the largest first; `nil` if the values are not labels.
    package var labels: [LabelVolume]?
    /// Which channel it shows; `nil` if its file has one, or colors.
    package var channel: Channel?
    /// The bytes of the picture, x fastest; not part of the JSON.
    package var bytes: [UInt8] = []
    /// Where slices at full resolution can be read; `nil` if no file has them. Not part of the JSON.
    package var source: Source?

    /// The file and channel that a picture shows.
    package struct Source: Hashable, Sendable {
      /// The path of the image, as given in the request.
      package var file: String
      /// The channel, counted from 0; for color, the channel of red.
      package var channel: Int
      /// For differences, the path of the image that ``file`` is compared with. At each voxel, the picture shows the
      /// largest difference of all channels.
      package var original: String?
    }

    /// A channel of a file.
    package struct Channel: Codable, Sendable {
      /// Its place in the file, counted from 0.
      package var index: Int
      /// How many channels the file has.
      package var count: Int
      /// The name of the file as the page shows it.
      package var file: String
      /// What it is called, such as `channel 2 of 4`, or the label whose probability it is.
      package var name: String
    }

    private enum CodingKeys: String, CodingKey {
      case name, kind, role, extent, isExact, spacing, levels, window, labels, channel
    }
  }

  /// A label: its volume in the whole image, its name and where it is.
  package struct LabelVolume: Codable, Sendable {
    /// The value of the label.
    package var value: Double
    /// The number of its voxels.
    package var voxels: Int
    /// Its volume in ml (cm³).
    package var milliliters: Double
    /// What it stands for; `nil` if unknown.
    package var name: String?
    /// Its color: red, green and blue, 0 to 255; `nil` for one that the page chooses.
    package var color: [UInt8]?
    /// The coordinates of a voxel that has it, near its middle; `nil` if unknown, and for the background.
    package var place: [Int]?
  }
}
