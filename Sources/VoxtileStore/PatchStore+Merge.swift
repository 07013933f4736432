import Synchronization
import Voxtile
import VoxtileFormats

extension PatchStore {
  /// How patches are merged into a file.
  public struct MergeOptions: Sendable {
    /// How several patches become one value; `nil` takes `Blend.vote` for integers that look like labels
    /// and `Blend.average` for everything else.
    public var blend: Blend?
    /// The value of voxels that no patch holds.
    public var fill: Double
    /// The scalar type of the merged file; `nil` for the patches' own. Where it is given, the file holds
    /// real values (the patches' scaling is applied).
    public var scalarType: ScalarType?
    /// How the merged file is written.
    public var write: WriteOptions
    /// How many threads read and merge.
    public var jobs: Jobs
    /// Who follows the job.
    public var progress: JobProgress

    /// Creates options.
    public init(
      blend: Blend? = nil, fill: Double = 0, scalarType: ScalarType? = nil,
      write: WriteOptions = WriteOptions(), jobs: Jobs = .all, progress: JobProgress = .none
    ) {
      self.blend = blend
      self.fill = fill
      self.scalarType = scalarType
      self.write = write
      self.jobs = jobs
      self.progress = progress
    }
  }

  /// What a merge did.
  public struct MergeReport: Sendable {
    /// How several patches became one value.
    public let blend: Blend
    /// Whether the patches were taken for label maps because their values look like it.
    public let isBlendGuessed: Bool
    /// The scalar type of the merged file.
    public let scalarType: ScalarType
    /// Values a voxel of the merged file.
    public let channels: Int
    /// Voxels that no patch holds, which have the fill value.
    public let uncoveredVoxels: Int
  }

  /// Merges the patch files of the folder into one image file.
  ///
  /// The patches may be another tool's outputs under the same names: of another scalar type, another number of
  /// channels (all the same), or another format. The merged file has the geometry header of the
  /// original.
  ///
  /// - Parameters:
  ///   - output: where the image goes; the ending chooses the format.
  ///   - options: how it is merged and written.
  /// - Returns: what was done.
  /// - Throws: `VoxtileError`: a missing patch (`VoxtileError.Code.missingPatch`), one of another
  ///   shape (`VoxtileError.Code.shapeMismatch`) or type (`VoxtileError.Code.typeMismatch`), a file that
  ///   cannot be read or written, an existing target (`VoxtileError.Code.targetExists`); and what the progress
  ///   throws. Nothing half-written stays.
  @discardableResult
  public func merge(to output: String, options: MergeOptions = MergeOptions()) throws -> MergeReport {
    let survey = try PatchSurvey(of: self)
    let appliesScaling = options.scalarType != nil || !survey.hasOneScaling
    let scaling = appliesScaling ? nil : survey.scaling
    let real: ScalarType =
      appliesScaling && survey.isScaled
      ? (survey.scalarType.byteCount == 8 ? .float64 : .float32) : survey.scalarType
    let type = options.scalarType ?? real
    let (blend, isGuessed) = try chooseBlend(options, survey: survey)

    var info = VolumeInfo(
      extent: manifest.source.extent, channels: survey.channels, scalarType: type, scaling: scaling,
      isLabelMap: manifest.source.isLabelMap, metadata: manifest.source.metadata)
    if case .majority = blend { info.isLabelMap = info.isLabelMap || survey.isLabelMap }
    let writer = try ImageFormats.create(output, info: info, options: options.write)
    let job = MergeJob(
      store: self, survey: survey, writer: writer, blend: blend, options: options,
      realType: appliesScaling && survey.isScaled ? real : nil)
    try job.run(type)
    try writer.finish()
    return MergeReport(
      blend: blend, isBlendGuessed: isGuessed, scalarType: type, channels: survey.channels,
      uncoveredVoxels: manifest.grid.coverage.lostVoxels)
  }

  /// The blend asked for, or the one that fits the patches.
  private func chooseBlend(
    _ options: MergeOptions, survey: PatchSurvey
  ) throws -> (Blend, isGuessed: Bool) {
    if let blend = options.blend { return (blend, false) }
    guard survey.scalarType.isInteger, !survey.isScaled else { return (.average, false) }
    if survey.isLabelMap { return (.vote, false) }
    var test = LabelTest()
    // A few patches from all over the grid; the border alone may be empty.
    let step = max(1, manifest.grid.count / 16)
    for index in stride(from: step / 2, to: manifest.grid.count, by: step) where !test.isDecided {
      let volume = try survey.read(manifest.grid[index])
      func look(_ volume: some AnyVolume) { test.add(volume.typed) }
      look(volume)
    }
    return test.looksLikeLabels ? (.vote, true) : (.average, false)
  }
}

