import Voxtile

/// An array of NumPy being written slab by slab: a `.npy` file, or a `.npz` archive that holds it, compressed.
final class NpyWriter: SummedFileWriter {
  let info: VolumeInfo
  private let file: AtomicFile
  private let compressor: GzipWriter?
  private let voxels: RawVoxelWriter

  /// - Parameter isArchive: whether it is a `.npz`.
  init(
    _ info: VolumeInfo, to file: AtomicFile, isArchive: Bool, options: WriteOptions
  ) throws(VoxtileError) {
    self.info = info
    self.file = file
    let shape = NpyShape(writing: info)
    let header = NpyHeader(info.scalarType, axes: shape.axes)
    let components = shape.isColor ? shape.channels : 1
    let order = VoxelOrder(scalarType: info.scalarType, components: components, byteOrder: header.byteOrder)
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
    try voxels.write(slab, slices: slices)
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
