import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An image whose voxels lie one after another in a file, after its header or apart from it, being written slab by slab.
final class RawImageWriter: SummedFileWriter {
  let info: VolumeInfo
  private let target: RawTarget
  private let headerFile: AtomicFile
  /// The file with the voxels, where they do not follow the header.
  private let imageFile: AtomicFile?
  private let compressor: GzipWriter?
  private let options: WriteOptions
  private let voxels: RawVoxelWriter

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
    try Self.checkIsNoLink(target)
    headerFile = try AtomicFile(
      target.headerPath, replacing: options.isReplacing, summed: options.isSummed, durable: options.isDurable)
    if let image = target.voxelPath {
      imageFile = try AtomicFile(image, replacing: options.isReplacing, durable: options.isDurable)
    } else {
      imageFile = nil
    }
    let start = imageFile == nil ? target.header.count : 0
    let file = imageFile ?? headerFile
    switch target.packing {
    case .none: compressor = nil
    case .wholeFiles: compressor = try GzipWriter(file, options: options)
    case .voxels(let wrapper): compressor = try GzipWriter(file, at: start, wrapper, options: options)
    }
    voxels = try RawVoxelWriter(
      compressor.map { .stream($0) } ?? .file(file),
      layout: VoxelLayout(
        extent: info.extent, planes: planes, voxelByteCount: order.voxelByteCount, offset: start),
      order: order)
    if imageFile == nil { try writeHeader(target.header) }
  }

  /// Makes sure that the files of a pair lie beside each other: the voxels of a header behind a link would lie beside the link,
  /// and those beside the header would be of another image.
  private static func checkIsNoLink(_ target: RawTarget) throws(VoxtileError) {
    guard let voxels = target.voxelPath else { return }
    for path in [target.headerPath, voxels] {
      let real = Durable.target(of: path)
      guard real != path else { continue }
      throw VoxtileError(
        .targetExists,
        "leads to \(real), but the header and the voxels of an image have to lie side by side; name that file",
        context: .init(file: path, expected: path, found: real))
    }
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
    try voxels.write(slab, slices: slices)
  }

  var fileChecksum: UInt32? { imageFile == nil ? headerFile.checksum : nil }

  func finish() throws {
    try voxels.finish()
    try compressor?.finish()
    let completed = compressor.flatMap { target.completed?($0.byteCount) }
    precondition(
      completed?.count ?? target.header.count == target.header.count,
      "the completed header has \(completed?.count ?? 0) bytes, not \(target.header.count)")
    // The header comes last, and an older one goes first: two names cannot change at once, and a header must never stand beside the
    // voxels of another image, not even where the run is killed.
    if let imageFile {
      try writeHeader(completed ?? target.header)
      try headerFile.sync()
      try imageFile.commit(removing: target.headerPath)
    } else if let completed {
      try writeHeader(completed)
    }
    try headerFile.commit()
    removeOutdated()
  }

  /// Removes the voxels of the image that was replaced, where the new ones have another name.
  private func removeOutdated() {
    guard options.isReplacing else { return }
    let written = [target.headerPath, target.voxelPath].compactMap(\.self)
    let kept = written.compactMap(FileIdentity.init)
    // Where the system does not say which files were just written, none is known to be another.
    guard kept.count == written.count else { return }
    for path in target.outdated {
      // What cannot be removed is in nobody's way.
      if let file = FileIdentity(path), !kept.contains(file) { unlink(path) }
    }
  }
}
