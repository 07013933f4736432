import Voxtile

/// NIfTI-1 and NIfTI-2: `.nii`, and `.hdr` with `.img`, each also compressed with gzip.
///
/// Source: the headers `nifti1.h` and `nifti2.h` of the NIfTI data format working group.
public enum NiftiFormat: ImageFormat {
  /// `nifti`.
  public static let name = "nifti"
  /// `NIfTI`.
  public static let title = "NIfTI"

  /// The file name endings; a pair can be named by either of its files.
  public static let endings = ["nii.gz", "hdr.gz", "img.gz", "nii", "hdr", "img"]

  /// The `.img` of a `.hdr`, each compressed or not.
  public static func companionEndings(of ending: String) -> [String] {
    ending.hasPrefix("hdr") ? ["img", "img.gz"] : []
  }

  /// `nii` for a pair, which is two files.
  public static func patchEnding(for ending: String) -> String? {
    ending.hasPrefix("nii") ? ending : "nii"
  }

  /// Whether the file is not compressed.
  public static func isRandomAccess(ending: String) -> Bool { !ending.hasSuffix(".gz") }

  /// The intent code NIFTI_INTENT_LABEL says so.
  public static let keepsLabelFlag = true

  /// Whether the datatype is RGB or RGBA, which only the details say.
  public static func channelsAreColor(_ info: VolumeInfo) -> Bool {
    info.details.contains { $0.name == "datatype" && $0.value.hasPrefix("rgb") }
  }

  /// Colors, time points or components, as datatype, dimensions and intent say.
  public static func channelMeaning(_ info: VolumeInfo) -> ChannelMeaning {
    guard let kept = info.metadata.header, kept.format == name else { return .unknown }
    return (try? NiftiHeader(kept.bytes).channelMeaning(of: info.channels)) ?? .unknown
  }

  /// Where the image lies, with what its header says. Manifests of version 0.1 keep affines in the header's own units.
  public static func metadata(affine: Affine, header: [UInt8]) -> VolumeMetadata {
    guard let known = try? NiftiHeader(header), (1...7).contains(known.rank) else {
      return VolumeMetadata(affine: affine, header: .init(format: name, bytes: header))
    }
    let isOld = known.affineOfFirstVersion.isClose(to: affine)
    return known.metadata(affine: isOld ? (try? known.affine()) ?? affine : affine)
  }

  /// An image without voxels.
  public static func refusal(of info: VolumeInfo) -> VoxtileError? { refusalOfNoVoxels(info) }

  /// Whether a file, or the header of the pair that it belongs to, begins with a header of NIfTI or of its predecessor
  /// ANALYZE 7.5, compressed or not.
  public static func recognizes(_ probe: FormatProbe) -> Bool {
    var prefix = (NiftiFiles.existingHeader(forImage: probe.path).map(FormatProbe.init) ?? probe).prefix
    if GzipReader.recognizes(prefix) { prefix = GzipReader.inflated(prefix, limit: 4) }
    return NiftiHeader.identify(prefix) != nil
  }

  /// Opens an image; of a compressed one, only the beginning is read.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where a header field or the size of the file is wrong,
  ///   `VoxtileError.Code.unsupportedFormat` for ANALYZE 7.5 and datatypes that no scalar type can hold,
  ///   `VoxtileError.Code.fileAccess` where the system fails or the `.img` of a pair is not there.
  public static func open(_ probe: FormatProbe) throws -> any VolumeReader {
    let header = NiftiFiles.existingHeader(forImage: probe.path)
    let path = header ?? probe.path
    do throws(VoxtileError) {
      if header == nil, let file = probe.file { return try openHeader(path, in: RawSource(file)) }
      return try openHeader(path, in: RawSource(InputFile(path)))
    } catch {
      throw error.inFile(path)
    }
  }

  private static func openHeader(
    _ path: String, in source: RawSource
  ) throws(VoxtileError) -> RawVoxelReader {
    let fixed = try source.prefix(NiftiHeader.longestFixedByteCount)
    let version = NiftiHeader.identify(fixed)?.0 ?? .one
    var header = try NiftiHeader(Array(fixed.prefix(version.headerByteCount)))
    let offset = try header.voxelOffset()
    if header.isSingleFile {
      try readExtensions(of: &header, from: source, upTo: offset)
      return try reader(of: header, in: source, at: offset)
    }
    try readExtensions(of: &header, from: source, upTo: nil)
    guard let image = NiftiFiles.existingImage(forHeader: path) else { throw .missingImage(path) }
    return try reader(of: header, from: source.file, in: try RawSource(InputFile(image)), at: offset)
  }

