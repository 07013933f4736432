import Voxtile
import VoxtileFormats

/// How a job keeps within a limit of memory, decided before a voxel is read.
public struct MemoryPlan: Hashable, Sendable {
  /// What of a job is in memory at a time.
  public enum Method: Hashable, Sendable {
    /// Crop: whole slices, each read once.
    case cropLayers
    /// Crop: the rows that one row of patches needs.
    case cropRows
    /// Crop: what one patch needs.
    case cropPatches
    /// Merge: whole patches, each read once.
    case mergePatches
    /// Merge: as much of each patch as so many slices need.
    case mergeSlices(Int)
  }

  /// What is in memory at a time.
  public let method: Method
  /// How many patches are worked on at the same time.
  public let jobs: Jobs
  /// The most memory the job will need, with the program itself, in bytes.
  public let peakBytes: Int
  /// What goes to a scratch file, in bytes: a compressed file that has to be read in boxes.
  public let scratchBytes: Int

  /// The program, its libraries and stacks.
  static let programBytes = 32 << 20
  /// What is known of one patch: its file, checksum and line in the manifest.
  static let patchEntryBytes = 3 << 10
  /// The buffers of one thread that reads or writes a compressed file.
  static let threadBytes = 8 << 20
}

extension MemoryPlan {
  /// Plans how an image is cut.
  ///
  /// - Parameters:
  ///   - grid: the grid.
  ///   - info: what the image is.
  ///   - isRandomAccess: whether a box of the image costs only its own bytes.
  ///   - jobs: how many patches may be worked on at the same time; fewer where that does not fit.
  ///   - limit: the most memory to use, in bytes; `nil` for no limit.
  /// - Throws: `VoxtileError.Code.memoryTooLow` where the limit is too low for one patch.
  public static func crop(
    _ grid: PatchGrid, of info: VolumeInfo, isRandomAccess: Bool, jobs: Jobs, limit: Int?
  ) throws(VoxtileError) -> MemoryPlan {
    let voxelBytes = product(info.channels, info.scalarType.byteCount)
    let patchBytes = product(grid.patch.voxelCountIfRepresentable ?? .max, voxelBytes)
    let imageBytes = info.byteCount(of: Region(info.extent))
    var least = Int.max
    for (method, step) in steps {
      // What the patches at hand need, and what is being read for the next ones.
      let voxels = CropWindow<UInt8>(grid: grid, step: step).largestVoxelCount
      let window = product(2, voxels, voxelBytes)
      for jobs in (1...jobs.count).reversed() {
        // A cut patch, and the buffers of its file.
        let peak = sum(
          programBytes, product(grid.count, patchEntryBytes), window,
          product(jobs, sum(patchBytes, threadBytes)))
        least = min(least, peak)
        guard peak <= limit ?? .max else { continue }
        let isSpooled = step != .layer && !isRandomAccess
        return MemoryPlan(
          method: method, jobs: Jobs(jobs), peakBytes: peak,
          scratchBytes: isSpooled ? imageBytes : 0)
      }
    }
    throw .memoryTooLow(limit ?? .max, needed: least)
  }

  private static let steps: [(Method, CropStep)] = [
    (.cropLayers, .layer), (.cropRows, .row), (.cropPatches, .patch),
  ]

  /// Plans how patches are merged.
  ///
  /// - Parameters:
  ///   - grid: the grid.
  ///   - patchValueBytes: bytes of one voxel of a patch in memory, all channels.
  ///   - outputValueBytes: bytes of one voxel of the result, all channels.
  ///   - isRandomAccess: whether a box of a patch file costs only its own bytes.
  ///   - jobs: how many patches may be read at the same time; fewer where that does not fit.
  ///   - limit: the most memory to use, in bytes; `nil` for no limit.
  /// - Throws: `VoxtileError.Code.memoryTooLow` where the limit is too low for one slice.
  public static func merge(
    _ grid: PatchGrid, patchValueBytes: Int, outputValueBytes: Int, isRandomAccess: Bool, jobs: Jobs,
    limit: Int?
  ) throws(VoxtileError) -> MemoryPlan {
    if let limit {
      for fewer in (1...jobs.count).reversed() {
        let plan = try? merge(
          grid, patchValueBytes: patchValueBytes, outputValueBytes: outputValueBytes,
          isRandomAccess: isRandomAccess, exactly: Jobs(fewer), limit: limit)
        if let plan { return plan }
      }
    }
    return try merge(
      grid, patchValueBytes: patchValueBytes, outputValueBytes: outputValueBytes,
      isRandomAccess: isRandomAccess, exactly: limit == nil ? jobs : .one, limit: limit)
  }

