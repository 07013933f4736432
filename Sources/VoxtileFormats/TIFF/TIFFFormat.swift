import Voxtile

/// TIFF: pictures and stacks of pages, read and written through libtiff, which is opened when the first one is met.
///
/// Read are classic TIFF and BigTIFF of both byte orders, in strips or tiles, with one to many samples a pixel, of 1 to 64 bits, not
/// compressed or with LZW, deflate, Zstandard or PackBits, with or without a predictor. Pages are slices; ImageJ's text or OME-XML
/// in the description says which are channels and time points (both are channels here: those of the first time point come first), how
/// large voxels are, and where planes lie. Pages that are smaller copies or masks are left out. JPEG and other lossy kinds, YCbCr,
/// CMYK, and blocks of several slices are refused by their names.
///
/// Written are strips of about 64 KiB where an image is at most 1024 pixels wide, and otherwise tiles of 128 x 128: ITK reads strips
/// of 16 bits, but of tiles only the upper 8. They are compressed with deflate, which every reader knows. The description is OME-XML,
/// or ImageJ's text where values are integers of 64 bits, which OME does not have; the resolution is in pixels per centimeter.
/// A file becomes a BigTIFF where its voxels take 2 GiB or more.
///
/// A TIFF says how large voxels are, but not where they lie or which side is left. Kept from file to file: channels and time points with
/// names and interval, color and opacity, palette, the text, artist, date and color profile. Not kept: other fields, and the
/// rest of OME-XML, such as the microscope.
public enum TIFFFormat: ImageFormat {
  /// `tiff`.
  public static let name = "tiff"
  /// The endings; those of OME-TIFF are longer.
  public static let endings = ["tif", "tiff", "ome.tif", "ome.tiff"]
  /// The size of voxels at most.
  public static let keepsPlace = false

  /// Whether blocks are small, as in all files that are written here.
  public static func isRandomAccess(ending: String) -> Bool { true }

  /// With deflate.
  public static func isCompressed(ending: String) -> Bool { true }

  /// Whether samples are red, green and blue, or gray and opacity, which the header says.
  public static func channelsAreColor(_ info: VolumeInfo) -> Bool {
    guard let kept = info.metadata.header, kept.format == name,
      let header = try? TIFFHeader(bytes: kept.bytes)
    else { return false }
    return header.isColor && header.samples == info.channels
  }

  /// Colors or time points, as the header says.
  public static func channelMeaning(_ info: VolumeInfo) -> ChannelMeaning {
    guard let kept = info.metadata.header, kept.format == name,
      let header = try? TIFFHeader(bytes: kept.bytes), header.channelCount == info.channels
    else { return .unknown }
    return header.channelMeaning
  }

  /// The palette that the header keeps.
  public static func palette(of header: VolumeMetadata.Header) -> [VolumeInfo.Color]? {
    guard let palette = try? TIFFHeader(bytes: header.bytes).palette, !palette.isEmpty else { return nil }
    return palette
  }

  /// Voxels with or without a size.
  public static func metadata(affine: Affine, header: [UInt8]) -> VolumeMetadata {
    guard let known = try? TIFFHeader(bytes: header) else {
      return VolumeMetadata(affine: affine, header: .init(format: name, bytes: header), place: .unknown)
    }
    return known.metadata(affine: affine)
  }

  /// Images with a scaling, without voxels, or with a palette that has transparent colors or too many.
  public static func refusal(of info: VolumeInfo) -> VoxtileError? { TIFFPlan.refusal(of: info) }

  /// Whether a file begins as a TIFF or BigTIFF of either byte order.
  public static func recognizes(_ probe: FormatProbe) -> Bool {
    let starts: [[UInt8]] = [
      [0x49, 0x49, 0x2A, 0], [0x4D, 0x4D, 0, 0x2A], [0x49, 0x49, 0x2B, 0], [0x4D, 0x4D, 0, 0x2B],
    ]
    return starts.contains { probe.prefix.starts(with: $0) }
  }

  /// Opens an image; only the fields of its pages are read.
  ///
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where there is no libtiff, `VoxtileError.Code.malformedFile` in libtiff's words,
  ///   `VoxtileError.Code.unsupportedFormat` where it has what is not read, by its name, or pages that make no volume.
  public static func open(_ probe: FormatProbe) throws -> any VolumeReader {
    do throws(VoxtileError) {
      if let file = probe.file { return try TIFFReader(file) }
      return try TIFFReader(InputFile(probe.path))
    } catch {
      throw error.inFile(probe.path)
    }
  }

  /// Starts an image.
  ///
  /// - Throws: the error of ``refusal(of:)``, `VoxtileError.Code.runtimeNotFound` where there is no libtiff,
  ///   `VoxtileError.Code.targetExists`, `VoxtileError.Code.fileAccess`.
  public static func create(
    _ path: String, info: VolumeInfo, options: WriteOptions
  ) throws -> any VolumeWriter {
    let plan = try TIFFPlan(info, compression: options.compression)
    _ = try TIFFLibrary.load()
    return try TIFFWriter(
      plan, file: AtomicFile(path, replacing: options.isReplacing, durable: options.isDurable),
      options: options)
  }
}
