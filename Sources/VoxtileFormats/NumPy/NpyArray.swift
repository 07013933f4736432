import Voxtile

/// One array in a file: where it lies, and what its header says.
struct NpyArray: Sendable {
  /// The file, or the compressed entry of an archive.
  let source: RawSource
  /// Where the header begins in the source.
  let offset: Int
  /// The bytes of header and array, where something says so.
  let byteCountLimit: Int?
  let header: NpyHeader

  /// Reads the header of an array.
  ///
  /// - Parameters:
  ///   - source: what has the bytes.
  ///   - offset: where the header begins, in a source that is not compressed.
  ///   - byteCountLimit: how many bytes header and array have, where something says so.
  init(_ source: RawSource, at offset: Int = 0, byteCountLimit: Int? = nil) throws(VoxtileError) {
    self.source = source
    self.offset = offset
    self.byteCountLimit = byteCountLimit
    header = try NpyHeader { (count) throws(VoxtileError) in
      let count = min(count, byteCountLimit ?? .max)
      if case .plain(let file) = source { return try file.bytes(at: offset, count: count) }
      return try source.prefix(count)
    }
  }

  /// Opens the array as an image.
  ///
  /// - Parameter name: what the array is called in an archive.
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where its shape is none of an image, `VoxtileError.Code.malformedFile`
  ///   where the file is too small for it.
  func reader(named name: String? = nil) throws(VoxtileError) -> any VolumeReader {
    let shape = try NpyShape(header)
    let declared = header.byteCount + shape.axes.reduce(header.type.stored.byteCount, *)
    if let byteCountLimit, declared > byteCountLimit {
      throw .npy("shape", expected: "one of at most \(byteCountLimit) bytes", found: header.shapeText)
    }
    let info = info(shape, name)
    let stored: any FileBackedReader =
      header.isFortranOrder ? try transposed(info, shape) : try plain(info, shape)
    return header.type == .half ? HalfFloatReader(stored, info) : stored
  }

  private func plain(_ info: VolumeInfo, _ shape: NpyShape) throws(VoxtileError) -> RawVoxelReader {
    var info = info
    info.scalarType = header.type.stored
    return try RawVoxelReader(
      info, source: source, offset: offset + header.byteCount, planes: shape.isColor ? 1 : shape.channels,
      order: order(components: shape.isColor ? shape.channels : 1))
  }

  /// The reader of an array whose first axis is the fastest: the same as that of the array with its axes in reverse, but for
  /// the order of voxels.
  private func transposed(_ info: VolumeInfo, _ shape: NpyShape) throws(VoxtileError) -> TransposedReader {
    var info = info
    info.scalarType = header.type.stored
    var turned = info
    turned.extent = TransposedReader.turned(info.extent)
    let raw = try RawVoxelReader(
      turned, source: source, offset: offset + header.byteCount, planes: shape.isColor ? shape.channels : 1,
      order: order(components: shape.isColor ? 1 : shape.channels))
    return TransposedReader(raw, info)
  }

  private func order(components: Int) -> VoxelOrder {
    VoxelOrder(scalarType: header.type.stored, components: components, byteOrder: header.byteOrder)
  }

  private func info(_ shape: NpyShape, _ name: String?) -> VolumeInfo {
    let order = header.isFortranOrder ? "Fortran (first axis fastest)" : "C (last axis fastest)"
    var details: [(name: String, value: String)] = [
      ("version", "NumPy format \(header.version)"), ("dtype", header.type.name),
      ("byte order", "\(header.byteOrder.rawValue)-endian"), ("order", order),
      ("shape", "\(header.shapeText): \(shape.words)"),
    ]
    if let name { details.insert(("array", name), at: 0) }
    return VolumeInfo(
      extent: shape.extent, channels: shape.channels, scalarType: header.type.scalarType,
      isLabelMap: header.type == .bool, metadata: NpyFormat.metadata(rank: shape.spatialRank),
      details: details,
      notes: shape.notes)
  }
}
