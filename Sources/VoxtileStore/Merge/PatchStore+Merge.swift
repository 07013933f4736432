import Voxtile
import VoxtileFormats

extension PatchStore {
  /// How patches are merged into a file.
  public struct MergeOptions: Sendable {
    /// How several patches become one value; `nil` takes `Blend.vote` for whole numbers that look like labels
    /// and `Blend.average` for everything else.
    public var blend: Blend?
    /// The value of voxels that no patch holds; a real one where the merged file has a scaling.
    public var fill: Double
    /// The scalar type of the merged file; `nil` for the patches' own. Where it is given, the file holds
    /// real values (the patches' scaling is applied), as it does where the patches' scalings differ.
    public var scalarType: ScalarType?
    /// How the merged file is written.
    public var write: WriteOptions
    /// How much of the machine is used.
    public var limits: JobLimits
    /// Who follows the job.
    public var progress: JobProgress

    /// Creates options.
    public init(
      blend: Blend? = nil, fill: Double = 0, scalarType: ScalarType? = nil,
      write: WriteOptions = WriteOptions(), limits: JobLimits = JobLimits(),
      progress: JobProgress = .none
    ) {
      self.blend = blend
      self.fill = fill
      self.scalarType = scalarType
      self.write = write
      self.limits = limits
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
    /// The number of values of each voxel of the merged file.
    public let channels: Int
    /// Voxels that no patch holds, which have the fill value.
    public let uncoveredVoxels: Int
    /// The patches whose files say that they lie where another patch does, as after a mix-up of names. They were
    /// merged by their names.
    public let misplacedPatches: [Int]
    /// How the merge kept within its memory.
    public let plan: MemoryPlan<MergeStep>
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
  ///   throws. No incomplete file is left.
  @discardableResult
  public func merge(to output: String, options: MergeOptions = MergeOptions()) throws -> MergeReport {
    let headers = try PatchFileHeaders(of: self)
    try checkIsNoPatch(output, of: headers)
    let values = MergedValueType(of: headers, asked: options.scalarType)
    let (blend, isGuessed) = try chooseBlend(options, headers: headers)
    var info = VolumeInfo(
      extent: manifest.source.extent, channels: headers.channels, scalarType: values.scalarType,
      scaling: values.scaling, metadata: manifest.source.metadata)
    info.isLabelMap = info.scalarType.isInteger && (headers.isLabelMap || manifest.source.isLabelMap)
    let coverage = manifest.grid.coverage
    let fill = try values.storedFill(options.fill, uncoveredVoxels: coverage.lostVoxels)
    let valueType = values.realType ?? headers.scalarType
    let plan = try MemoryPlan.merge(
      manifest.grid, patchValueBytes: headers.channels * valueType.byteCount,
      outputValueBytes: headers.channels * values.scalarType.byteCount,
      isRandomAccess: headers.isRandomAccess, limits: options.limits)
    let writer = try writer(of: info, to: output, options: options.write)
    let job = MergeJob(
      store: self, headers: headers, writer: writer, blend: blend, fill: fill, options: options,
      plan: plan, realType: values.realType)
    try job.run(values.scalarType)
    try writer.finish()
    return MergeReport(
      blend: blend, isBlendGuessed: isGuessed, scalarType: values.scalarType, channels: headers.channels,
      uncoveredVoxels: coverage.lostVoxels, misplacedPatches: headers.misplaced,
      plan: plan)
  }

  private func writer(
    of info: VolumeInfo, to output: String, options: WriteOptions
  ) throws -> any VolumeWriter {
    do {
      return try ImageFormats.create(output, info: info, options: options)
    } catch var error as VoxtileError where error.code == .malformedFile {
      // Nothing of the output has been read; what is damaged is the header that the manifest keeps for it.
      error.message = "cannot be written with source.header of the manifest, which \(error.message)"
      throw error
    }
  }

  /// Makes sure that the output does not take the place of a patch that it is merged from.
  private func checkIsNoPatch(_ output: String, of headers: PatchFileHeaders) throws {
    guard let file = FileIdentity(output),
      let path = headers.paths.first(where: { FileIdentity($0) == file })
    else { return }
    throw VoxtileError(
      .targetExists, "is \(path), one of the patches to be merged; name another file",
      context: .init(file: output))
  }

  /// The blend asked for, or the one that fits the patches.
  private func chooseBlend(
    _ options: MergeOptions, headers: PatchFileHeaders
  ) throws -> (Blend, isGuessed: Bool) {
    if let blend = options.blend { return (blend, false) }
    if headers.isScaled { return (.average, false) }
    // The patches of a label map are labels in every format, whether that says so or not.
    if headers.isLabelMap || manifest.source.isLabelMap { return (.vote, false) }
    // Color pictures have areas of one color too, but they are not labels. Only the format's own word counts: where it depends on
    // details of the file, the values decide.
    let info = VolumeInfo(
      extent: manifest.source.extent, channels: headers.channels, scalarType: headers.scalarType)
    let format = ImageFormats.registry.format(forName: headers.paths[0])
    if format?.channelsAreColor(info) == true { return (.average, false) }
    var test = LabelTest()
    // A few patches from all over the grid; the border alone may be empty.
    let step = max(1, manifest.grid.count / 16)
    for index in stride(from: step / 2, to: manifest.grid.count, by: step) where !test.isDecided {
      let volume = try headers.read(manifest.grid[index])
      func look(_ volume: some AnyVolume) { test.add(volume.typed) }
      look(volume)
    }
    return test.looksLikeLabels ? (.vote, true) : (.average, false)
  }
}
