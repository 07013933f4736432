import Synchronization
import Voxtile

/// An array of a Zarr store being written, slab by slab: chunks are written when their last slice or row has come.
///
/// Chunks that hold nothing but 0 have no file.
final class ZarrArrayWriter: Sendable {
  private let array: NewZarrArray
  private let roles: [OMEAxis.Role]
  private let extent: Extent
  private let channels: Int
  private let choice: ChunkChoice
  private let folder: String
  private let jobs: Jobs
  private let isReplacing: Bool
  private let state = Mutex(State())

  private struct State {
    /// The slices or rows that wait for the rest of their chunks.
    var band: [UInt8] = []
    /// What of the image is in ``band``: it begins where a chunk begins.
    var rows = 0..<0
    var slices = 0..<0
  }

  /// The folders of chunks that are there.
  private let folders = Mutex<Set<String>>([])

  /// A box of voxels in memory, all channels.
  private struct Box {
    let start: UnsafeRawPointer
    let region: Region
    /// The rows and slices that memory has room for.
    let room: Extent
  }

  /// - Parameters:
  ///   - array: what is written.
  ///   - roles: what each of its axes is in the image.
  ///   - extent: the size of the image.
  ///   - folder: where the document and the chunks go; it is there.
  ///   - isReplacing: whether a chunk may be there already.
  init(
    _ array: NewZarrArray, roles: [OMEAxis.Role], extent: Extent, channels: Int, choice: ChunkChoice,
    to folder: String, jobs: Jobs, replacing isReplacing: Bool
  ) {
    self.array = array
    self.roles = roles
    self.extent = extent
    self.channels = channels
    self.choice = choice
    self.folder = folder
    self.jobs = jobs
    self.isReplacing = isReplacing
  }
}

// MARK: - Slabs

extension ZarrArrayWriter {
  /// Bytes of one row of one channel.
  private var rowByteCount: Int { extent.width * array.scalarType.byteCount }

  /// Takes the next rows of some slices: all rows, or those of one slice.
  ///
  /// - Precondition: slabs come in ascending order without gaps, and have exactly their bytes.
  func write(_ slab: UnsafeRawBufferPointer, rows: Range<Int>, slices: Range<Int>) throws {
    precondition(
      slab.count == rows.count * slices.count * channels * rowByteCount,
      "rows \(rows) of slices \(slices) of \(extent) are not \(slab.count) bytes")
    guard let start = slab.baseAddress else { return }
    let box = Box(
      start: start, region: Region(x: 0..<extent.width, y: rows, z: slices),
      room: Extent(width: extent.width, height: rows.count, depth: slices.count))
    try state.withLock { state in
      for part in bands(of: box.region) {
        // What is complete is written from where it is.
        if state.band.isEmpty, isComplete(part) {
          try writeChunks(of: part, from: box)
        } else {
          try collect(part, from: box, &state)
        }
      }
    }
  }

  /// The parts of a box that belong to one band each, in order.
  private func bands(of region: Region) -> [Region] {
    region.z.pieces(of: choice.band.depth).flatMap { z in
      region.y.pieces(of: choice.band.height).map { y in Region(x: region.x, y: y, z: z) }
    }
  }

  /// Whether a region has all rows and slices of its chunks.
  private func isComplete(_ region: Region) -> Bool {
    func isComplete(_ range: Range<Int>, _ size: Int, _ end: Int) -> Bool {
      range.lowerBound % size == 0 && (range.count == size || range.upperBound == end)
    }
    return isComplete(region.y, choice.band.height, extent.height)
      && isComplete(region.z, choice.band.depth, extent.depth)
  }

