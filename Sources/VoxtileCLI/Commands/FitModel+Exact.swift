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
  ///   - files: one scan of each kind.
  ///   - search: what was asked for.
  ///   - limit: the memory that may be used, the network's included.
  /// - Throws: what planning throws, but where the memory is too low.
  func exactGrids(over files: [any VolumeReader], search: GridFit, limit: Int?) throws -> [ExactGrid] {
    try exactGrids(
      over: files, scans: search.scans, patch: search.keepsPatch ? search.patch : nil, count: Self.maxExact,
      limit: limit)
  }

  /// - Parameter patch: the only patch that is wanted; `nil` for any.
  private func exactGrids(
    over files: [any VolumeReader], scans: [GridFit.Scan], patch: Extent?, count: Int, limit: Int?
  ) throws -> [ExactGrid] {
    guard let reach else { return [] }
    var exact = ExactPatches(scans: scans.map(\.extent), reach: reach)
    exact.fixed = patch.map { $0.sizes.map { $1 } } ?? pipeline().fixedPatch
    exact.isPlanar = isPlanar
    exact.multiple = patchMultiple ?? PerAxis(1)
    var found: [ExactGrid] = []
    for patch in exact.ranked() {
      try Interrupt.check()
      guard ownBytes(patch) <= limit ?? .max else { continue }
      // Others are worth a line where they need less.
      if let last = found.last, Double(patch.voxelCount) > 0.7 * Double(last.patch.voxelCount) { continue }
      guard let grid = try exactGrid(patch, exact.alignment, over: files, limit: limit) else { continue }
      if let best = found.first, grid.redundancy > Self.maxCost * best.redundancy { break }
      found.append(grid)
      if found.count == count { break }
    }
    return found
  }

  /// One of them; `nil` where it does not fit the memory.
  private func exactGrid(
    _ patch: Extent, _ alignment: PerAxis<Int>, over files: [any VolumeReader], limit: Int?
  ) throws -> ExactGrid? {
    guard let probe, let settings = exactSettings(patch, alignment) else { return nil }
    let pipeline = PatchPipeline(model: model, settings: settings)
    do {
      let plans = try files.map { try pipeline.plan([$0], probe: probe) }
      // Patches are no longer than the scan.
      let longest = plans.map(\.modelPatch).max { $0.voxelCount < $1.voxelCount } ?? patch
      let peak = (plans.map(\.peakBytes).max() ?? 0) + ownBytes(longest)
      guard peak <= limit ?? .max else { return nil }
      return ExactGrid(patch: longest, alignment: alignment, plans: plans, peakBytes: peak)
    } catch let error as VoxtileError where error.code == .memoryTooLow {
      return nil
    }
  }

  /// The settings with which patches give what the network gives of the whole scan.
  private func exactSettings(_ patch: Extent, _ alignment: PerAxis<Int>) -> InferenceSettings? {
    guard let reach else { return nil }
    var settings = pipeline(patch).settings
    settings.alignment = alignment
    settings.useOnlyVoxels(beyond: reach.radius)
    return settings
  }

  /// How many labels the patches of proposals change, as far as one of them in the middle of a scan shows it; `nil` where the network sees
  /// its whole patch, or where no patches that change none fit the memory.
  func losses(
    of proposals: [GridFit.Proposal], over file: any VolumeReader, scans: [GridFit.Scan], limit: Int?
  ) async throws -> [PatchLoss]? {
    let first = try exactGrids(
      over: [file], scans: Array(scans.prefix(1)), patch: nil, count: 1, limit: limit
    ).first
    guard let reach, let first, let exact = exactSettings(first.patch, first.alignment) else { return nil }
    return try await pipeline().losses(
      of: proposals.map { ($0.patch, $0.overlap) }, over: [file], exact: exact, reach: reach)
  }
}
