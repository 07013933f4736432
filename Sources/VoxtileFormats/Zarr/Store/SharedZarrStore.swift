import Voxtile

/// An OME-Zarr image that several processes, or threads, write at the same time, each with boxes of its own.
///
/// Every process creates one with the same path, description and options; the first one makes the folder. A box has whole chunks
/// (``chunk``), and appears chunk by chunk, each whole or not at all; one that is written again replaces what was there. When all boxes
/// are written, one process, and only one, calls ``finish()``, which makes the coarser levels and says that there is an image: before,
/// nothing takes the folder for one. The files are then those that one writer of the whole image gives.
///
///     let store = try SharedZarrStore("labels.zarr", info: info, options: WriteOptions(chunk: Extent(64)))
///     for region in mine { try store.write(labels(of: region), at: region) }
///
/// For an image that one process writes, use ``ImageFormats/create(_:info:options:)``: it appears in one step.
public struct SharedZarrStore: Sendable {
  /// What is written.
  public var info: VolumeInfo { store.info }
  /// The size of a chunk. Boxes begin at multiples of it and end there, or where the image ends.
  public var chunk: Extent { store.choice.chunk }

  private let path: String
  private let store: NewZarrStore
  private let level: ZarrArrayWriter
  private var root: ZarrFolder { ZarrFolder(path: path) }

  /// Makes the folder of a store, or takes one that another process has made for the same image.
  ///
  /// - Parameters:
  ///   - path: where the store is; the folder above it must be there.
  ///   - info: what will be written.
  ///   - options: how; `isReplacing` does not count: what is there is another process's, or somebody's.
  /// - Throws: as ``ZarrFormat/create(_:info:options:)``; `VoxtileError.Code.targetExists` where something else is there: a file, an
  ///   image that is finished, or a store that was begun for another image or in another way.
  public init(_ path: String, info: VolumeInfo, options: WriteOptions = WriteOptions()) throws {
    let path = path.withoutSlashesAtEnd
    self.path = path
    do {
      store = try ZarrFormat.store(of: info, options: options)
      let root = ZarrFolder(path: path)
      level = store.writer(in: root, replacing: true)
      try Self.begin(store.first, in: root)
    } catch let error as VoxtileError {
      throw error.inFile(path)
    }
  }

  /// The size of a chunk that a store of an image has; nothing is written.
  ///
  /// - Throws: as ``init(_:info:options:)``, where the image cannot be stored.
  package static func chunk(of info: VolumeInfo, options: WriteOptions) throws(VoxtileError) -> Extent {
    try ZarrFormat.store(of: info, options: options).choice.chunk
  }

  /// Makes the folder with the document of the array, unless both are there.
  private static func begin(_ first: ZarrPyramid.Level, in root: ZarrFolder) throws {
    let (folder, document) = (root.folder(first.path), first.array.document)
    try root.makeFolders()
    try root.checkHoldsLevelsOnly()
    try root.makeFolders(first.path)
    let found = try folder.document(document.name)
    if found == nil { try folder.replace(document.content, at: document.name) }
    guard let begun = try folder.document(document.name), begun.bytes() == document.content.bytes() else {
      throw VoxtileError(
        .targetExists,
        "was begun for another image, or with other chunks or settings; name another folder, or remove that one",
        context: .init(file: root.path))
    }
  }
}

// MARK: - Boxes

extension SharedZarrStore {
  /// Writes the values of a box.
  ///
  /// - Parameters:
  ///   - box: the values, in the order `(channels, depth, height, width)`, in the machine's byte order.
  ///   - region: where they lie in the image: whole chunks.
  /// - Throws: `VoxtileError.Code.invalidOption` where the box reaches out of the image or has a part of a chunk, which nobody can
  ///   write alone; `VoxtileError.Code.fileAccess` where the system fails to write.
  /// - Precondition: the box has exactly the bytes of the region.
  public func write(_ box: UnsafeRawBufferPointer, at region: Region) throws {
    try check(region)
    precondition(
      box.count == info.byteCount(of: region),
      "the box has \(box.count) bytes, \(region) needs \(info.byteCount(of: region))")
    try level.writeBox(box, at: region)
  }

