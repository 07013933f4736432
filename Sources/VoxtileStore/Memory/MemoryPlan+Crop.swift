import Voxtile

extension CropStep: MemoryStep {
  /// The step in a few words.
  public var summary: String {
    switch self {
    case .layer: "slabs, each read once"
    case .row: "one row of patches at a time"
    case .patch: "one patch at a time"
    }
  }

  /// The step of such a summary, or `nil`.
  public init?(summary: String) {
    guard let step = Self.allCases.first(where: { $0.summary == summary }) else { return nil }
    self = step
  }
}

extension MemoryPlan where Step == CropStep {
  /// Plans how an image is cut.
  ///
  /// - Parameters:
  ///   - grid: the grid.
  ///   - info: what the image is.
  ///   - values: what is done to the values of each patch.
  ///   - isRandomAccess: whether a box of the image costs only its own bytes.
  ///   - bufferBytes: what the reader holds itself, as `VolumeReader.bufferByteCount` says.
  ///   - limits: how much of the machine may be used; fewer threads are planned where so many do not fit.
  /// - Throws: `VoxtileError.Code.memoryTooLow` where the limit is too low for one patch.
  public static func crop(
    _ grid: PatchGrid, of info: VolumeInfo, values: ValueMap? = nil, isRandomAccess: Bool,
    bufferBytes: Int = 0,
    limits: JobLimits
  ) throws(VoxtileError) -> MemoryPlan<CropStep> {
    let voxelBytes = MemoryCost.product(info.channels, info.scalarType.byteCount)
    let mapped = values.map { info.channels * (ValueMap.workingBytes + $0.scalarType.byteCount) } ?? 0
    let patchBytes = MemoryCost.product(
      grid.patch.voxelCountIfRepresentable ?? .max, MemoryCost.sum(voxelBytes, mapped))
    let imageBytes = info.byteCount(of: Region(info.extent))
    var least = Int.max
    for step in CropStep.allCases {
      // What the patches at hand need, and what is being read for the next ones.
      let voxels = CropWindow<UInt8>(grid: grid, step: step).largestVoxelCount
      let window = MemoryCost.product(2, voxels, voxelBytes)
      for jobs in (1...limits.jobs.count).reversed() {
        // A cut patch, and the buffers of its file.
        let peak = MemoryCost.sum(
          MemoryCost.program, bufferBytes, MemoryCost.product(grid.count, MemoryCost.patchEntry), window,
          MemoryCost.product(jobs, MemoryCost.sum(patchBytes, MemoryCost.thread)))
        least = min(least, peak)
        guard peak <= limits.memory ?? .max else { continue }
        let isSpooled = step != .layer && !isRandomAccess
        return MemoryPlan(
          step: step, jobs: Jobs(jobs), peakBytes: peak,
          scratchBytes: isSpooled ? imageBytes : 0)
      }
    }
    throw .memoryTooLow(limits.memory ?? .max, needed: least)
  }
}
