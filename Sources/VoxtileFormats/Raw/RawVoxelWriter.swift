import Synchronization
import Voxtile

/// Voxels on their way into a file in which they lie one after another, plain or compressed.
///
/// Slabs of an uncompressed file go straight to their places. A compressed file of one plane is
/// compressed as the slabs come. Where it has several planes (time points, vector components), which follow
/// each other whole in the file, all voxels wait in a scratch file until the writer is finished.
final class RawVoxelWriter: Sendable {
  /// What takes the bytes.
  enum Destination: Sendable {
    /// A file, at any place.
    case file(AtomicFile)
    /// A compressed stream, in the order of the file.
    case stream(GzipWriter)
  }

  private let destination: Destination
  private let layout: VoxelLayout
  private let order: VoxelOrder
  private let state: Mutex<State>

  private struct State {
    var nextSlice = 0
    /// The voxels of all planes in the order of the file, where they have to wait.
    var waiting: ScratchFile?
  }

  private static let chunkByteCount = 1 << 18

  /// - Parameters:
  ///   - destination: what takes the bytes; a stream has taken all that comes before the voxels.
  ///   - layout: where voxels lie in the file.
  ///   - order: how a voxel is stored.
  /// - Throws: `VoxtileError.Code.fileAccess` where there is no place for scratch files.
  init(_ destination: Destination, layout: VoxelLayout, order: VoxelOrder) throws(VoxtileError) {
    self.destination = destination
    self.layout = layout
    self.order = order
    var state = State()
    if case .stream = destination, layout.planes > 1 { state.waiting = try ScratchFile() }
    self.state = Mutex(state)
  }

  /// Takes the next slices of all channels, as `VolumeWriter.write(_:slices:)` does.
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
    if let waiting = state.waiting { return try waiting.write(bytes, at: offset - layout.offset) }
    switch destination {
    case .file(let file): try file.write(bytes, at: offset)
    case .stream(let stream): try stream.write(bytes)
    }
  }

  /// Passes on what has waited. The stream still has to be finished, and the file committed.
  ///
  /// - Precondition: all slices have been written.
  func finish() throws {
    try state.withLock { state in
      precondition(
        state.nextSlice == layout.extent.depth,
        "\(state.nextSlice) of \(layout.extent.depth) slices have been written")
      if let waiting = state.waiting, case .stream(let stream) = destination {
        try pass(waiting, to: stream)
        state.waiting = nil
      }
    }
  }

  private func pass(_ waiting: ScratchFile, to stream: GzipWriter) throws(VoxtileError) {
    let byteCount = layout.extent.voxelCount * layout.planes * layout.voxelByteCount
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 << 20, alignment: 16)
    defer { chunk.deallocate() }
    for offset in stride(from: 0, to: byteCount, by: chunk.count) {
      let part = UnsafeMutableRawBufferPointer(
        rebasing: chunk[..<min(chunk.count, byteCount - offset)])
      try waiting.read(at: offset, into: part)
      try stream.write(UnsafeRawBufferPointer(part))
    }
  }
}

extension GzipWriter {
  /// Appends an array.
  func write(_ bytes: [UInt8]) throws(VoxtileError) {
    try bytes.withBytes { (buffer) throws(VoxtileError) in try write(buffer) }
  }
}
