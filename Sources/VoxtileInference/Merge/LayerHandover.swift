import Voxtile

/// The sums that one layer of patches hands on to the next, in memory or in a scratch file.
///
/// Lines are stored when a row of the grid is complete, and loaded when a row of the next layer begins; a slice's place is
/// taken by another one only after its lines have been loaded.
final class LayerHandover: Sendable {
  private enum Storage: Sendable {
    case memory(ScratchMemory)
    case file(ScratchFile)
    case nothing
  }

  private let storage: Storage
  /// The bytes of everything that is kept.
  let byteCount: Int
  private let places: Int
  private let planes: Int
  private let extent: Extent

  /// Makes room.
  ///
  /// - Parameter slicesBefore: how many slices that are final are handed on, too.
  /// - Throws: `VoxtileError.Code.fileAccess` where there is none.
  init(
    _ geometry: MergeSchedule, planes: Int, slicesBefore: Int = 0, inMemory isInMemory: Bool
  ) throws(VoxtileError) {
    places = geometry.maxCarriedSlices + slicesBefore
    self.planes = planes
    extent = geometry.grid.extent
    let bytes = geometry.carryBytes(planes: planes, slicesBefore: slicesBefore)
    byteCount = bytes
    if bytes == 0 {
      storage = .nothing
    } else if isInMemory {
      storage = .memory(try ScratchMemory(byteCount: bytes))
    } else {
      storage = .file(try ScratchFile())
    }
  }

  /// Where the lines of one plane of a slice lie, counted in values.
  private func place(_ slice: Int, plane: Int, line: Int) -> Int {
    ((slice % places * planes + plane) * extent.height + line) * extent.width
  }

  /// Keeps some lines of one plane of a slice.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the disk is full.
  func store(
    _ values: UnsafeBufferPointer<Float>, slice: Int, plane: Int, line: Int
  ) throws(VoxtileError) {
    let start = place(slice, plane: plane, line: line)
    switch storage {
    case .memory(let memory):
      _ = UnsafeMutableBufferPointer(
        rebasing: memory.values(of: Float.self)[start..<start + values.count]
      ).update(fromContentsOf: values)
    case .file(let file):
      try file.write(UnsafeRawBufferPointer(values), at: start * 4)
    case .nothing:
      break
    }
  }

  /// Gives back lines that were kept.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails.
  func load(
    _ values: UnsafeMutableBufferPointer<Float>, slice: Int, plane: Int, line: Int
  ) throws(VoxtileError) {
    let start = place(slice, plane: plane, line: line)
    switch storage {
    case .memory(let memory):
      _ = values.update(
        fromContentsOf: UnsafeMutableBufferPointer(
          rebasing: memory.values(of: Float.self)[start..<start + values.count]))
    case .file(let file):
      try file.read(at: start * 4, into: UnsafeMutableRawBufferPointer(values))
    case .nothing:
      break
    }
  }

  /// Calls a body with everything that is kept, a few MiB at a time.
  ///
  /// - Throws: what the body throws, and `VoxtileError.Code.fileAccess` where the system fails.
  func forEachPart(_ body: (_ offset: Int, _ bytes: UnsafeMutableRawBufferPointer) throws -> Void) throws {
    let step = 4 << 20
    switch storage {
    case .memory(let memory):
      let bytes = UnsafeMutableRawBufferPointer(memory.values(of: UInt8.self))
      for offset in stride(from: 0, to: byteCount, by: step) {
        try body(
          offset, UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<min(byteCount, offset + step)]))
      }
    case .file(let file):
      var buffer = [UInt8](repeating: 0, count: min(step, byteCount))
      for offset in stride(from: 0, to: byteCount, by: step) {
        try buffer.withUnsafeMutableBytes { bytes in
          let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<min(step, byteCount - offset)])
          try file.read(at: offset, into: part)
          try body(offset, part)
        }
      }
    case .nothing: break
    }
  }

  /// Sets everything that is kept, a few MiB at a time.
  ///
  /// - Parameter fill: gets the bytes from an offset on.
  func setParts(_ fill: (_ offset: Int, _ bytes: UnsafeMutableRawBufferPointer) throws -> Void) throws {
    let step = 4 << 20
    switch storage {
    case .memory: try forEachPart(fill)
    case .file(let file):
      var buffer = [UInt8](repeating: 0, count: min(step, byteCount))
      for offset in stride(from: 0, to: byteCount, by: step) {
        try buffer.withUnsafeMutableBytes { bytes in
          let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<min(step, byteCount - offset)])
          try fill(offset, part)
          try file.write(UnsafeRawBufferPointer(part), at: offset)
        }
      }
    case .nothing: break
    }
  }
}
