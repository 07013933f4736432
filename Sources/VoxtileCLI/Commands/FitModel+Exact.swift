import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileStore

/// A grid with which patches give what the network gives of the whole scan.
struct ExactGrid {
  /// The size of a patch along the axes of the network's image.
  let patch: Extent
  /// Of what the first voxels of patches are multiples.
  let alignment: PerAxis<Int>
  /// What predicting each kind of scan takes.
  let plans: [InferencePlan]
  /// The most memory that is needed, with that of the network as far as it is known.
  let peakBytes: Int

  /// The patches together, as a multiple of the scan; of several scans the largest.
  var redundancy: Double { plans.map(\.grid.coverage.redundancy).max() ?? 1 }

  /// What neighbors share, in voxels; of several scans the most.
  var overlap: PerAxis<Int> {
    PerAxis(0).map { axis, _ in plans.map { $0.modelGrid.axes[axis].overlap }.max() ?? 0 }
  }
}

extension FitModel {
  /// The most grids that are proposed, and how much more than the best one they may predict.
  private static let (maxExact, maxCost) = (3, 3.0)

  /// Grids that give what the network gives of the whole scan: the one that predicts the fewest voxels of those that fit the memory, and
  /// others that need clearly less.
  ///
  /// - Parameters:
  ///   - scans: one scan of each kind.
  ///   - search: what was asked for.
  ///   - limit: the memory that may be used, the network's included.
  /// - Throws: what planning throws, but where the memory is too low.
  func exactGrids(over scans: [[any VolumeReader]], search: GridFit, limit: Int?) throws -> [ExactGrid] {
    guard let reach else { return [] }
    var exact = ExactPatches(scans: search.scans.map(\.extent), reach: reach)
    exact.fixed = fixedSizes
    if search.keepsPatch, let patch = search.patch { exact.fixed = patch.sizes.map { $1 } }
    exact.isPlanar = isPlanar
    exact.multiple = multiple
    var found: [ExactGrid] = []
    // Memory grows with the voxels of a patch: where one does not fit, larger ones do not.
    var tooLarge = Int.max
    for patch in exact.ranked() where patch.voxelCount < tooLarge {
      try Interrupt.check()
      guard let grid = try exactGrid(patch, exact.alignment, over: scans, limit: limit) else {
        tooLarge = patch.voxelCount
        continue
      }
      if let best = found.first, grid.redundancy > Self.maxCost * best.redundancy { break }
      // Others are worth a line where they need less.
      if let last = found.last, Double(grid.peakBytes) > 0.8 * Double(last.peakBytes) { continue }
      found.append(grid)
      if found.count == Self.maxExact { break }
      tooLarge = Int(0.8 * Double(patch.voxelCount))
    }
    return found
  }

  /// One of them; `nil` where it does not fit the memory.
  private func exactGrid(
    _ patch: Extent, _ alignment: PerAxis<Int>, over scans: [[any VolumeReader]], limit: Int?
  ) throws -> ExactGrid? {
    guard let probe, ownBytes(patch) <= limit ?? .max else { return nil }
    do {
      let plans = try scans.compactMap { scan in
        try exactSettings(patch, alignment, over: scan[0].info).map {
          try PatchPipeline(model: model, settings: $0).plan(scan, probe: probe)
        }
      }
      // A patch is no longer than the scan; of several scans the longest along each axis counts.
      let shown = Extent(
        patch.sizes.map { axis, size in plans.map { $0.modelPatch[axis] }.max() ?? size })
      let peak = plans.map { $0.peakBytes + ownBytes($0.modelPatch) }.max() ?? 0
      guard peak <= limit ?? .max else { return nil }
      return ExactGrid(patch: shown, alignment: alignment, plans: plans, peakBytes: peak)
    } catch let error as VoxtileError where error.code == .memoryTooLow {
      return nil
    }
  }

  /// The settings with which patches give what the network gives of the whole scan.
  private func exactSettings(
    _ patch: Extent, _ alignment: PerAxis<Int>, over info: VolumeInfo
  ) throws -> InferenceSettings? {
    guard let reach else { return nil }
    var settings = try pipeline(patch, over: info).settings
    settings.alignment = alignment
    settings.useOnlyVoxels(beyond: reach.radius)
    return settings
  }

  /// How many labels the patches of proposals change, as far as one of them in the middle of a scan shows it; `nil` where that cannot be told,
  /// which is said.
  ///
  /// - Parameter exact: patches that change none, which predict what others are held against.
  func losses(
    of proposals: [GridFit.Proposal], over scan: [any VolumeReader], exact: ExactGrid?
  ) async throws -> [PatchLoss]? {
    guard let reach, let exact,
      let settings = try exactSettings(exact.patch, exact.alignment, over: scan[0].info)
    else { return nil }
    do {
      return try await pipeline(over: scan[0].info).losses(
        of: proposals.map { ($0.patch, $0.overlap) }, over: scan, exact: settings, reach: reach)
    } catch let error as VoxtileError {
      Console.note(
        "how many labels patches change is not predicted: \(error.description { $0.inOptions })".printable)
      return nil
    }
  }
}
