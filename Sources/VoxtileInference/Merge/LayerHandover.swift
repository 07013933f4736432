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
  private let places: Int
  private let planes: Int
  private let extent: Extent

  /// Makes room.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where there is none.
  init(_ geometry: MergeSchedule, planes: Int, inMemory isInMemory: Bool) throws(VoxtileError) {
    places = geometry.maxCarriedSlices
    self.planes = planes
    extent = geometry.grid.extent
    let bytes = geometry.carryBytes(planes: planes)
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
}
