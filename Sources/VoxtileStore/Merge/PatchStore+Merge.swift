import Voxtile
import VoxtileFormats

extension PatchStore {
  /// Merges the patch files of the folder into one image file.
  ///
  /// The patches may be another tool's outputs under the same names, or under names made of them
  /// (``MergeOptions/pattern``): of another scalar type, another number of channels (all the same), or another format. The
  /// merged file has the geometry header of the original. A file whose position says how its axes were turned is turned
  /// back; one that says another place is refused.
  ///
  /// - Parameters:
  ///   - output: where the image goes; the ending chooses the format.
  ///   - options: how it is merged and written.
  /// - Returns: what was done.
  /// - Throws: `VoxtileError`: a missing patch (`VoxtileError.Code.missingPatch`), one of another
  ///   shape or position (`VoxtileError.Code.shapeMismatch`) or type (`VoxtileError.Code.typeMismatch`), values that
  ///   contradict a blend that was guessed (`VoxtileError.Code.invalidOption`), values that are no instances where
  ///   patches are said to hold those (`VoxtileError.Code.typeMismatch`), a file that cannot be read or written, an
  ///   existing target (`VoxtileError.Code.targetExists`); and what the progress throws. No incomplete file is left.
  @discardableResult
  public func merge(to output: String, options: MergeOptions = MergeOptions()) throws -> MergeReport {
    let headers = try PatchFileHeaders(of: self, options: options)
    try checkIsNoPatch(output, of: headers)
    var options = options
    if options.write.suggestedChunk == nil { options.write.suggestedChunk = Extent(manifest.grid.stride) }
    if let leastIoU = options.leastInstanceIoU {
      return try mergeInstances(of: headers, leastIoU: leastIoU, to: output, options: options)
    }
    let asked = options.blend ?? (options.outputKind == .labels ? .average : nil)
    let choice = try BlendChoice(asked: asked, headers: headers, manifest: manifest)
    let format = ImageFormats.registry.format(forName: output)
    var types = try MergedValueType(of: headers, choice: choice, options: options)
    let real = ValueMap(
      realValuesOf: VolumeInfo(
        extent: manifest.source.extent, channels: types.channels, scalarType: types.scalarType,
        scaling: types.scaling,
        metadata: manifest.source.metadata), in: format, ending: ImageFormats.registry.ending(of: output))
    if let real {
      options.scalarType = real.scalarType
      types = try MergedValueType(of: headers, choice: choice, options: options)
    }
    var info = VolumeInfo(
      extent: manifest.source.extent, channels: types.channels, scalarType: types.scalarType,
      scaling: types.scaling, metadata: manifest.source.metadata)
    info.isLabelMap =
      types.scalarType.isInteger
      && (headers.isLabelMap || manifest.holdsLabels || options.outputKind == .labels)
    info.wereLabels = manifest.source.isLabelMap && !info.isLabelMap
    info.palette = types.scalarType == headers.scalarType ? headers.palette : nil
    let grid = manifest.grid
    let uncovered =
      grid.coverage.lostVoxels + AbsentPatches(headers.absent, of: grid).voxelsHeldByNoOther(in: grid)
    let fill = try types.storedFill(
      options.fill, isNeeded: uncovered > 0 || options.nan == .ignore, uncoveredVoxels: uncovered)
    let valueType = types.realType ?? headers.scalarType
    // What the merged values become before they are written, and what is needed on the way from channels to labels.
    let isConverted = types.mergedType != types.scalarType
    let writtenBytes =
      (isConverted ? types.channels * types.scalarType.byteCount : 0)
      + (options.outputKind == .labels ? 2 + types.mergedType.byteCount : 0)
    // A patch that is turned back is in memory twice for a moment.
    let patchCopies = headers.turns.isEmpty ? 1 : 2
    let plan = try MemoryPlan.merge(
      grid, patchValueBytes: patchCopies * headers.channels * valueType.byteCount,
      outputValueBytes: headers.channels * types.mergedType.byteCount + writtenBytes,
      isRandomAccess: headers.isRandomAccess,
      writesRows: format?.writesRows == true,
      bufferBytes: MemoryCost.sum(
        format?.writerByteCount(of: info, options: options.write) ?? 0,
        MemoryCost.product(options.limits.jobs.count, headers.storeBytes)),
      limits: options.limits.onThisMachine)
    let writer = try writer(of: info, to: output, options: options.write)
    let values = PatchValues(choice: choice, nan: options.nan)
    let job = MergeJob(
      store: self, headers: headers, writer: writer, choice: choice, types: types, fill: fill,
      options: options, plan: plan, values: values)
    let lost = try job.run()
    try writer.finish()
    return MergeReport(
      choice: choice, scalarType: types.scalarType, channels: types.channels, uncoveredVoxels: uncovered,
      missingPatches: headers.absent.sorted(), turnedPatches: headers.turns.keys.sorted(),
      findings: values.findings, saturatedValues: lost.saturatedValues, zeroedNaNValues: lost.nanValues,
      wroteRealValues: real != nil, plan: plan)
  }

  func writer(
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
      let path = headers.allPaths.first(where: { FileIdentity($0) == file })
    else { return }
    throw VoxtileError(
      .targetExists, "is \(path), one of the patches to be merged; name another file",
      context: .init(file: output))
  }
}
