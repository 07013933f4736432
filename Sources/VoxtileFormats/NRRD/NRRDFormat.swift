import Voxtile

/// NRRD: `.nrrd`, and `.nhdr` with a file of voxels, raw or compressed with gzip; the segmentations of 3D Slicer too
/// (`.seg.nrrd`).
///
/// The axis of channels may be the first or the last one. Labels of a segmentation that lie over each other, which are
/// several layers in Slicer, are channels. New files are not compressed, since nothing in their name says so; a file with the
/// header of a compressed one is. Text, hexadecimal text, bzip2, lists of files and patterns are refused.
///
/// All lines of a header are kept from file to file, those that nobody here knows too.
///
/// Source: the definition of NRRD in Teem, and what ITK 5.4, pynrrd and 3D Slicer do.
public enum NRRDFormat: ImageFormat {
  /// `nrrd`.
  public static let name = "nrrd"

  /// The file name endings.
  public static let endings = ["nrrd", segmentationEnding, "nhdr"]
  private static let segmentationEnding = "seg.nrrd"

  /// The voxels of an `.nhdr`, not compressed or compressed. They do not end in `raw` alone, which is that of an `.mhd`.
  public static func companionEndings(of ending: String) -> [String] {
    ending == "nhdr" ? ["nhdr.raw", "nhdr.raw.gz"] : []
  }

  /// The file that a header names as that of its voxels.
  public static func filesNamed(by path: String) -> [String] {
    guard let file = try? InputFile(path), let text = try? TextHeader(of: file, upTo: NRRDHeader.isLast),
      let name = try? NRRDHeader(text).dataFile()
    else { return [] }
    return (try? DetachedData.path(named: name, besides: path)).map { [$0] } ?? []
  }

  /// One file.
  public static func patchEnding(for ending: String) -> String? { ending == "nhdr" ? "nrrd" : ending }

  /// Unless its header says that it is compressed.
  public static func isRandomAccess(ending: String) -> Bool { true }

  /// Pairs of 3D Slicer say so.
  public static let keepsLabelFlag = true

  /// Whether the kind of an axis is that of colors, which only the details say.
  public static func channelsAreColor(_ info: VolumeInfo) -> Bool {
    info.details.contains { $0.name == "kinds" && $0.value.lowercased().contains("rgb") }
  }

  /// As the kind of the axis that is none of the image says; `vector` and `list` are written for channels of any kind.
  public static func channelMeaning(_ info: VolumeInfo) -> ChannelMeaning {
    guard let kept = info.metadata.header, kept.format == name else { return .unknown }
    let header = NRRDHeader(TextHeader(kept.bytes))
    guard let axes = try? header.axes(), axes.channels == info.channels else { return .unknown }
    return header.channelMeaning(axes)
  }

  /// Where the image lies, with what its header says.
  public static func metadata(affine: Affine, header: [UInt8]) -> VolumeMetadata {
    let kept = VolumeMetadata.Header(format: name, bytes: header)
    let known = NRRDHeader(TextHeader(header))
    guard let axes = try? known.axes(), let geometry = try? known.geometry(axes) else {
      return VolumeMetadata(affine: affine, header: kept)
    }
    return VolumeMetadata(
      affine: affine, header: kept, place: geometry.place, spatialRank: axes.spatial.count < 3 ? 2 : 3)
  }

  /// An image without voxels, and one whose values are scaled.
  public static func refusal(of info: VolumeInfo) -> VoxtileError? {
    refusalOfNoVoxels(info) ?? refusalOfScaling(info)
  }

  /// For `.seg.nrrd` also values that cannot be labels, since the name says that they are.
  public static func refusal(of info: VolumeInfo, ending: String) -> VoxtileError? {
    if let refusal = refusal(of: info) { return refusal }
    guard ending == segmentationEnding, !info.scalarType.isInteger || info.wereLabels else { return nil }
    let found = info.wereLabels ? "made from labels and none any more" : info.scalarType.rawValue
    return VoxtileError(
      .typeMismatch,
      "a segmentation of 3D Slicer (.seg.nrrd) holds labels, which are whole numbers, but these values are \(found)",
      remedy: .nameLabelType, context: .init(expected: "labels", found: found))
  }

  /// Whether a file begins like NRRD, of any version.
  public static func recognizes(_ probe: FormatProbe) -> Bool { probe.prefix.starts(with: NRRDHeader.magic) }

  /// Opens an image; only its header is read, and as many lines as it says to skip.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where a line of the header or the size of the file is wrong,
  ///   `VoxtileError.Code.unsupportedFormat` for other encodings, several files and types that no scalar type can hold,
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
    let text = try TextHeader(of: file, upTo: NRRDHeader.isLast)
    let header = NRRDHeader(text)
    let layout = try header.layout()
    var info = try header.volumeInfo(layout)
    let data = try layout.file.map { (name) throws(VoxtileError) in
      try DetachedData.open(named: name, besides: file.path)
    }
    let start = try LineSkip.offset(
      after: layout.lineSkip, in: data ?? file, from: data == nil ? text.byteCount : 0)
    let source: RawSource
    let offset: Int
    switch layout.encoding {
    case .gzip:
      source = try RawSource(compressed: data ?? file, at: start)
      offset = layout.byteSkip ?? 0
    case .raw:
      let size = (data ?? file).byteCount
      source = .plain(data ?? file)
      // What does not fit begins where voxels can, and is refused where sizes are checked.
      offset = layout.byteSkip.map { start + $0 } ?? max(size - layout.shape.byteCount, start)
      if let note = DetachedData.extraNote(data ?? file, end: offset + layout.shape.byteCount) {
        info.notes.append(note)
      }
    }
    return try RawVoxelReader(
      info, source: source, offset: offset, planes: layout.shape.planes, order: layout.order)
  }

  /// Starts an image.
  ///
  /// Where the metadata have an NRRD header, its lines are kept, its byte order and encoding too; a whole image gets its
  /// header back to the byte, and a crop the place of its first voxel. A `.seg.nrrd` holds whole numbers only.
  ///
  /// - Throws: the error of ``refusal(of:)``, `VoxtileError.Code.typeMismatch` where real values are to be a `.seg.nrrd`,
  ///   `VoxtileError.Code.malformedFile` where the metadata's header is no valid one,
  ///   `VoxtileError.Code.targetExists`, `VoxtileError.Code.fileAccess`.
  public static func create(
    _ path: String, info: VolumeInfo, options: WriteOptions
  ) throws -> any VolumeWriter {
    let isPair = path.lowercased().hasSuffix(".nhdr")
    let ending = path.lowercased().hasSuffix("." + segmentationEnding) ? segmentationEnding : "nrrd"
    func dataPath(_ encoding: NRRDLayout.Encoding) -> String? {
      isPair ? path.dropLast(4) + (encoding == .raw ? "nhdr.raw" : "nhdr.raw.gz") : nil
    }
    do throws(VoxtileError) {
      if let refusal = refusal(of: info, ending: ending) { throw refusal }
      let (header, layout) = try NRRDHeader.make(for: info) { dataPath($0)?.fileName }
      let target = RawTarget(
        headerPath: path, voxelPath: dataPath(layout.encoding),
        outdated: options.isReplacing && isPair
          ? DetachedData.own(filesNamed(by: path), of: path, endings: companionEndings(of: "nhdr")) : [],
        header: header.text.bytes,
        packing: layout.encoding == .gzip ? .voxels(.gzip) : .none, completed: nil)
      return try RawImageWriter(
        info, to: target, planes: layout.shape.planes, order: layout.order, options: options)
    } catch {
      throw error.inFile(path)
    }
  }
}
