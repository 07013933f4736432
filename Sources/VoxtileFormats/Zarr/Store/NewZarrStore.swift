import Voxtile

/// A store with one image that is going to be written: its documents and its full resolution.
struct NewZarrStore: Sendable {
  let info: VolumeInfo
  let choice: ChunkChoice
  /// The array of full resolution.
  let first: ZarrPyramid.Level
  private let image: NewOMEImage
  private let jobs: Jobs
  /// Whether the image is a part of a larger one, which nobody looks at from afar, so that it needs no coarser levels.
  private let isPart: Bool

  /// - Throws: what ``NewOMEImage/init(_:version:)`` throws.
  init(_ info: VolumeInfo, _ image: NewOMEImage, options: WriteOptions) {
    self.info = info
    self.image = image
    choice = ChunkChoice(info, options)
    let array = NewZarrArray(
      version: image.version, shape: image.shape, chunkShape: image.chunkShape(choice.chunk),
      scalarType: info.scalarType, isHalf: options.storesHalf && info.scalarType == .float32,
      axisNames: image.axes.map(\.name), compression: options.compression)
    first = ZarrPyramid.Level(path: "0", array: array, transform: image.transform)
    jobs = Jobs(max(1, options.jobs))
    isPart = options.isPart
  }

  /// What writes the chunks of full resolution to a store that has the folder of their array.
  ///
  /// - Parameter isReplacing: whether a chunk may be there already.
  func writer(in root: ZarrFolder, replacing isReplacing: Bool = false) -> ZarrArrayWriter {
    ZarrArrayWriter(
      first.array, roles: image.roles, extent: info.extent, channels: info.channels, choice: choice,
      to: root.file(first.path), jobs: jobs, replacing: isReplacing)
  }

  /// Makes the coarser levels, and the documents of the group, which say that there is an image.
  ///
  /// - Parameters:
  ///   - root: the store, whose full resolution is complete.
  ///   - path: where the store will be, whose name the image gets.
  ///   - isSynced: called when all but the documents is written.
  func finish(_ root: ZarrFolder, named path: String, then isSynced: () throws -> Void = {}) throws {
    let name = path.fileName.split(separator: ".").first.map(String.init) ?? path.fileName
    let pyramid = ZarrPyramid(
      root: root, roles: image.roles, rule: info.isLabelMap ? .mode : .mean, jobs: jobs)
    let levels = try (isPart ? [first] : pyramid.write(after: first)).map { ($0.path, $0.transform) }
    try isSynced()
    for (file, document) in image.documents(levels: levels, name: name) {
      try root.write(document, to: file)
    }
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
