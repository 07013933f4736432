import Synchronization
import Voxtile

/// An image being written as OME-Zarr. The store appears under its name when it is finished.
final class ZarrWriter: VolumeWriter {
  let info: VolumeInfo
  private let image: NewOMEImage
  private let folder: AtomicFolder
  private let level: ZarrArrayWriter
  private let path: String
  /// What has been written.
  private let order = Mutex(Position(x: 0, y: 0, z: 0))

  private let first: ZarrPyramid.Level
  private let jobs: Jobs
  /// Whether the image is a part of a larger one, which nobody looks at from afar, so that it needs no coarser levels.
  private let isPart: Bool

  init(_ path: String, _ info: VolumeInfo, _ image: NewOMEImage, options: WriteOptions) throws {
    self.path = path
    self.info = info
    self.image = image
    let choice = ChunkChoice(info, options)
    folder = try AtomicFolder(
      path, replacing: options.isReplacing, of: .zarr, durable: options.isDurable)
    let root = ZarrFolder(path: folder.temporaryPath)
    let array = NewZarrArray(
      version: image.version, shape: image.shape, chunkShape: image.chunkShape(choice.chunk),
      scalarType: info.scalarType, axisNames: image.axes.map(\.name), compression: options.compression)
    first = ZarrPyramid.Level(path: "0", array: array, transform: image.transform)
    jobs = Jobs(max(1, options.jobs))
    isPart = options.isPart
    try root.makeFolders(first.path)
    level = ZarrArrayWriter(
      array, roles: image.roles, extent: info.extent, channels: info.channels, choice: choice,
      to: root.file(first.path), jobs: jobs)
    try root.folder(first.path).write(array.document.content, to: array.document.name)
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
    let root = ZarrFolder(path: folder.temporaryPath)
    let name = path.fileName.split(separator: ".").first.map(String.init) ?? path.fileName
    do {
      let pyramid = ZarrPyramid(
        root: root, roles: image.roles, rule: info.isLabelMap ? .mode : .mean, jobs: jobs)
      let levels = try (isPart ? [first] : pyramid.write(after: first)).map { ($0.path, $0.transform) }
      for (file, document) in image.documents(levels: levels, name: name) {
        try root.write(document, to: file)
      }
    } catch let error as VoxtileError {
      throw folder.named(error)
    }
    try folder.commit()
  }
}

extension ChunkChoice {
  /// The chunks of an image.
  init(_ info: VolumeInfo, _ options: WriteOptions) {
    self.init(
      info.extent, voxelByteCount: info.channels * info.scalarType.byteCount, asked: options.chunk,
      suggested: options.suggestedChunk)
  }
}
