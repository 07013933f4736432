import Voxtile

/// What a PNG says besides its pixels, as far as it is kept from one file to the next.
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
    /// Whether the unit is the meter; if not, only the ratio of the two has a meaning.
    var isPerMeter: Bool
  }

  /// Where the image lies on a larger one.
  struct Offset: Hashable, Sendable {
    /// The place of the first pixel, along x and y.
    var x: Int32
    var y: Int32
    /// Whether the unit is the micrometer; if not, it is the pixel.
    var isMicrometers: Bool
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

  /// The format of the pixels.
  var pixelFormat: PNGPixelFormat
  /// PLTE and tRNS: the colors that the pixels are indices of, 1 to 256, where the color type is a palette.
  var palette: [VolumeInfo.Color]?
  /// gAMA: the gamma times 100,000.
  var gamma: UInt32?
  /// cHRM: white, red, green and blue, x before y, times 100,000.
  var chromaticities: [UInt32]?
  /// sRGB: the rendering intent.
  var renderingIntent: UInt8?
  /// iCCP: the color profile.
  var profile: Profile?
  /// pHYs: the size of a pixel.
  var resolution: Resolution?
  /// oFFs: the place on a larger image.
  var offset: Offset?
  /// tRNS: the color that is to be transparent, one sample per channel.
  var transparentColor: [UInt16]?
  /// sBIT: how many bits of each channel, or of each color of a palette, mean something.
  var significantBits: [UInt8]?
  /// tEXt, zTXt and iTXt before the image.
  var texts: [Text] = []

  /// Creates the header of an image with pixels and nothing else.
  init(pixelFormat: PNGPixelFormat) {
    self.pixelFormat = pixelFormat
  }

  /// The size of a pixel in mm: 1 where the resolution is not known in meters.
  var spacing: PerAxis<Double> {
    guard let resolution, resolution.isPerMeter, resolution.x > 0, resolution.y > 0 else {
      return PerAxis(1)
    }
    return PerAxis(x: 1000 / Double(resolution.x), y: 1000 / Double(resolution.y), z: 1)
  }

  /// The map from pixels to mm that resolution and offset make.
  var affine: Affine {
    var affine = Affine(spacing: spacing)
    if let offset {
      affine.rows[0][3] = offset.isMicrometers ? Double(offset.x) / 1000 : Double(offset.x) * spacing.x
      affine.rows[1][3] = offset.isMicrometers ? Double(offset.y) / 1000 : Double(offset.y) * spacing.y
    }
    return affine
  }

  /// The header in the words of a volume.
  var metadata: VolumeMetadata {
    VolumeMetadata(
      affine: affine,
      header: VolumeMetadata.Header(format: PNGFormat.name, bytes: bytes), place: .unknown, spatialRank: 2)
  }
}

extension PNGHeader.Resolution {
  /// The resolution of pixels of a size in mm, or `nil` where a PNG cannot store it.
  init?(spacing: PerAxis<Double>) {
    func pixelsPerMeter(_ millimeters: Double) -> UInt32? {
      let value = (1000 / millimeters).rounded()
      return value >= 1 && value <= Double(Int32.max) ? UInt32(value) : nil
    }
    guard let x = pixelsPerMeter(spacing.x), let y = pixelsPerMeter(spacing.y) else { return nil }
    self.init(x: x, y: y, isPerMeter: true)
  }
}

extension PNGHeader.Offset {
  /// The offset of an image that an affine places, or `nil` where it lies at the origin,
  /// or where a PNG cannot store it: the axes are turned or mirrored, or it is too far away.
  ///
  /// It is in whole pixels where that is exact to a thousandth of a pixel, else in micrometers.
  init?(placing affine: Affine) {
    let (rows, spacing) = (affine.rows, affine.spacing)
    guard rows[0][0] > 0, rows[1][1] > 0, rows[0][0] == spacing.x, rows[1][1] == spacing.y else { return nil }
    let millimeters = [rows[0][3], rows[1][3]]
    let pixels = [millimeters[0] / spacing.x, millimeters[1] / spacing.y]
    let isWhole = pixels.allSatisfy { ($0 - $0.rounded()).magnitude < 1e-3 }
    let numbers = isWhole ? pixels : millimeters.map { $0 * 1000 }
    guard let x = Int32(exactly: numbers[0].rounded()), let y = Int32(exactly: numbers[1].rounded()),
      x != 0 || y != 0
    else { return nil }
    self.init(x: x, y: y, isMicrometers: !isWhole)
  }
}
