import Voxtile

/// Looks at what is written, and passes it on to another writer if there is one.
struct WriterObserver: VolumeWriter {
  let info: VolumeInfo
  private let next: (any VolumeWriter)?
  private let look: @Sendable (UnsafeRawBufferPointer) -> Void

  init(
    _ info: VolumeInfo, passingTo next: (any VolumeWriter)? = nil,
    look: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
  ) {
    self.info = info
    self.next = next
    self.look = look
  }

  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    look(slab)
    try next?.write(slab, slices: slices)
  }

  func finish() throws { try next?.finish() }
}