  private func collect(_ region: Region, from box: Box, _ state: inout State) throws {
    let band = choice.band
    let first = Position(
      x: 0, y: region.y.lowerBound / band.height * band.height,
      z: region.z.lowerBound / band.depth * band.depth)
    if state.band.isEmpty {
      state.band = [UInt8](repeating: 0, count: band.height * band.depth * channels * rowByteCount)
    }
    state.band.withUnsafeMutableBytes { target in
      guard let base = target.baseAddress else { return }
      let position = region.origin - first
      StridedCopy(counts: [channels, region.extent.depth, region.extent.height, rowByteCount], byteCount: 1)
        .run(
          from: box.start + offset(of: region.origin - box.region.origin, in: box.room),
          strides: strides(box.room),
          to: base + offset(of: position, in: band), strides: strides(band))
    }
    // Rows and slices come in order, so that the last ones complete the band.
    let end = Position(
      x: 0, y: min(first.y + band.height, extent.height), z: min(first.z + band.depth, extent.depth))
    guard region.y.upperBound == end.y, region.z.upperBound == end.z else { return }
    let complete = Region(x: 0..<extent.width, y: first.y..<end.y, z: first.z..<end.z)
    let bytes = state.band
    state.band = []
    try bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      try writeChunks(of: complete, from: Box(start: start, region: complete, room: band))
    }
  }

  /// Steps in bytes from channel to channel, slice, row and byte.
  private func strides(_ room: Extent) -> [Int] {
    [channels, room.depth, room.height, rowByteCount].strides(of: 1)
  }

  private func offset(of position: Position, in room: Extent) -> Int {
    (position.z * room.height + position.y) * rowByteCount
  }
}

// MARK: - Chunks

extension ZarrArrayWriter {
  /// Writes a box that has all voxels of its chunks, from any thread.
  ///
  /// - Precondition: the box has exactly the bytes of the region.
  func writeBox(_ box: UnsafeRawBufferPointer, at region: Region) throws {
    guard let start = box.baseAddress else { return }
    try writeChunks(of: region, from: Box(start: start, region: region, room: region.extent))
  }

  /// Writes all chunks of a region, several at a time.
  private func writeChunks(of region: Region, from box: Box) throws {
    let grid = ChunkGrid(shape: array.shape, chunkShape: array.chunkShape)
    var range = array.shape.map { 0..<$0 }
    for (index, role) in roles.enumerated() {
      if case .space(let axis) = role { range[index] = region[axis] }
    }
    var parts: [ChunkGrid.Part] = []
    grid.forEachPart(of: range) { parts.append($0) }
    for part in parts { try makeFolder(of: array.keys.path(of: part.chunk)) }
    let strides = roles.strides(
      shape: array.shape, extent: box.room, valueByteCount: array.scalarType.byteCount)
    let source = SharedMemory(start: box.start + offset(of: region.origin - box.region.origin, in: box.room))
    let chosen = parts
    try jobs.forEachThrowing(chosen.count) { index in
      let part = chosen[index]
      let offset = zip(part.inBox, strides).reduce(0) { $0 + $1.0 * $1.1 }
      try writeChunk(part, from: source.start + offset, strides: strides)
    }
  }

  private func writeChunk(_ part: ChunkGrid.Part, from source: UnsafeRawPointer, strides: [Int]) throws {
    let size = array.scalarType.byteCount
    var bytes = [UInt8](repeating: 0, count: array.chunkShape.reduce(size, *))
    bytes.withUnsafeMutableBytes { target in
      guard let base = target.baseAddress else { return }
      StridedCopy(counts: part.size, byteCount: size).run(
        from: source, strides: strides, to: base, strides: array.chunkShape.strides(of: size))
    }
    try array.write(bytes, chunk: part.chunk, to: folder, replacing: isReplacing)
  }

  private func makeFolder(of path: String) throws(VoxtileError) {
    let name = path.parentFolder
    guard name != ".", !folders.withLock({ $0.contains(name) }) else { return }
    try ZarrFolder(path: folder).makeFolders(name)
    folders.withLock { _ = $0.insert(name) }
  }
}

/// Memory that several threads read.
private struct SharedMemory: @unchecked Sendable {
  let start: UnsafeRawPointer
}

extension Range<Int> {
  /// The parts of the range that lie in one of the steps of a size, counted from 0.
  fileprivate func pieces(of size: Int) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var start = lowerBound
    while start < upperBound {
      let end = Swift.min((start / size + 1) * size, upperBound)
      pieces.append(start..<end)
      start = end
    }
    return pieces
  }
}
