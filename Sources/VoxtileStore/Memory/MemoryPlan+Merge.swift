import Voxtile

/// What a merge has in memory at a time.
@nonexhaustive
public enum MergeStep: MemoryStep {
  /// Whole patches, each read once.
  case patches
  /// The part of each patch that a given number of slices needs.
  case slices(Int)
  /// The part of each patch that a given number of rows of a slice needs.
  case rows(Int)

  /// The step in a few words.
  public var summary: String {
    switch self {
    case .patches: "patches, each read once"
    case .slices(let count): count == 1 ? "1 slice at a time" : "\(count) slices at a time"
    case .rows(let count): count == 1 ? "1 row at a time" : "\(count) rows at a time"
    }
  }

  /// The step of such a summary, or `nil`.
  public init?(summary: String) {
    if summary == Self.patches.summary {
      self = .patches
    } else if let count = summary.split(separator: " ").first.flatMap({ Int($0) }),
      Self.slices(count).summary == summary
    {
      self = .slices(count)
    } else if let count = summary.split(separator: " ").first.flatMap({ Int($0) }),
      Self.rows(count).summary == summary
    {
      self = .rows(count)
    } else {
      return nil
    }
  }
}

extension MemoryPlan where Step == MergeStep {
  /// Plans how patches are merged.
  ///
  /// - Parameters:
  ///   - grid: the grid.
  ///   - patchValueBytes: bytes of one voxel of a patch in memory, all channels.
  ///   - outputValueBytes: bytes of one voxel of the result, all channels.
  ///   - isRandomAccess: whether a box of a patch file costs only its own bytes.
  ///   - writesRows: whether the merged file can be written row by row, as `ImageFormat.writesRows` says.
  ///   - bufferBytes: what the writer holds itself, as `ImageFormat.writerByteCount(of:options:)` says.
  ///   - limits: how much of the machine may be used; fewer threads are planned where so many do not fit.
  /// - Throws: `VoxtileError.Code.memoryTooLow` where the limit is too low for one slice, or one row.
  public static func merge(
    _ grid: PatchGrid, patchValueBytes: Int, outputValueBytes: Int, isRandomAccess: Bool,
    writesRows: Bool = false, bufferBytes: Int = 0, limits: JobLimits
  ) throws(VoxtileError) -> MemoryPlan<MergeStep> {
    if let limit = limits.memory {
      for fewer in (1...limits.jobs.count).reversed() {
        let plan = try? merge(
          grid, patchValueBytes: patchValueBytes, outputValueBytes: outputValueBytes,
          isRandomAccess: isRandomAccess, writesRows: writesRows, bufferBytes: bufferBytes,
          exactly: Jobs(fewer), limit: limit)
        if let plan { return plan }
      }
    }
    return try merge(
      grid, patchValueBytes: patchValueBytes, outputValueBytes: outputValueBytes,
      isRandomAccess: isRandomAccess, writesRows: writesRows, bufferBytes: bufferBytes,
      exactly: limits.memory == nil ? limits.jobs : .one,
      limit: limits.memory)
  }

  /// Plans how patches are merged that still have the scalar type of their image.
  ///
  /// - Parameters:
  ///   - grid: the grid.
  ///   - info: what the image is.
  ///   - isRandomAccess: whether a box of a patch file costs only its own bytes.
  ///   - writesRows: whether the merged file can be written row by row, as `ImageFormat.writesRows` says.
  ///   - bufferBytes: what the writer holds itself, as `ImageFormat.writerByteCount(of:options:)` says.
  ///   - limits: how much of the machine may be used; fewer threads are planned where so many do not fit.
  /// - Throws: `VoxtileError.Code.memoryTooLow` where the limit is too low for one slice, or one row.
  public static func merge(
    _ grid: PatchGrid, of info: VolumeInfo, isRandomAccess: Bool, writesRows: Bool = false,
    bufferBytes: Int = 0, limits: JobLimits
  ) throws(VoxtileError) -> MemoryPlan<MergeStep> {
    let voxelBytes = MemoryCost.product(info.channels, info.scalarType.byteCount)
    return try merge(
      grid, patchValueBytes: voxelBytes, outputValueBytes: voxelBytes, isRandomAccess: isRandomAccess,
      writesRows: writesRows, bufferBytes: bufferBytes, limits: limits)
  }

  private static func merge(
    _ grid: PatchGrid, patchValueBytes: Int, outputValueBytes: Int, isRandomAccess: Bool, writesRows: Bool,
    bufferBytes: Int, exactly jobs: Jobs, limit: Int?
  ) throws(VoxtileError) -> MemoryPlan<MergeStep> {
    let patchBytes = MemoryCost.product(grid.patch.voxelCountIfRepresentable ?? .max, patchValueBytes)
    let sliceBytes = MemoryCost.product(grid.extent.width, grid.extent.height, outputValueBytes)
    let schedule = MergeSchedule(grid)
    let buffers = MemoryCost.sum(
      MemoryCost.program, bufferBytes, MemoryCost.product(grid.count, MemoryCost.patchEntry),
      MemoryCost.product(jobs.count, MemoryCost.thread))
    // One slab is written while the next one is merged, if there is a next one.
    let slabs = schedule.maxFinishedSlices < grid.extent.depth ? 2 : 1
    let whole = MemoryCost.sum(
      buffers, MemoryCost.product(MemoryCost.sum(schedule.maxHeldPatches, jobs.count), patchBytes),
      MemoryCost.product(slabs, schedule.maxFinishedSlices, sliceBytes))
    if whole <= limit ?? .max {
      return MemoryPlan(step: .patches, jobs: jobs, peakBytes: whole, scratchBytes: 0)
    }
    // A slice of all patches over it, that which is merged and that which is written; and as much again, since memory
    // that was freed between others may be too small for the next slab. Patches that are inflated first are whole in
    // memory for a moment.
    let perSlice = MemoryCost.sum(
      MemoryCost.product(schedule.maxVoxelsOverSlice, patchValueBytes), MemoryCost.product(3, sliceBytes))
    let fixed = MemoryCost.sum(buffers, isRandomAccess ? 0 : MemoryCost.product(jobs.count, patchBytes))
    let slices = min(max(0, (limit ?? .max) - fixed) / perSlice, grid.extent.depth)
    let layerBytes = MemoryCost.product(grid.counts.x, grid.counts.y, patchBytes)
    func scratch(slices: Int) -> Int {
      isRandomAccess ? 0 : MemoryCost.product(grid.axes.z.patches(overRunsOf: slices), layerBytes)
    }
    if slices >= 1 {
      return MemoryPlan(
        step: .slices(slices), jobs: jobs,
        peakBytes: MemoryCost.sum(fixed, MemoryCost.product(slices, perSlice)),
        scratchBytes: scratch(slices: slices))
    }
    let perRow = MemoryCost.sum(
      MemoryCost.product(schedule.maxVoxelsOverRow, patchValueBytes),
      MemoryCost.product(3, grid.extent.width, outputValueBytes))
    let rows = writesRows ? min(max(0, (limit ?? .max) - fixed) / perRow, grid.extent.height) : 0
    guard rows >= 1 else {
      throw .memoryTooLow(limit ?? .max, needed: MemoryCost.sum(fixed, writesRows ? perRow : perSlice))
    }
    return MemoryPlan(
      step: .rows(rows), jobs: jobs, peakBytes: MemoryCost.sum(fixed, MemoryCost.product(rows, perRow)),
      scratchBytes: scratch(slices: 1))
  }
}
