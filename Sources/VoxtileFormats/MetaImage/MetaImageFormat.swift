import Voxtile

/// MetaImage: `.mha`, and `.mhd` with `.raw` or `.zraw`, as ITK reads and writes them.
///
/// Coordinates are in LPS and in mm. Dimensions after the third are channels, and so are the channels of an element. As in
/// ITK, the fourth dimension is time, with the seconds from one time point to the next as its spacing. Voxels may be a zlib or gzip stream. New files are not compressed, since nothing in their name says so; a file with the header of
/// a compressed one is. Lists of files, patterns and text are refused.
///
/// All lines of a header are kept from file to file, those that nobody here knows too.
///
/// Source: the documentation of MetaIO, and what ITK 5.4 does.
public enum MetaImageFormat: ImageFormat {
  /// `metaimage`.
  public static let name = "metaimage"
  /// `MetaImage`.
  public static let title = "MetaImage"

  /// The file name endings.
  public static let endings = ["mha", "mhd"]

  /// The voxels of an `.mhd`, not compressed or compressed.
  public static func companionEndings(of ending: String) -> [String] {
    ending == "mhd" ? ["raw", "zraw"] : []
  }

  /// The file that a header names as that of its voxels.
  public static func filesNamed(by path: String) -> [String] {
    guard let file = try? InputFile(path), let text = try? TextHeader(of: file, upTo: MetaImageHeader.isLast),
      case .file(let name)? = try? MetaImageHeader(text).place()
    else { return [] }
    return (try? DetachedData.path(named: name, besides: path)).map { [$0] } ?? []
  }

  /// `mha`, which is one file.
  public static func patchEnding(for ending: String) -> String? { "mha" }

  /// Unless its header says that it is compressed.
  public static func isRandomAccess(ending: String) -> Bool { true }

  /// Time points, where there is a fourth dimension.
  public static func channelMeaning(_ info: VolumeInfo) -> ChannelMeaning {
    guard let kept = info.metadata.header, kept.format == name else { return .unknown }
    let header = MetaImageHeader(TextHeader(kept.bytes))
    guard let layout = try? header.layout(), layout.shape.channels == info.channels else { return .unknown }
    return header.channelMeaning(layout)
  }

  /// Where the image lies, with what its header says.
  public static func metadata(affine: Affine, header: [UInt8]) -> VolumeMetadata {
    let kept = VolumeMetadata.Header(format: name, bytes: header)
    let known = MetaImageHeader(TextHeader(header))
    guard let layout = try? known.layout(), let geometry = try? known.geometry(layout) else {
      return VolumeMetadata(affine: affine, header: kept)
    }
    return VolumeMetadata(
      affine: affine, header: kept, place: geometry.place, spatialRank: layout.rank < 3 ? 2 : 3)
  }

  /// An image without voxels, and one whose values are scaled, since programs that use ITK do not apply a scaling. One
  /// that was read from a MetaImage keeps it.
  public static func refusal(of info: VolumeInfo) -> VoxtileError? {
    if let refusal = refusalOfNoVoxels(info) { return refusal }
    if let scaling = info.scaling, let kept = info.metadata.header, kept.format == name,
      (try? MetaImageHeader(TextHeader(kept.bytes)).scaling()) == scaling
    {
      return nil
    }
    return refusalOfScaling(info)
  }

  /// Whether a file begins with a line of a MetaImage header.
  public static func recognizes(_ probe: FormatProbe) -> Bool { MetaImageHeader.recognizes(probe.prefix) }

  /// Opens an image; only its header is read.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where a line of the header or the size of the file is wrong,
  ///   `VoxtileError.Code.unsupportedFormat` for lists of files, text and types that no scalar type can hold,
  ///   `VoxtileError.Code.fileAccess` where the system fails or the file with the voxels is not there.
  public static func open(_ probe: FormatProbe) throws -> any VolumeReader {
    let file = try probe.file ?? InputFile(probe.path)
    do throws(VoxtileError) {
      return try reader(file)
    } catch {
      throw error.inFile(probe.path)
    }
  }

  private static func reader(_ file: InputFile) throws(VoxtileError) -> RawVoxelReader {
    let text = try TextHeader(of: file, upTo: MetaImageHeader.isLast)
    let header = MetaImageHeader(text)
    let layout = try header.layout()
    var info = try header.volumeInfo(layout)
    let data: InputFile
    var start: Int
    switch layout.place {
    case .local: (data, start) = (file, text.byteCount)
    case .file(let name):
      data = try DetachedData.open(named: name, besides: file.path)
      // What does not fit begins at the first byte, and is refused where sizes are checked.
      start = layout.skip ?? max(data.byteCount - layout.shape.byteCount, 0)
    }
    var source = RawSource.plain(data)
    if layout.isCompressed {
      guard layout.skip != nil else {
        throw try header.required(.skip).error(expected: "0 or more for compressed voxels")
      }
      source = try RawSource(compressed: data, at: start)
      start = 0
    } else if let note = DetachedData.extraNote(data, end: start + layout.shape.byteCount) {
      info.notes.append(note)
    }
    return try RawVoxelReader(
      info, source: source, offset: start, planes: layout.shape.planes, order: layout.order)
  }

  /// Starts an image.
  ///
  /// Where the metadata have a MetaImage header, its lines are kept, its byte order and compression too; a whole image gets
  /// its header back to the byte, and a crop the place of its first voxel.
  ///
  /// - Throws: the error of ``refusal(of:)``, `VoxtileError.Code.malformedFile` where the metadata's header is no valid one,
  ///   `VoxtileError.Code.targetExists`, `VoxtileError.Code.fileAccess`.
  public static func create(
    _ path: String, info: VolumeInfo, options: WriteOptions
  ) throws -> any VolumeWriter {
    let isPair = path.lowercased().hasSuffix(".mhd")
    func voxelPath(_ isCompressed: Bool) -> String? {
      isPair ? path.dropLast(3) + (isCompressed ? "zraw" : "raw") : nil
    }
    do throws(VoxtileError) {
      let (header, layout) = try MetaImageHeader.make(for: info) { voxelPath($0)?.fileName }
      let completed: @Sendable (Int) -> [UInt8] = { count in
        var header = header
        header.setCompressedByteCount(count)
        return header.text.bytes
      }
      let target = RawTarget(
        headerPath: path, voxelPath: voxelPath(layout.isCompressed),
        outdated: options.isReplacing && isPair
          ? DetachedData.own(filesNamed(by: path), of: path, endings: companionEndings(of: "mhd")) : [],
        header: header.text.bytes,
        packing: layout.isCompressed ? .voxels(.zlib) : .none, completed: completed)
      return try RawImageWriter(
        info, to: target, planes: layout.shape.planes, order: layout.order, options: options)
    } catch {
      throw error.inFile(path)
    }
  }
}
