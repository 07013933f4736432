import Voxtile
import VoxtileFormats

extension PatchStore {
  /// The part of the memory limit that is set aside for the tables of objects: an eighth.
  private static let tableShare = 8

  /// Merges patches that each numbered their objects on their own.
  func mergeInstances(
    of headers: PatchFileHeaders, leastIoU: Double, to output: String, options: MergeOptions
  ) throws -> MergeReport {
    let grid = manifest.grid
    try checkHoldInstances(headers, options: options)
    let tableBytes = options.limits.memory.map { $0 / Self.tableShare }
    var settings = InstanceSettings(
      leastIoU: leastIoU, absentPatches: headers.absent, jobs: options.limits.jobs, tableBytes: tableBytes)
    try settings.check(for: grid)
    let format = ImageFormats.registry.format(forName: output)
    let info = try instanceInfo(format, ending: ImageFormats.registry.ending(of: output), options: options)
    let realType = headers.instanceType
    // A patch is in memory as it was read and with its numbers, and one that is turned back is so twice for a moment.
    let valueBytes = (realType ?? headers.scalarType).byteCount
    let writtenBytes = info.scalarType == .uint32 ? 0 : info.scalarType.byteCount
    let plan = try MemoryPlan.merge(
      grid, patchValueBytes: (headers.turns.isEmpty ? 1 : 2) * valueBytes + ScalarType.uint32.byteCount,
      outputValueBytes: ScalarType.uint32.byteCount + writtenBytes,
      isRandomAccess: headers.isRandomAccess, writesRows: format?.writesRows == true,
      bufferBytes: MemoryCost.sum(
        format?.writerByteCount(of: info, options: options.write) ?? 0, tableBytes ?? 0,
        MemoryCost.product(options.limits.jobs.count, headers.storeBytes)),
      limits: options.limits.onThisMachine)
    settings.jobs = plan.jobs
    let writer = try writer(of: info, to: output, options: options.write)
    let job = InstanceMergeJob(
      grid: grid, headers: headers, writer: writer, path: output, realType: realType,
      scalarType: info.scalarType,
      settings: settings, plan: plan, progress: options.progress)
    let found = try job.run()
    try writer.finish()
    let uncovered =
      grid.coverage.lostVoxels + AbsentPatches(headers.absent, of: grid).voxelsHeldByNoOther(in: grid)
    return MergeReport(
      choice: BlendChoice(blend: .center, reason: .asked), scalarType: info.scalarType, channels: 1,
      uncoveredVoxels: uncovered, missingPatches: headers.absent.sorted(),
      turnedPatches: headers.turns.keys.sorted(), findings: PatchFindings(), saturatedValues: 0,
      zeroedNaNValues: 0,
      wroteRealValues: false, plan: plan, instances: found)
  }

  /// Throws where options or headers do not go with instances.
  private func checkHoldInstances(_ headers: PatchFileHeaders, options: MergeOptions) throws(VoxtileError) {
    func refuse(_ message: String, expected: String, found: String) -> VoxtileError {
      VoxtileError(.invalidOption, message, context: .init(expected: expected, found: found))
    }
    if let blend = options.blend {
      throw refuse(
        "instances are taken from the patch whose center is nearest and not merged by \(blend); leave the blend out",
        expected: "no blend", found: "\(blend)")
    }
    guard options.outputKind == .values else {
      throw refuse(
        "instances are written as they are and not made of channels; ask for values",
        expected: "values", found: options.outputKind.rawValue)
    }
    guard options.fill == 0 else {
      throw refuse(
        "voxels in no patch belong to no instance and are 0, not \(options.fill); leave the fill value out",
        expected: "0", found: "\(options.fill)")
    }
    if let type = options.scalarType, !type.isInteger {
      throw refuse(
        "instances are whole numbers, which \(type.rawValue) is not made for; name an integer type",
        expected: "an integer type", found: type.rawValue)
    }
    guard headers.channels == 1 else {
      throw VoxtileError(
        .shapeMismatch,
        "the patches have \(headers.channels) channels, but instances are numbered in one; give one channel of each",
        context: .init(file: headers.firstPath, expected: "1", found: "\(headers.channels)"))
    }
  }

  /// What the merged file will be: of the scalar type that was asked for, or the widest that its format holds.
  private func instanceInfo(
    _ format: (any ImageFormat.Type)?, ending: String?, options: MergeOptions
  ) throws(VoxtileError) -> VolumeInfo {
    var info = VolumeInfo(
      extent: manifest.source.extent, channels: 1, scalarType: options.scalarType ?? .uint32,
      metadata: manifest.source.metadata)
    info.isLabelMap = true
    guard options.scalarType == nil, let format else { return info }
    let types: [ScalarType] = [.uint32, .int32, .uint16]
    for type in types {
      info.scalarType = type
      if format.refusal(of: info, ending: ending ?? "") == nil { return info }
    }
    // The writer says what is wrong.
    info.scalarType = .uint32
    return info
  }
}

extension PatchFileHeaders {
  /// The type in which instances of several scalar types, or of scaled values, are read; `nil` where they are read as they are
  /// stored.
  fileprivate var instanceType: ScalarType? {
    if isScaled { return .float64 }
    if hasOneType { return nil }
    return scalarTypes.allSatisfy { $0.exactFloatType == .float32 } ? .float32 : .float64
  }
}
