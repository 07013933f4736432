import Synchronization
import Voxtile

/// An image being written as OME-Zarr. The store appears under its name when it is finished.
final class ZarrWriter: VolumeWriter {
  var info: VolumeInfo { store.info }
  private let store: NewZarrStore
  private let folder: AtomicFolder
  private let level: ZarrArrayWriter
  private let path: String
  /// What has been written.
  private let order = Mutex(Position(x: 0, y: 0, z: 0))

  init(_ path: String, _ store: NewZarrStore, options: WriteOptions) throws {
    self.path = path
    self.store = store
    folder = try AtomicFolder(
      path, replacing: options.isReplacing, of: .zarr, durable: options.isDurable)
    let root = ZarrFolder(path: folder.temporaryPath)
    try root.makeFolders(store.first.path)
    level = store.writer(in: root)
    let document = store.first.array.document
    try root.folder(store.first.path).write(document.content, to: document.name)
  }

  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    try write(slab, rows: 0..<info.extent.height, slices: slices)
  }

  func writeRows(_ rows: UnsafeRawBufferPointer, _ range: Range<Int>, ofSlice slice: Int) throws {
    try write(rows, rows: range, slices: slice..<slice + 1)
  }

  private func write(_ slab: UnsafeRawBufferPointer, rows: Range<Int>, slices: Range<Int>) throws {
    if rows.isEmpty || slices.isEmpty { return }
    order.withLock { next in
      precondition(
        slices.lowerBound == next.z && rows.lowerBound == next.y && slices.upperBound <= info.extent.depth,
        "rows \(rows) of slices \(slices) do not follow row \(next.y) of slice \(next.z)")
      let isWhole = rows.upperBound == info.extent.height
      next = Position(x: 0, y: isWhole ? 0 : rows.upperBound, z: isWhole ? slices.upperBound : next.z)
    }
    do {
      try level.write(slab, rows: rows, slices: slices)
    } catch let error as VoxtileError {
      throw folder.named(error)
    }
  }

  func finish() throws {
    precondition(
      order.withLock { $0.z } == info.extent.depth, "not all slices of \(info.extent) have been written")
    do {
      try store.finish(ZarrFolder(path: folder.temporaryPath), named: path)
    } catch let error as VoxtileError {
      throw folder.named(error)
    }
    try folder.commit()
  }
}
