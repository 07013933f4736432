import Voxtile

/// An array of NumPy being written slab by slab: a `.npy` file, or a `.npz` archive that holds it, compressed.
final class NpyWriter: SummedFileWriter {
  let info: VolumeInfo
  private let file: AtomicFile
  private let compressor: GzipWriter?
  private let voxels: RawVoxelWriter
  /// Whether values are stored in half as many bits.
  private let isHalf: Bool

  /// - Parameter isArchive: whether it is a `.npz`.
  init(
    _ info: VolumeInfo, to file: AtomicFile, isArchive: Bool, options: WriteOptions
  ) throws(VoxtileError) {
    self.info = info
    self.file = file
    let shape = NpyShape(writing: info)
    isHalf = options.storesHalf && info.scalarType == .float32
    let header = NpyHeader(info.scalarType, axes: shape.axes, isHalf: isHalf)
    let components = shape.isColor ? shape.channels : 1
    let order = VoxelOrder(
      scalarType: header.type.stored, components: components, byteOrder: header.byteOrder)
    if isArchive {
      try file.write(NpzFrame.head, at: 0)
      let compressor = try GzipWriter(file, at: NpzFrame.head.count, .none, options: options)
      try compressor.write(header.bytes)
      self.compressor = compressor
    } else {
      try file.write(header.bytes, at: 0)
      compressor = nil
    }
    voxels = try RawVoxelWriter(
      compressor.map { .stream($0) } ?? .file(file),
      layout: VoxelLayout(
        extent: info.extent, planes: shape.channels / components, voxelByteCount: order.voxelByteCount,
        offset: header.byteCount),
      order: order)
  }

  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    guard isHalf else { return try voxels.write(slab, slices: slices) }
    try UInt16.halves(of: slab).withUnsafeBytes { try voxels.write($0, slices: slices) }
  }

  var fileChecksum: UInt32? { file.checksum }

  func finish() throws {
    try voxels.finish()
    if let compressor {
      try compressor.finish()
      let (checksum, end) = compressor.written
      try file.write(NpzFrame.tail(checksum, end: end), at: end)
    }
    try file.commit()
  }
}