  private static func reader(
    of header: NiftiHeader, from file: InputFile? = nil, in source: RawSource, at offset: Int
  ) throws(VoxtileError) -> RawVoxelReader {
    let shape = try header.shape()
    return try RawVoxelReader(
      header.volumeInfo(shape), source: source, offset: offset, planes: shape.planes,
      order: VoxelOrder(shape.datatype, header.byteOrder), header: file)
  }

  /// Reads what lies between the fixed header and the voxels, or the end of the file.
  private static func readExtensions(
    of header: inout NiftiHeader, from source: RawSource, upTo end: Int?
  ) throws(VoxtileError) {
    let limit = NiftiHeader.byteCountLimit
    if let end {
      try source.check(declared: end)
      guard end <= limit else { throw .longExtensions(end) }
    }
    let bytes = try source.prefix(end ?? limit)
    guard bytes.count >= end ?? 0, end != nil || bytes.count < limit else {
      if end == nil { throw .longExtensions(bytes.count) }
      throw .nifti(
        field: "vox_offset", expected: "at most the \(bytes.count) bytes there are", found: "\(end ?? 0)")
    }
    try header.append(bytes.dropFirst(header.bytes.count))
  }

  /// Starts an image.
  ///
  /// Where the metadata have a NIfTI header, its version, byte order, text, units and extensions are kept,
  /// and its geometry is moved to the metadata's origin; a whole image gets its header back to the bit.
  /// A header with voxel sizes alone, by which nibabel puts the center of the image at the origin, cannot
  /// place a crop; it gets an sform with code 2 (aligned) that does. Another scalar type changes the
  /// datatype and clears the display range; a crop clears the timing of slices.
  ///
  /// Otherwise, and where the volume does not fit the header's version, a NIfTI-1 header is made from
  /// the affine, or NIfTI-2 where an axis is longer than 32767: with an sform, and a qform where that can
  /// express it. An image whose place in the world is not known, such as a PNG, gets voxel sizes alone, with both codes 0. Time
  /// points of another format lie along the fourth dimension, colors and components along the fifth.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where the metadata's header is no valid one,
  ///   `VoxtileError.Code.targetExists`, `VoxtileError.Code.fileAccess`.
  public static func create(
    _ path: String, info: VolumeInfo, options: WriteOptions
  ) throws -> any VolumeWriter {
    do throws(VoxtileError) {
      let files = NiftiFiles(named: path)
      var (header, shape) = try NiftiHeader.make(for: info, isPart: options.isPart)
      header.setPlacement(isSingleFile: files.image == nil)
      return try RawImageWriter(
        info,
        to: RawTarget(
          headerPath: files.header, voxelPath: files.image,
          outdated: [files.olderImage].compactMap(\.self),
          header: header.bytes,
          packing: files.isCompressed ? .wholeFiles : .none),
        planes: shape.planes, order: VoxelOrder(shape.datatype, header.byteOrder), options: options)
    } catch {
      throw error.inFile(path)
    }
  }
}

extension VoxtileError {
  fileprivate static func missingImage(_ path: String) -> VoxtileError {
    let image = NiftiFiles(named: path).image
    return VoxtileError(
      .fileAccess,
      image.map { "says that its voxels are in \($0), which is not there; put both files in one folder" }
        ?? "says that its voxels are in an .img file, but its own name does not end in .hdr; rename both",
      context: .init(file: path, expected: image))
  }

  fileprivate static func longExtensions(_ byteCount: Int) -> VoxtileError {
    VoxtileError(
      .unsupportedFormat,
      "has \(byteCount) bytes before its voxels, and no more than \(NiftiHeader.byteCountLimit) are kept; "
        + "remove its extensions, for example with nifti_tool -rm_ext ALL",
      context: .init(
        expected: "at most \(NiftiHeader.byteCountLimit) bytes", found: "\(byteCount) bytes"))
  }
}
