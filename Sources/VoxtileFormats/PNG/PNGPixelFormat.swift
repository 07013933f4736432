import Voxtile

/// How a PNG stores a pixel: its color type and the bits of each sample.
struct PNGPixelFormat: Hashable, Sendable {
  /// What the samples of a pixel mean, with the numbers of the PNG specification.
  enum ColorType: UInt8 {
    case gray = 0
    case rgb = 2
    case palette = 3
    case grayAlpha = 4
    case rgba = 6

    /// Samples per pixel, as stored.
    var channels: Int {
      switch self {
      case .gray, .palette: 1
      case .grayAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }

    /// How many numbers of significant bits there are: those of red, green and blue for a palette.
    var significantChannels: Int { self == .palette ? 3 : channels }

    /// Whether pixels have red, green and blue.
    var hasColor: Bool { self == .rgb || self == .rgba || self == .palette }

    /// The name for a person.
    var name: String {
      switch self {
      case .gray: "gray"
      case .rgb: "RGB"
      case .palette: "palette"
      case .grayAlpha: "gray and alpha"
      case .rgba: "RGB and alpha"
      }
    }
  }

  /// What the samples mean.
  var colorType: ColorType
  /// Bits per sample: 1, 2, 4, 8 or 16.
  var bitDepth: Int

  /// Samples per pixel, as stored.
  var channels: Int { colorType.channels }

  /// The type that holds a sample in memory.
  var scalarType: ScalarType { bitDepth == 16 ? .uint16 : .uint8 }

  /// The largest value of a sample.
  var maximum: Int { 1 << bitDepth - 1 }

  /// The bytes of a row of pixels, without the filter byte; at most 2^34 for the widest PNG.
  func rowByteCount(width: Int) -> Int { (width * channels * bitDepth + 7) / 8 }
}
