import Voxtile

/// PNG: 2D images of 1 to 4 channels in 1 to 16 bits, read and written through libspng.
///
/// Gray values of 1, 2 and 4 bits stay what they are (0 to 1, 3 or 15, not scaled to 255). The indices of a palette image stay
/// indices, which count as labels; their colors are `VolumeInfo.palette`. A transparent color of an image without
/// alpha is kept in the header and is not applied.
///
/// The resolution is the spacing, in mm; a PNG without one has pixels of 1 mm. The place of an image on a
/// larger one, such as that of a patch on its image, is its offset (chunk oFFs), in pixels where those are whole,
/// otherwise in micrometers. A PNG cannot describe turned or mirrored axes, or a place along z.
///
/// Kept from file to file: depth, color type, palette, resolution, gamma, chromaticities, sRGB intent, ICC
/// profile, significant bits, transparent color, and the texts before the image. Not kept:
/// interlacing, empty texts, texts after the image, and all other chunks.
public enum PNGFormat: ImageFormat {
  /// `png`.
  public static let name = "png"
  /// The only ending.
  public static let endings = ["png"]
  /// A PNG says how large a pixel is, but not where it lies.
  public static let keepsPlace = false

  /// Rows are compressed as they come.
  public static let writesRows = true

  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Always, where there are several: gray with alpha, or red, green and blue.
  public static func channelsAreColor(_ info: VolumeInfo) -> Bool { info.channels > 1 }

  /// The palette that the header keeps.
  public static func palette(of header: VolumeMetadata.Header) -> [VolumeInfo.Color]? {
    (try? PNGHeader(bytes: header.bytes))?.palette
  }

  /// Pixels without a place.
  public static func metadata(affine: Affine, header: [UInt8]) -> VolumeMetadata {
    VolumeMetadata(
      affine: affine, header: .init(format: name, bytes: header), place: .unknown, spatialRank: 2)
  }

  /// Whatever is not one slice of 1 to 4 channels of `uint8` or `uint16` without a scaling.
  public static func refusal(of info: VolumeInfo) -> VoxtileError? { PNGHeader.refusal(of: info) }

  /// Whether a file begins with the signature of PNG.
  public static func recognizes(_ probe: FormatProbe) -> Bool {
    probe.prefix.starts(with: signature)
  }

  /// Opens an image; only its chunks before the pixels are read.
  public static func open(_ probe: FormatProbe) throws -> any VolumeReader {
    try PNGReader(probe.file ?? InputFile(probe.path))
  }

  /// Starts an image, in the depth and color type of the metadata's header where that is of a PNG and still fits.
  ///
  /// - Throws: the error of ``refusal(of:)``, `VoxtileError.Code.targetExists`, `VoxtileError.Code.fileAccess`.
  public static func create(
    _ path: String, info: VolumeInfo, options: WriteOptions
  ) throws -> any VolumeWriter {
    let header = try PNGHeader(writing: info)
    return PNGWriter(
      file: try AtomicFile(
        path, replacing: options.isReplacing, summed: options.isSummed, durable: options.isDurable),
      header: header,
      info: info,
      compression: options.compression)
  }
}
