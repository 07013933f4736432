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
  /// - Throws: `VoxtileError.Code.invalidOption` where the limit is too low for one patch.
  public static func crop(
    _ grid: PatchGrid, of info: VolumeInfo, isRandomAccess: Bool, jobs: Jobs, limit: Int?
  ) throws(VoxtileError) -> MemoryPlan {
    let voxelBytes = info.channels * info.scalarType.byteCount
    let patchBytes = grid.patch.voxelCount * voxelBytes
    let imageBytes = info.byteCount(of: Region(info.extent))
    var least = Int.max
    for (method, step) in steps {
      let window = CropWindow<UInt8>(grid: grid, step: step).largestVoxelCount * voxelBytes
      for jobs in Set([jobs.count, 1]).sorted(by: >) {
        // A cut patch, and the buffers of its file.
        let peak = programBytes + window + jobs * (patchBytes + threadBytes)
        least = min(least, peak)
        guard peak <= limit ?? .max else { continue }
        let isSpooled = step != .layer && !isRandomAccess
        return MemoryPlan(
          method: method, jobs: Jobs(jobs), peakBytes: peak,
          scratchBytes: isSpooled ? imageBytes : 0)
      }
    }
    throw .memoryTooLow(limit ?? 0, needed: least)
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
  /// - Throws: `VoxtileError.Code.invalidOption` where the limit is too low for one slice.
  public static func merge(
    _ grid: PatchGrid, patchValueBytes: Int, outputValueBytes: Int, isRandomAccess: Bool, jobs: Jobs,
    limit: Int?
  ) throws(VoxtileError) -> MemoryPlan {
    let patchBytes = grid.patch.voxelCount * patchValueBytes
    let sliceBytes = grid.extent.width * grid.extent.height * outputValueBytes
    let footprint = MergeFootprint(of: grid)
    let buffers = programBytes + jobs.count * threadBytes
    let whole =
      buffers + (footprint.patches + jobs.count) * patchBytes + footprint.slices * sliceBytes
    if whole <= limit ?? .max {
      return MemoryPlan(method: .mergePatches, jobs: jobs, peakBytes: whole, scratchBytes: 0)
    }
    // A slice of all patches over it, and the slice that is written. Patches that are inflated first are whole
    // in memory for a moment.
    let perSlice = footprint.voxelsPerSlice * patchValueBytes + sliceBytes
    let fixed = buffers + (isRandomAccess ? 0 : jobs.count * patchBytes)
    let slices = min(((limit ?? .max) - fixed) / perSlice, grid.extent.depth)
    guard slices >= 1 else { throw .memoryTooLow(limit ?? 0, needed: fixed + perSlice) }
    let layerBytes = grid.counts.x * grid.counts.y * patchBytes
    return MemoryPlan(
      method: .mergeSlices(slices), jobs: jobs, peakBytes: fixed + slices * perSlice,
      scratchBytes: isRandomAccess ? 0 : grid.axes.z.patches(overRunsOf: slices) * layerBytes)
  }
}

extension VoxtileError {
  fileprivate static func memoryTooLow(_ limit: Int, needed: Int) -> VoxtileError {
    let mebibytes = (needed + (1 << 20) - 1) >> 20
    return VoxtileError(
      .invalidOption,
      "a memory limit of \(limit >> 20) MiB is too low, \(mebibytes) MiB are needed; raise the limit or use smaller "
        + "patches",
      context: .init(expected: ">= \(mebibytes) MiB", found: "\(limit >> 20) MiB"))
  }
}
