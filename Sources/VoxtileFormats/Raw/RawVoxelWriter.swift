import Synchronization
import Voxtile

/// An image whose voxels lie one after another in a file, being written slab by slab.
///
/// Slabs of an uncompressed file go straight to their places. A compressed file of one plane is
/// compressed as the slabs come. Where it has several planes (time points, vector components), which follow
/// each other whole in the file, all voxels wait in a scratch file until the writer is finished.
final class RawVoxelWriter: SummedFileWriter {
  let info: VolumeInfo
  private let target: RawTarget
  private let headerFile: AtomicFile
  /// The file with the voxels, where they do not follow the header.
  private let imageFile: AtomicFile?
  private let compressor: GzipWriter?
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

  /// Begins the files of an image.
  ///
  /// - Parameters:
  ///   - info: what is written: as many channels as there are planes and components.
  ///   - target: the files, and the header.
  ///   - planes: how many images of all components follow each other whole.
  ///   - order: how a voxel is stored.
  /// - Throws: `VoxtileError.Code.targetExists`, `VoxtileError.Code.fileAccess`.
  init(
    _ info: VolumeInfo, to target: RawTarget, planes: Int, order: VoxelOrder, options: WriteOptions
  ) throws(VoxtileError) {
    self.info = info
    self.target = target
    self.options = options
    self.order = order
    headerFile = try AtomicFile(
      target.headerPath, replacing: options.isReplacing, summed: options.isSummed, durable: options.isDurable)
    if let image = target.voxelPath {
      imageFile = try AtomicFile(image, replacing: options.isReplacing, durable: options.isDurable)
    } else {
      imageFile = nil
    }
    let start = imageFile == nil ? target.header.count : 0
    layout = VoxelLayout(
      extent: info.extent, planes: planes, voxelByteCount: order.voxelByteCount, offset: start)
    let file = imageFile ?? headerFile
    switch target.packing {
    case .none: compressor = nil
    case .wholeFiles: compressor = try GzipWriter(file, options: options)
    case .voxels(let wrapper): compressor = try GzipWriter(file, at: start, wrapper, options: options)
    }
    let mustWait = compressor != nil && planes > 1
    state = Mutex(State(waiting: mustWait ? try ScratchFile() : nil))
    if imageFile == nil { try writeHeader(target.header) }
  }

  private func writeHeader(_ bytes: [UInt8]) throws(VoxtileError) {
    guard target.packing == .wholeFiles else { return try headerFile.write(bytes, at: 0) }
    if imageFile == nil {
      try compressor?.write(bytes)
    } else {
      let headerCompressor = try GzipWriter(headerFile, options: options)
      try headerCompressor.write(bytes)
      try headerCompressor.finish()
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
      byteCount: max(min(Self.chunkByteCount / size, voxels), 1) * size, alignment: 16)
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
      let completed = compressor.flatMap { target.completed?($0.byteCount) }
      precondition(
        completed?.count ?? target.header.count == target.header.count, "the header keeps its size")
      // The header comes last, so that a pair is never there without its voxels.
      if let imageFile {
        try writeHeader(completed ?? target.header)
        try imageFile.commit()
      } else if let completed {
        try writeHeader(completed)
      }
      try headerFile.commit()
    }
  }
}

extension RawVoxelWriter {
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
