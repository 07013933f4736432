import Voxtile

/// Zarr v2 and v3, with the metadata of OME-Zarr 0.1 to 0.5 where there are some: a folder with a file for each chunk.
///
/// A path leads to a group with an image, to one of its levels (`a.zarr/1`), to a label image (`a.zarr/labels/cells`), or to any
/// array.
///
/// Sources: the Zarr specifications of versions 2 and 3.1, and the OME-Zarr specification 0.5.
public enum ZarrFormat: ImageFormat {
  /// `zarr`.
  public static let name = "zarr"
  /// `OME-Zarr`.
  public static let title = "OME-Zarr"

  /// The name endings.
  public static let endings = ["zarr", "ome.zarr"]

  /// A folder with a file for each chunk.
  public static let isFolder = true

  /// Always: a box costs the chunks that it touches.
  public static func isRandomAccess(ending: String) -> Bool { true }

  /// Chunks usually are.
  public static func isCompressed(ending: String) -> Bool { true }

  /// The metadata `image-label` say so.
  public static let keepsLabelFlag = true

  /// A chunk without a file has the fill value.
  public static let mayOmitVoxels = true

  /// As `float16`.
  public static let holdsHalf = true

  /// Rows wait for the rest of their chunks.
  public static let writesRows = true

  /// Slices or rows that wait for the rest of their chunks, with the chunks that are compressed; or what coarser levels are made
  /// of, later.
  public static func writerByteCount(of info: VolumeInfo, options: WriteOptions) -> Int {
    let choice = ChunkChoice(info, options)
    let voxelBytes = info.channels * info.scalarType.byteCount
    let chunkBytes = max(1, options.jobs) * choice.chunk.voxelCount * info.scalarType.byteCount
    return max(
      choice.band.voxelCount * voxelBytes + 2 * chunkBytes, ZarrPyramid.chunksOfOneThread * chunkBytes)
  }

  /// An image without voxels, or one with an intensity scaling.
  public static func refusal(of info: VolumeInfo) -> VoxtileError? {
    refusalOfNoVoxels(info) ?? refusalOfScaling(info)
  }

  /// Time points where the axis says so; channels of an axis of type `channel` may be anything.
  public static func channelMeaning(_ info: VolumeInfo) -> ChannelMeaning {
    guard let kept = info.metadata.header, kept.format == name, let header = try? OMEHeader(kept.bytes),
      header.channelCount == info.channels
    else { return .unknown }
    return header.channelMeaning
  }

  /// Where the image lies, with what its header says.
  public static func metadata(affine: Affine, header: [UInt8]) -> VolumeMetadata {
    guard let known = try? OMEHeader(header) else {
      return VolumeMetadata(affine: affine, header: .init(format: name, bytes: header))
    }
    return known.metadata(affine: affine)
  }

  /// Whether a folder has one of the documents of Zarr.
  public static func recognizes(_ probe: FormatProbe) -> Bool {
    probe.kind == .folder && ZarrNode.documents.contains { probe.member($0).kind == .file }
  }

  /// Opens an image; only the documents that describe it are read.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where a document is damaged, `VoxtileError.Code.unsupportedFormat` where one asks
  ///   for what is not read here, `VoxtileError.Code.fileAccess` where the system fails.
  public static func open(_ probe: FormatProbe) throws -> any VolumeReader {
    do throws(VoxtileError) {
      return try ZarrReader(at: probe.path)
    } catch {
      throw error.inFile(probe.path)
    }
  }

  /// Starts an image: OME-Zarr 0.5 in Zarr v3, or 0.4 in v2 where `options.formatVersion` is 2.
  ///
  /// Where the metadata have a header of Zarr, its axes, units, channels and attributes are kept. A place in the world is kept in
  /// an attribute of its own, since OME-Zarr has none.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where the metadata's header is no valid one,
  ///   `VoxtileError.Code.invalidOption` for another version or chunks of 2 GiB or more, `VoxtileError.Code.runtimeNotFound` where libzstd is not installed,
  ///   `VoxtileError.Code.targetExists`, `VoxtileError.Code.fileAccess`.
  public static func create(
    _ path: String, info: VolumeInfo, options: WriteOptions
  ) throws -> any VolumeWriter {
    do {
      return try ZarrWriter(path, store(of: info, options: options), options: options)
    } catch let error as VoxtileError {
      throw error.inFile(path)
    }
  }

  /// What a store of an image will be.
  ///
  /// - Throws: as ``create(_:info:options:)``, before a file is made.
  static func store(of info: VolumeInfo, options: WriteOptions) throws(VoxtileError) -> NewZarrStore {
    if let refusal = refusal(of: info) { throw refusal }
    try info.checkGeometry()
    let version = options.formatVersion ?? 3
    guard [2, 3].contains(version) else {
      throw VoxtileError(
        .invalidOption, "Zarr has no version \(version); choose 2 or 3",
        context: .init(expected: "2 or 3", found: "\(version)"))
    }
    try ChunkChoice(info, options).check(scalarType: info.scalarType)
    _ = try ZstdLibrary.shared()
    return NewZarrStore(info, try NewOMEImage(info, version: version), options: options)
  }
}