  /// Plans how patches are merged that have the type of their image still.
  ///
  /// - Parameters:
  ///   - grid: the grid.
  ///   - info: what the image is.
  ///   - isRandomAccess: whether a box of a patch file costs only its own bytes.
  ///   - jobs: how many patches may be read at the same time; fewer where that does not fit.
  ///   - limit: the most memory to use, in bytes; `nil` for no limit.
  /// - Throws: `VoxtileError.Code.memoryTooLow` where the limit is too low for one slice.
  public static func merge(
    _ grid: PatchGrid, of info: VolumeInfo, isRandomAccess: Bool, jobs: Jobs, limit: Int?
  ) throws(VoxtileError) -> MemoryPlan {
    let voxelBytes = product(info.channels, info.scalarType.byteCount)
    return try merge(
      grid, patchValueBytes: voxelBytes, outputValueBytes: voxelBytes, isRandomAccess: isRandomAccess,
      jobs: jobs, limit: limit)
  }

  private static func merge(
    _ grid: PatchGrid, patchValueBytes: Int, outputValueBytes: Int, isRandomAccess: Bool,
    exactly jobs: Jobs, limit: Int?
  ) throws(VoxtileError) -> MemoryPlan {
    let patchBytes = product(grid.patch.voxelCountIfRepresentable ?? .max, patchValueBytes)
    let sliceBytes = product(grid.extent.width, grid.extent.height, outputValueBytes)
    let schedule = MergeSchedule(grid)
    let buffers = sum(
      programBytes, product(grid.count, patchEntryBytes), product(jobs.count, threadBytes))
    // One slab is written while the next one is merged.
    let whole = sum(
      buffers, product(sum(schedule.mostHeldPatches, jobs.count), patchBytes),
      product(2, schedule.mostFinishedSlices, sliceBytes))
    if whole <= limit ?? .max {
      return MemoryPlan(method: .mergePatches, jobs: jobs, peakBytes: whole, scratchBytes: 0)
    }
    // A slice of all patches over it, that which is merged and that which is written; and as much again, since memory
    // that was freed between others may be too small for the next slab. Patches that are inflated first are whole in
    // memory for a moment.
    let perSlice = sum(product(schedule.mostVoxelsOverSlice, patchValueBytes), product(3, sliceBytes))
    let fixed = sum(buffers, isRandomAccess ? 0 : product(jobs.count, patchBytes))
    let slices = min(max(0, (limit ?? .max) - fixed) / perSlice, grid.extent.depth)
    guard slices >= 1 else { throw .memoryTooLow(limit ?? .max, needed: sum(fixed, perSlice)) }
    let layerBytes = product(grid.counts.x, grid.counts.y, patchBytes)
    return MemoryPlan(
      method: .mergeSlices(slices), jobs: jobs, peakBytes: sum(fixed, product(slices, perSlice)),
      scratchBytes: isRandomAccess
        ? 0 : product(grid.axes.z.patches(overRunsOf: slices), layerBytes))
  }

  /// A product of sizes; the largest number where it would be larger.
  private static func product(_ factors: Int...) -> Int {
    factors.reduce(1) { product, factor in
      let (result, overflow) = product.multipliedReportingOverflow(by: factor)
      return overflow ? .max : result
    }
  }

  /// A sum of sizes; the largest number where it would be larger.
  private static func sum(_ terms: Int...) -> Int {
    terms.reduce(0) { sum, term in
      let (result, overflow) = sum.addingReportingOverflow(term)
      return overflow ? .max : result
    }
  }
}

extension VoxtileError {
  fileprivate static func memoryTooLow(_ limit: Int, needed: Int) -> VoxtileError {
    let mebibytes = (needed >> 20) + 1
    return VoxtileError(
      .memoryTooLow,
      "a memory limit of \(limit >> 20) MiB is too low, \(mebibytes) MiB are needed; raise the limit or use smaller "
        + "patches",
      context: .init(expected: ">= \(mebibytes) MiB", found: "\(limit >> 20) MiB", neededBytes: needed))
  }
}
