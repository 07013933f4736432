import Voxtile

/// Images of FreeSurfer, which are only read: `.mgh`, and `.mgz`, which is compressed with gzip.
///
/// Frames, such as time points, are channels. Where the header says so, the image lies where its directions and its center put
/// it; without that flag it lies where FreeSurfer puts it, in coronal slices of 1 mm, and a note says so. Directions that do not
/// span space say nothing. Times of the scan, which follow the voxels, are shown for files that are not compressed.
public enum MghFormat: ImageFormat {
  /// `mgh`.
  public static let name = "mgh"
  /// `FreeSurfer MGH`.
  public static let title = "FreeSurfer MGH"
  /// The file name endings.
  public static let endings = ["mgz", "mgh.gz", "mgh"]
  /// None: such files are only read.
  public static let writableEndings: [String] = []

  /// Whether the file is not compressed.
  public static func isRandomAccess(ending: String) -> Bool { ending == "mgh" }

  /// Where the image lies, as far as the header says.
  public static func metadata(affine: Affine, header: [UInt8]) -> VolumeMetadata {
    let hasPlace = (try? MghHeader(header)).map { $0.placeNote == nil || !$0.hasPlace } ?? true
    return VolumeMetadata(
      affine: affine, header: .init(format: name, bytes: header), place: hasPlace ? .world : .unknown,
      spatialRank: 3)
  }

  /// Frames are time points, as far as FreeSurfer's tools go.
  public static func channelMeaning(_ info: VolumeInfo) -> ChannelMeaning {
    guard let kept = info.metadata.header, kept.format == name,
      (try? MghHeader(kept.bytes).sizes[3]) == info.channels
    else { return .unknown }
    return .time(stepSeconds: nil)
  }

  /// Always: such files are only read.
  public static func refusal(of info: VolumeInfo) -> VoxtileError? {
    VoxtileError(
      .unsupportedFormat, "images of FreeSurfer are only read; write .nii.gz, which FreeSurfer reads too")
  }

  /// Whether a file begins with a header that makes sense, compressed or not. The mark of the format is so short that the
  /// numbers after it count too, unless the name has an ending of the format.
  public static func recognizes(_ probe: FormatProbe) -> Bool {
    var prefix = probe.prefix
    if GzipReader.recognizes(prefix) {
      prefix = GzipReader.inflated(prefix, limit: MghHeader.usedByteCount)
    }
    guard prefix.starts(with: MghHeader.magic) else { return false }
    let path = probe.path.lowercased()
    return endings.contains { path.hasSuffix("." + $0) } || (try? MghHeader(prefix))?.isPlausible == true
  }

  /// Opens an image; only its header is read.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where the file is damaged, `VoxtileError.Code.unsupportedFormat` for types of
  ///   voxels that are not read.
  public static func open(_ probe: FormatProbe) throws -> any VolumeReader {
    let source = try RawSource(probe.file ?? InputFile(probe.path))
    let header = try MghHeader(source.prefix(MghHeader.usedByteCount))
    let type = try header.scalarType()
    let extent = try header.extent(type)
    let frames = header.sizes[3]
    let byteCount = extent.voxelCount * frames * type.byteCount
    let info = VolumeInfo(
      extent: extent, channels: frames, scalarType: type,
      metadata: metadata(affine: try header.affine(), header: header.bytes),
      details: try details(header, source, footerAt: MghHeader.byteCount + byteCount),
      notes: [header.placeNote].compactMap(\.self))
    return try RawVoxelReader(
      info, source: source, offset: MghHeader.byteCount, planes: frames,
      order: VoxelOrder(scalarType: type, components: 1, byteOrder: .big))
  }

  private static func details(
    _ header: MghHeader, _ source: RawSource, footerAt offset: Int
  ) throws(VoxtileError) -> [(name: String, value: String)] {
    var details: [(name: String, value: String)] = [
      ("dimensions", header.sizes.map(String.init).joined(separator: " x ")),
      ("type", "\(header.typeCode)"), ("byte order", "big-endian"),
      ("placed by", header.placeNote == nil ? "directions and center" : "FreeSurfer's default"),
    ]
    // In a compressed file all voxels lie before it.
    guard case .plain(let file) = source, offset <= file.byteCount else { return details }
    let footer = try file.bytes(at: offset, count: 16)
    for (index, (name, unit)) in [("TR", "ms"), ("flip angle", "radians"), ("TE", "ms"), ("TI", "ms")]
      .enumerated()
    where footer.count >= 4 * index + 4 {
      let value = Float(bitPattern: footer[4 * index..<4 * index + 4].reduce(0) { $0 << 8 | UInt32($1) })
      if value.isFinite, value != 0 { details.append((name, "\(value) \(unit)")) }
    }
    return details
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
