import Synchronization
import Voxtile
import VoxtileFormats

/// Cuts all patches of an image within a memory plan.
///
/// While the patches of one group are used, the next group is read.
struct PatchCutter: Sendable {
  let reader: any VolumeReader
  /// The grid, whose padding constant is a stored value.
  let grid: PatchGrid
  let plan: MemoryPlan<CropStep>
  let progress: JobProgress

  /// Calls a body with each patch and its voxels, from several threads.
  ///
  /// - Throws: what reading, the progress and the body throw.
  func forEachPatch<Scalar: VoxelScalar>(
    of type: Scalar.Type, _ body: @Sendable (Patch, Volume<Scalar>) throws -> Void
  ) throws {
    let done = ProgressCounter(progress, of: grid.count)
    try progress(0, of: grid.count)
    let reader =
      try plan.scratchBytes > 0
      ? ScratchVolume(copying: reader) { try progress(0, of: grid.count) } : reader
    let next = Mutex(CropWindow<Scalar>(grid: grid, step: plan.step))
    try next.withLock { try $0.advance(to: 0) { region in try reader.read(region) } }
    for group in 0..<next.withLock({ $0.groupCount }) {
      let window = next.withLock { $0 }
      let patches = window.patches(inGroup: group)
      // The first task reads for the next group, while the others use the patches of this one.
      try plan.jobs.forEachThrowing(patches.count + 1) { task in
        guard task > 0 else {
          return try next.withLock { next in
            guard group + 1 < next.groupCount else { return }
            try next.advance(to: group + 1) { region in try reader.read(region) }
          }
        }
        let patch = patches[task - 1]
        try body(patch, window[patch])
        try done.countOne()
      }
    }
  }
}

extension PatchGrid {
  /// The same grid for stored values: a padding constant is a real value, as a person reads it.
  func forStoredValues(_ scaling: VolumeInfo.Scaling?) throws(VoxtileError) -> PatchGrid {
    guard let scaling, case .constant(let value) = settings.padding else { return self }
    var settings = settings
    settings.padding = .constant((value - scaling.intercept) / scaling.slope)
    return try PatchGrid(over: extent, settings: settings, axes: axes)
  }
}
