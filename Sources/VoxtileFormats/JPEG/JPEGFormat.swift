import Voxtile

/// JPEG, which is only read, through libjpeg-turbo: grayscale and RGB images.
///
/// Pixels are read as they are stored; a note says where EXIF tells viewers to turn the picture. CMYK is refused. Patches of a JPEG
/// are PNG, since each JPEG that is written changes its pixels.
public enum JPEGFormat: ImageFormat {
  /// `jpeg`.
  public static let name = "jpeg"
  /// The file name endings.
  public static let endings = ["jpg", "jpeg"]
  /// None: such files are only read.
  public static let writableEndings: [String] = []
  /// Pixels without a place.
  public static let keepsPlace = false

  /// `png`, which holds the same pixels.
  public static func patchEnding(for ending: String) -> String? { "png" }

  /// Always, where there are several.
  public static func channelsAreColor(_ info: VolumeInfo) -> Bool { info.channels > 1 }

  /// Pixels without a place.
  public static func metadata(affine: Affine, header: [UInt8]) -> VolumeMetadata {
    VolumeMetadata(
      affine: affine, header: .init(format: name, bytes: header), place: .unknown, spatialRank: 2)
  }

  /// Always: such files are only read.
  public static func refusal(of info: VolumeInfo) -> VoxtileError? {
    VoxtileError(.unsupportedFormat, "JPEG is only read, since writing it changes pixels; write .png")
  }

  /// Whether a file begins with the markers of a JPEG.
  public static func recognizes(_ probe: FormatProbe) -> Bool {
    probe.prefix.starts(with: [0xFF, 0xD8, 0xFF])
  }

  /// Opens an image; only markers before the pixels are read.
  ///
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where libjpeg-turbo is not installed, `VoxtileError.Code.malformedFile` where the
  ///   file is damaged, `VoxtileError.Code.unsupportedFormat` for kinds of JPEG that are not read.
  public static func open(_ probe: FormatProbe) throws -> any VolumeReader {
    try JPEGReader(probe.file ?? InputFile(probe.path))
  }

  /// Fails, since such files are only read.
  ///
  /// - Throws: the error of ``refusal(of:)``.
  public static func create(
    _ path: String, info: VolumeInfo, options: WriteOptions
  ) throws -> any VolumeWriter {
    throw refusal(of: info) ?? VoxtileError(.unsupportedFormat, "is only read")
  }
}
