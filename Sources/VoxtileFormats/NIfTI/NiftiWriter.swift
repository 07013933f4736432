import Synchronization
import Voxtile

/// A NIfTI image being written slab by slab.
///
/// Slabs of an uncompressed file go straight to their places. A compressed file of one plane is
/// compressed as the slabs come. Where it has several planes (time points, vector components), which follow
/// each other whole in the file, all voxels wait in a scratch file until the writer is finished.
final class NiftiWriter: SummedFileWriter {
  let info: VolumeInfo
  private let headerFile: AtomicFile
  /// The `.img` file of a pair.
  private let imageFile: AtomicFile?
  private let compressor: GzipWriter?
  private let headerBytes: [UInt8]
  private let isHeaderCompressed: Bool
  private let options: WriteOptions
  private let layout: VoxelLayout
  private let order: VoxelOrder
  private let state: Mutex<State>

  private struct State {
    var nextSlice = 0
    /// The voxels of all planes in the order of the file, where they have to wait.
    var waiting: ScratchFile?
  }

  private static let chunkByteCount = 1 << 18

  init(
    _ header: NiftiHeader, _ shape: NiftiShape, of info: VolumeInfo, to files: NiftiFiles,
    options: WriteOptions
  ) throws(VoxtileError) {
    self.info = info
    headerBytes = header.bytes
    isHeaderCompressed = files.isCompressed
    self.options = options
    headerFile = try AtomicFile(
      files.header, replacing: options.isReplacing, summed: options.isSummed, durable: options.isDurable)
    if let image = files.image {
      imageFile = try AtomicFile(image, replacing: options.isReplacing, durable: options.isDurable)
    } else {
      imageFile = nil
    }
    layout = VoxelLayout(
      extent: shape.extent, planes: shape.planes, voxelByteCount: shape.datatype.voxelByteCount,
      offset: imageFile == nil ? header.bytes.count : 0)
    order = VoxelOrder(shape.datatype, header.byteOrder)
    compressor = files.isCompressed ? try GzipWriter(imageFile ?? headerFile, options: options) : nil
    let mustWait = files.isCompressed && shape.planes > 1
    state = Mutex(State(waiting: mustWait ? try ScratchFile() : nil))
    if imageFile == nil { try writeHeader() }
  }

  private func writeHeader() throws(VoxtileError) {
    if imageFile == nil, let compressor {
      try compressor.write(headerBytes)
    } else if isHeaderCompressed {
      let headerCompressor = try GzipWriter(headerFile, options: options)
      try headerCompressor.write(headerBytes)
      try headerCompressor.finish()
    } else {
      try headerFile.write(headerBytes, at: 0)
    }
  }

  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    let extent = layout.extent
    let voxels = extent.width * extent.height * slices.count
    let planeBytes = voxels * layout.voxelByteCount
    precondition(
      slab.count == planeBytes * layout.planes,
      "a slab of slices \(slices) has \(planeBytes * layout.planes) bytes, not \(slab.count)")
    let region = Region(
      origin: Position(x: 0, y: 0, z: slices.lowerBound),
      extent: Extent(width: extent.width, height: extent.height, depth: slices.count))
    let fileOffset = layout.runs(of: region).offset
    try state.withLock { state in
      precondition(
        slices.lowerBound == state.nextSlice, "slices \(slices) do not follow slice \(state.nextSlice)")
      for plane in 0..<layout.planes {
        let part = UnsafeRawBufferPointer(
          rebasing: slab[plane * planeBytes..<(plane + 1) * planeBytes])
        let offset = fileOffset + plane * extent.voxelCount * layout.voxelByteCount
        try encode(part, voxels: voxels) { (bytes, position) throws(VoxtileError) in
          try put(bytes, at: offset + position, &state)
        }
      }
      state.nextSlice = slices.upperBound
    }
  }

  /// Gives the bytes of one plane in the order of the file, in parts.
  private func encode(
    _ channels: UnsafeRawBufferPointer, voxels: Int,
    _ put: (UnsafeRawBufferPointer, _ position: Int) throws(VoxtileError) -> Void
  ) throws(VoxtileError) {
    if order.isIdentity { return try put(channels, 0) }
    let size = layout.voxelByteCount
    let chunk = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(Self.chunkByteCount / size, max(voxels, 1)) * size, alignment: 16)
    defer { chunk.deallocate() }
    var first = 0
    while first < voxels {
      let count = min(chunk.count / size, voxels - first)
      let part = UnsafeMutableRawBufferPointer(rebasing: chunk[..<(count * size)])
      order.encode(channels, at: first, voxels: voxels, into: part)
      try put(UnsafeRawBufferPointer(part), first * size)
      first += count
    }
  }

  private func put(
    _ bytes: UnsafeRawBufferPointer, at offset: Int, _ state: inout State
  ) throws(VoxtileError) {
    if let waiting = state.waiting {
      try waiting.write(bytes, at: offset - layout.offset)
    } else if let compressor {
      try compressor.write(bytes)
    } else {
      try (imageFile ?? headerFile).write(bytes, at: offset)
    }
  }

  var fileChecksum: UInt32? { imageFile == nil ? headerFile.checksum : nil }

  func finish() throws {
    try state.withLock { state in
      precondition(
        state.nextSlice == layout.extent.depth,
        "\(state.nextSlice) of \(layout.extent.depth) slices have been written")
      if let waiting = state.waiting {
        try compress(waiting)
        state.waiting = nil
      }
      try compressor?.finish()
      // The header comes last, so that a pair is never there without its voxels.
      if let imageFile {
        try writeHeader()
        try imageFile.commit()
      }
      try headerFile.commit()
    }
  }
}

extension NiftiWriter {
  /// Compresses the voxels that have waited.
  private func compress(_ waiting: ScratchFile) throws(VoxtileError) {
    let byteCount = layout.extent.voxelCount * layout.planes * layout.voxelByteCount
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 << 20, alignment: 16)
    defer { chunk.deallocate() }
    for offset in stride(from: 0, to: byteCount, by: chunk.count) {
      let part = UnsafeMutableRawBufferPointer(
        rebasing: chunk[..<min(chunk.count, byteCount - offset)])
      try waiting.read(at: offset, into: part)
      try compressor?.write(UnsafeRawBufferPointer(part))
    }
  }
}

extension GzipWriter {
  /// Appends an array.
  fileprivate func write(_ bytes: [UInt8]) throws(VoxtileError) {
    try bytes.withBytes { (buffer) throws(VoxtileError) in try write(buffer) }
  }
}