/// What the headers of all patch files say together, found before a voxel is read.
struct PatchSurvey: Sendable {
  let paths: [String]
  let scalarType: ScalarType
  let channels: Int
  let scaling: VolumeInfo.Scaling?
  let hasOneScaling: Bool
  let isScaled: Bool
  let isLabelMap: Bool

  init(of store: PatchStore) throws {
    let files = try store.fileNames()
    let grid = store.manifest.grid
    var paths: [String] = []
    var first: VolumeInfo?
    var hasOneScaling = true
    var isScaled = false
    var isLabelMap = true
    for patch in grid {
      let path = try store.locate(patch, among: files)
      let info = try ImageFormats.open(path).info
      try Self.check(info, of: patch, against: first ?? info, file: path)
      hasOneScaling = hasOneScaling && info.scaling == (first ?? info).scaling
      isScaled = isScaled || info.scaling != nil
      isLabelMap = isLabelMap && info.isLabelMap
      first = first ?? info
      paths.append(path)
    }
    guard let first else { preconditionFailure("a grid has at least one patch") }
    self.paths = paths
    scalarType = first.scalarType
    channels = first.channels
    scaling = first.scaling
    self.hasOneScaling = hasOneScaling
    self.isScaled = isScaled
    self.isLabelMap = isLabelMap
  }

  /// Reads one patch as stored.
  func read(_ patch: Patch) throws -> any AnyVolume {
    try scaled(patch, to: nil)
  }

  /// Reads one patch, with its own scaling applied where a type for real values is given.
  func scaled(_ patch: Patch, to realType: ScalarType?) throws -> any AnyVolume {
    let path = paths[patch.index]
    do {
      let reader = try ImageFormats.open(path)
      let volume = try reader.readAny()
      guard let realType else { return volume }
      let scaling = reader.info.scaling ?? VolumeInfo.Scaling(slope: 1, intercept: 0)
      func convert<Target: VoxelScalar>(_ type: Target.Type) -> any AnyVolume {
        func open(_ volume: some AnyVolume) -> any AnyVolume {
          Volume<Target>(
            converting: volume.typed, slope: scaling.slope, intercept: scaling.intercept, jobs: .one)
        }
        return open(volume)
      }
      return convert(realType.type)
    } catch let error as VoxtileError {
      throw error.inFile(path)
    }
  }

  private static func check(
    _ info: VolumeInfo, of patch: Patch, against first: VolumeInfo, file: String
  ) throws {
    guard info.extent == patch.region.extent else {
      throw VoxtileError(
        .shapeMismatch,
        "is \(info.extent) voxels, but patch \(patch.index) is \(patch.region.extent); the tool that wrote "
          + "it must keep the size",
        context: .init(file: file, expected: "\(patch.region.extent)", found: "\(info.extent)"))
    }
    guard info.channels == first.channels else {
      throw VoxtileError(
        .shapeMismatch,
        "has \(info.channels) channels, but the first patch has \(first.channels); all must have as many",
        context: .init(file: file, expected: "\(first.channels)", found: "\(info.channels)"))
    }
    guard info.scalarType == first.scalarType else {
      throw VoxtileError(
        .typeMismatch,
        "holds \(info.scalarType.rawValue), but the first patch holds \(first.scalarType.rawValue); all must "
          + "hold the same",
        context: .init(
          file: file, expected: first.scalarType.rawValue, found: info.scalarType.rawValue))
    }
  }
}

/// The work of merging, once the scalar type is known.
private struct MergeJob: Sendable {
  let store: PatchStore
  let survey: PatchSurvey
  let writer: any VolumeWriter
  let blend: Blend
  let options: PatchStore.MergeOptions
  /// The type of real values, where the patches' scaling is applied.
  let realType: ScalarType?

  func run(_ type: ScalarType) throws {
    func open<Scalar: VoxelScalar>(_ type: Scalar.Type) throws { try run(type) }
    try open(type.type)
  }

  private func run<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
    let grid = store.manifest.grid
    let writer = self.writer
    let merger = try SlabMerger<Scalar>(
      grid: grid, blend: blend, fill: options.fill, jobs: options.jobs
    ) { slab in
      try writer.write(slab.volume, slices: slab.slices)
    }
    let done = Mutex(0)
    try options.progress(0, of: grid.count)
    for layer in 0..<grid.counts.z {
      let rows = grid.counts.x * grid.counts.y
      try options.jobs.forEachThrowing(rows) { place in
        let (y, x) = place.quotientAndRemainder(dividingBy: grid.counts.x)
        let patch = grid.patch(at: Position(x: x, y: y, z: layer))
        let volume = try survey.scaled(patch, to: realType)
        do {
          try merger.add(volume, at: patch)
        } catch let error as VoxtileError {
          throw error.inFile(survey.paths[patch.index])
        }
        let count = done.withLock { done in
          done += 1
          return done
        }
        try options.progress(count, of: grid.count)
      }
    }
    try merger.finish()
  }
}