  /// Writes the values of a box.
  ///
  /// - Throws: as ``write(_:at:)``, and `VoxtileError.Code.typeMismatch` or `VoxtileError.Code.shapeMismatch` where the volume is not of
  ///   the type of the image or the size of the region.
  public func write<Scalar>(_ box: Volume<Scalar>, at region: Region) throws {
    guard Scalar.scalarType == info.scalarType else {
      throw VoxtileError(
        .typeMismatch,
        "holds \(info.scalarType.rawValue), but the box \(Scalar.scalarType.rawValue); convert it first",
        context: .init(file: path, expected: info.scalarType.rawValue, found: Scalar.scalarType.rawValue))
    }
    guard box.extent == region.extent, box.channels == info.channels else {
      throw VoxtileError(
        .shapeMismatch,
        "needs \(info.channels) x \(region.extent) values, but the box has \(box.channels) x \(box.extent)",
        context: .init(file: path, expected: "\(region.extent)", found: "\(box.extent)"))
    }
    try box.voxels.withUnsafeBytes { try write($0, at: region) }
  }

  /// A writer of slices, which come in ascending order without gaps, from the beginning of a chunk to the end of one. It completes
  /// nothing.
  package func slabWriter() -> any VolumeWriter {
    SharedSlabWriter(info: info, level: store.writer(in: root, replacing: true))
  }

  /// Waits until everything that was written is on the disk.
  package func sync() throws { try Durable.syncTree(path) }

  /// Makes sure that a box has whole chunks.
  private func check(_ region: Region) throws(VoxtileError) {
    for axis in Axis.allCases {
      let (range, size, end) = (region[axis], chunk[axis], info.extent[axis])
      guard range.lowerBound >= 0, range.upperBound <= end, !range.isEmpty else {
        throw VoxtileError(
          .invalidOption, "has \(end) voxels along \(axis), but the box is \(range); it has to lie inside",
          context: .init(file: path, axis: axis, expected: "inside 0..<\(end)", found: "\(range)"))
      }
      guard range.lowerBound % size == 0, range.upperBound % size == 0 || range.upperBound == end else {
        throw VoxtileError(
          .invalidOption,
          "has chunks of \(size) voxels along \(axis), but the box is \(range); write whole chunks, since others may write their "
            + "neighbors",
          context: .init(file: path, axis: axis, expected: "multiples of \(size)", found: "\(range)"))
      }
    }
  }

  /// Completes the image, when all of its boxes have been written: whose nobody has written are 0.
  ///
  /// Everything is on the disk when this returns. After a failure it may be called again.
  ///
  /// - Throws: `VoxtileError.Code.targetExists` where the image is finished already; what reading and writing chunks throws.
  /// - Complexity: O(values), to make the coarser levels; memory for a few chunks of each thread.
  public func finish() throws { try finish(allowsWriters: false) }

  /// Completes the image as ``finish()`` does.
  ///
  /// - Parameter allowsWriters: whether others may, at this moment, write boxes once more that have been written, with the same values.
  package func finish(allowsWriters: Bool) throws {
    do {
      try Self.begin(store.first, in: root)
      try root.removeUnfinished(beside: store.first.path, allowsWriters: allowsWriters)
      try store.finish(root, named: path) { try Durable.syncTree(path) }
      try Durable.syncTree(path)
      try Durable.syncFolder(path.parentFolder)
    } catch let error as VoxtileError {
      throw error.inFile(path)
    }
  }
}

/// Writes slices of an image that several processes write.
private struct SharedSlabWriter: VolumeWriter {
  let info: VolumeInfo
  let level: ZarrArrayWriter

  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    try level.write(slab, rows: 0..<info.extent.height, slices: slices)
  }

  func finish() {}
}
