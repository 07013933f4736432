import Voxtile

/// What a PNG says beside its pixels, as far as it is kept from one file to the next.
struct PNGHeader: Hashable, Sendable {
  /// An ICC profile.
  struct Profile: Hashable, Sendable {
    /// Its name: 1 to 79 bytes of Latin-1.
    var name: [UInt8]
    /// The profile, not compressed.
    var bytes: [UInt8]
  }

  /// Pixels per unit of length.
  struct Resolution: Hashable, Sendable {
    /// Pixels per unit, along x and y.
    var x: UInt32
    var y: UInt32
    /// Whether the unit is the metre; where not, only the ratio of the two means something.
    var isPerMeter: Bool
  }

  /// A keyword with a text.
  struct Text: Hashable, Sendable {
    /// The chunk it is stored in.
    enum Kind: String, CaseIterable {
      case plain = "tEXt"
      case compressed = "zTXt"
      case international = "iTXt"
    }
    /// The chunk it is stored in.
    var kind: Kind
    /// The keyword: 1 to 79 bytes of Latin-1.
    var keyword: [UInt8]
    /// The text: UTF-8 where it is international, otherwise Latin-1; not empty, and without a 0.
    var text: [UInt8]
    /// Whether the file stores the text compressed.
    var isCompressed: Bool
    /// The language and the keyword in it; empty where the text is not international.
    var language: [UInt8] = []
    var translatedKeyword: [UInt8] = []
  }

  /// The format of the pixels in memory and in a file written; a palette counts as the RGB (and alpha) of
  /// 8 bits that it is expanded to.
  var pixelFormat: PNGPixelFormat
  /// gAMA: the gamma times 100,000.
  var gamma: UInt32?
  /// cHRM: white, red, green and blue, x before y, times 100,000.
  var chromaticities: [UInt32]?
  /// sRGB: the rendering intent.
  var renderingIntent: UInt8?
  /// iCCP: the colour profile.
  var profile: Profile?
  /// pHYs: the size of a pixel.
  var resolution: Resolution?
  /// tRNS: the colour that is to be transparent, a sample a channel.
  var transparentColor: [UInt16]?
  /// sBIT: how many bits of each channel mean something.
  var significantBits: [UInt8]?
  /// tEXt, zTXt and iTXt before the image.
  var texts: [Text] = []

  /// Creates the header of an image that says nothing but its pixels.
  init(pixelFormat: PNGPixelFormat) {
    self.pixelFormat = pixelFormat
  }

  /// The size of a pixel in mm: 1 where the resolution is not known in metres.
  var spacing: PerAxis<Double> {
    guard let resolution, resolution.isPerMeter, resolution.x > 0, resolution.y > 0 else {
      return PerAxis(1)
    }
    return PerAxis(x: 1000 / Double(resolution.x), y: 1000 / Double(resolution.y), z: 1)
  }

  /// The header in the words of a volume.
  var metadata: VolumeMetadata {
    VolumeMetadata(
      affine: Affine(spacing: spacing),
      header: VolumeMetadata.Header(format: PNGFormat.name, bytes: bytes))
  }
}

extension PNGHeader.Resolution {
  /// The resolution of pixels of a size in mm, or `nil` where a PNG cannot say it.
  init?(spacing: PerAxis<Double>) {
    func pixelsPerMeter(_ millimeters: Double) -> UInt32? {
      let value = (1000 / millimeters).rounded()
      return value >= 1 && value <= Double(Int32.max) ? UInt32(value) : nil
    }
    guard let x = pixelsPerMeter(spacing.x), let y = pixelsPerMeter(spacing.y) else { return nil }
    self.init(x: x, y: y, isPerMeter: true)
  }
}
