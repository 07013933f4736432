import Voxtile

/// Finds what ``GridFit`` ranks first, without trying everything.
struct GridFitSearch {
  /// An overlap of one axis for a patch of some length.
  private struct Choice {
    let overlap: Int
    /// Voxels from the preferred overlap.
    let distance: Int
    /// Patches along the axis of each scan.
    let counts: [Int]
    /// Voxels of all patches along the axis of each scan.
    let patchVoxels: [Int]
    /// Voxels of each scan along the axis that are in a patch.
    let covered: [Int]
    let losesNothing: Bool
  }

  /// The most grids that are tried before the search gives up.
  static let maxTrials = 400_000
  /// The most patch sizes that are ranked before the search gives up.
  static let maxPatchSizes = 1 << 20
  /// The most overlaps that are compared at a time before the search gives up.
  static let maxTilings = 1 << 20

  private let fit: GridFit
  private let memory: GridFit.Memory
  private let lengths: PerAxis<[Int]>
  private var trials = 0
  private var compared = 0
  private var known: [[Int]: [Choice]] = [:]
  /// Of the grids that do not fit the memory, the one that needs least, as far as is known.
  private var smallest: (patch: Extent, overlap: PerAxis<Int>, bytes: Int)?

  init(_ fit: GridFit, memory: @escaping GridFit.Memory) throws {
    self.fit = fit
    self.memory = memory
    let steps = try fit.edge.map { axis, _ throws(VoxtileError) in try fit.lengths(along: axis) }
    // An image may be billions of voxels long, and the product more than `Int` holds.
    var count = 1
    for axis in Axis.allCases where fit.patch == nil {
      let (product, isOver) = count.multipliedReportingOverflow(by: steps[axis].count)
      guard !isOver, product <= Self.maxPatchSizes else { throw VoxtileError.tooManyGrids() }
      count = product
    }
    guard steps.all.allSatisfy({ $0.count <= Self.maxPatchSizes }) else { throw VoxtileError.tooManyGrids() }
    lengths = steps.map { _, lengths in Array(lengths) }
  }

  /// The best proposals, best first.
  mutating func proposals(count: Int) throws -> [GridFit.Proposal] {
    if let patch = fit.patch, fit.keepsPatch { try checkKept(patch) }
    var found: [RankedGrid] = []
    var fitting: [Extent] = []
    for group in patches() {
      // Patches that are as good are told apart by their overlaps.
      for patch in group where try fits(patch) {
        fitting.append(patch)
        if let best = try lossless(patch) { found.append(best) }
      }
      if hasOnePatch, let best = found.first { found += try others(than: best, count: count - 1) }
      if found.count >= count { break }
    }
    if found.isEmpty {
      for patch in fitting { found += try losing(patch).map { [$0] } ?? [] }
    }
    guard !found.isEmpty else { throw try nothingFits() }
    return RankedGrid.explained(found.sorted().prefix(count), by: fit)
  }

  /// What is wrong where no grid is possible.
  private func nothingFits() throws -> VoxtileError {
    for axis in Axis.allCases {
      let longest = lengths[axis].last ?? 1
      if case .voxels(let overlap) = fit.overlap[axis], fit.keepsOverlap, longest > 1, overlap >= longest {
        return .overlapTooLong(overlap, patch: longest, axis: axis)
      }
    }
    return .nothingFits(fit, neededBytes: try neededBytes())
  }

  private var hasOnePatch: Bool { lengths.all.allSatisfy { $0.count == 1 } }

  /// Says what is wrong where the patch that has to be kept cannot be laid.
  private func checkKept(_ patch: Extent) throws(VoxtileError) {
    for scan in fit.scans {
      let overlap = try fit.edge.map { axis, _ throws(VoxtileError) in
        guard let overlap = try fit.preferredOverlap(patch[axis], along: axis) else {
          return try fit.overlap[axis].voxels(patch: patch[axis], axis: axis)
        }
        return overlap
      }
      _ = try fit.grid(patch, overlap, over: scan)
    }
  }

  /// All patches, the better ones first, in groups.
  private func patches() -> AnySequence<[Extent]> {
    let rank = RankedGrid.patchRank(of: fit)
    if let asked = fit.patch {
      let shells = ChoicesByDistance(
        lengths.map { axis, lengths in lengths.map { ($0, abs($0 - asked[axis])) } })
      return AnySequence(shells.lazy.map { $0.map(Extent.init) })
    }
    let all = lengths.x.flatMap { x in
      lengths.y.flatMap { y in lengths.z.map { z in Extent(width: x, height: y, depth: z) } }
    }
    let ranked = all.map { ($0, rank($0)) }.sorted { $0.1.lexicographicallyPrecedes($1.1) }
    var groups: [[Extent]] = []
    for index in ranked.indices {
      if index > 0, ranked[index].1 == ranked[index - 1].1 {
        groups[groups.count - 1].append(ranked[index].0)
      } else {
        groups.append([ranked[index].0])
      }
    }
    return AnySequence(groups)
  }

  /// Whether a patch fits with its smallest overlaps. If it does not, no larger overlap makes it fit.
  private mutating func fits(_ patch: Extent) throws -> Bool {
    var least = PerAxis(0)
    if fit.keepsOverlap {
      for axis in Axis.allCases {
        guard let kept = try fit.preferredOverlap(patch[axis], along: axis) else { return false }
        least[axis] = kept
      }
    }
    return try ranked(patch, least) != nil
  }

  /// The best grid with one patch that loses nothing.
  private mutating func lossless(_ patch: Extent) throws -> RankedGrid? {
    let choices = try choices(patch).map { _, choices in choices.filter(\.losesNothing) }
    for shell in ChoicesByDistance(choices.map { _, choices in choices.map { ($0.overlap, $0.distance) } }) {
      var best: RankedGrid?
      for overlap in shell {
        if let next = try ranked(patch, overlap), best.map({ next < $0 }) ?? true { best = next }
      }
      if let best { return best }
    }
    return nil
  }

  /// The best grid with one patch that loses something.
  private mutating func losing(_ patch: Extent) throws -> RankedGrid? {
    let choices = try choices(patch)
    compared += choices.all.reduce(1) { $0 * $1.count }
    guard compared <= Self.maxTilings else { throw VoxtileError.tooManyGrids() }
    // Try the smallest loss first, so that few grids are built.
    var losses: [Int: [PerAxis<Int>]] = [:]
    for x in choices.x {
      for y in choices.y {
        for z in choices.z {
          let lost = fit.scans.indices.map { index in
            fit.scans[index].extent.voxelCount - x.covered[index] * y.covered[index] * z.covered[index]
          }
          losses[lost.max() ?? 0, default: []].append(PerAxis(x: x.overlap, y: y.overlap, z: z.overlap))
        }
      }
    }
    for (_, overlaps) in losses.sorted(by: { $0.key < $1.key }) {
      var best: RankedGrid?
      for overlap in overlaps {
        if let next = try ranked(patch, overlap), best.map({ next < $0 }) ?? true { best = next }
      }
      if let best { return best }
    }
    return nil
  }

  /// The best overlaps for other numbers of patches.
  private mutating func others(than best: RankedGrid, count: Int) throws -> [RankedGrid] {
    let patch = best.proposal.patch
    guard count > 0 else { return [] }
    let choices = try choices(patch)
    let reduced = choices.map { _, choices in
      let groups = Dictionary(grouping: choices.filter(\.losesNothing), by: \.counts)
      return groups.values.compactMap { group in
        group.min {
          [$0.distance, $0.patchVoxels.max() ?? 0, $0.overlap].lexicographicallyPrecedes(
            [$1.distance, $1.patchVoxels.max() ?? 0, $1.overlap])
        }
      }
    }
    let chosen = best.proposal.overlap
    let own = choices.map { axis, choices in choices.first { $0.overlap == chosen[axis] }?.counts ?? [] }
    let isOwn = reduced.map { axis, choices in
      Set(choices.filter { $0.counts == own[axis] }.map(\.overlap))
    }
    var found: [RankedGrid] = []
    for shell in ChoicesByDistance(reduced.map { _, choices in choices.map { ($0.overlap, $0.distance) } }) {
      for overlap in shell where !Axis.allCases.allSatisfy({ isOwn[$0].contains(overlap[$0]) }) {
        if let next = try ranked(patch, overlap) { found.append(next) }
      }
      if found.count >= count { break }
    }
    return Array(found.sorted().prefix(count))
  }

  /// All overlaps that a patch may have along each axis.
  private mutating func choices(_ patch: Extent) throws -> PerAxis<[Choice]> {
    PerAxis(
      x: try choices(patch.width, along: .x), y: try choices(patch.height, along: .y),
      z: try choices(patch.depth, along: .z))
  }

  private mutating func choices(_ length: Int, along axis: Axis) throws -> [Choice] {
    let key = [axis.index, length]
    if let choices = known[key] { return choices }
    guard let preferred = try fit.preferredOverlap(length, along: axis) else { return [] }
    // One patch covers every scan, so the overlap does not matter.
    let isSameSize = fit.scans.allSatisfy { $0.extent[axis] <= length }
    let overlaps = fit.keepsOverlap || isSameSize ? preferred...preferred : 0...length - 1
    guard overlaps.count <= Self.maxTilings else { throw VoxtileError.tooManyGrids() }
    let choices = overlaps.compactMap { overlap -> Choice? in
      let tilings = fit.scans.compactMap { scan in
        try? AxisTiling(
          length: scan.extent[axis], patch: length, overlap: .voxels(overlap),
          edge: fit.edge(along: axis, of: scan, patch: length), axis: axis)
      }
      guard tilings.count == fit.scans.count else { return nil }
      return Choice(
        overlap: overlap, distance: abs(overlap - preferred), counts: tilings.map(\.count),
        patchVoxels: tilings.map(\.patchVoxels), covered: tilings.map(\.coveredCount),
        losesNothing: tilings.allSatisfy(\.uncovered.isEmpty))
    }
    known[key] = choices
    return choices
  }

  /// A grid and its rank; `nil` where it does not fit.
  private mutating func ranked(_ patch: Extent, _ overlap: PerAxis<Int>) throws -> RankedGrid? {
    trials += 1
    guard trials <= Self.maxTrials else { throw VoxtileError.tooManyGrids(neededBytes: try neededBytes()) }
    do {
      return try RankedGrid(patch, overlap, fit: fit, memory: memory)
    } catch let error as VoxtileError where error.code == .memoryTooLow {
      if let bytes = error.context.neededBytes, bytes < smallest?.bytes ?? .max {
        smallest = (patch, overlap, bytes)
      }
      return nil
    }
  }

  /// What would be enough memory for the smallest grid, over all scans; `nil` where that is not known.
  private func neededBytes() throws -> Int? {
    guard let (patch, overlap, _) = smallest else { return nil }
    return try fit.scans.enumerated().map { index, scan in
      do {
        return try memory(try fit.grid(patch, overlap, over: scan), index) ?? 0
      } catch let error as VoxtileError where error.code == .memoryTooLow {
        return error.context.neededBytes ?? 0
      }
    }.max()
  }
}

extension VoxtileError {
  fileprivate static func tooManyGrids(neededBytes: Int? = nil) -> VoxtileError {
    VoxtileError(
      .invalidOption, "too many grids would have to be tried",
      remedy: .searchFewerGrids(neededBytes: neededBytes), context: .init(neededBytes: neededBytes))
  }

  fileprivate static func overlapTooLong(_ overlap: Int, patch: Int, axis: Axis) -> VoxtileError {
    VoxtileError(
      .invalidGrid,
      "the overlap of \(overlap) along \(axis) has to be kept, but no patch that is possible is longer than \(patch); "
        + "keep less, or use a smaller overlap",
      context: .init(axis: axis, expected: "< \(patch)", found: "\(overlap)"))
  }

  fileprivate static func nothingFits(_ fit: GridFit, neededBytes: Int?) -> VoxtileError {
    let least = neededBytes.map { ($0 >> 20) + 1 }
    return VoxtileError(
      .invalidOption,
      "no \(fit.keepsPatch ? "overlap" : fit.keepsOverlap ? "patch" : "patch and overlap") fits the memory"
        + (least.map { ", \($0) MiB would be enough" } ?? "")
        + "; raise the limit, use a smaller multiple, or keep less",
      context: .init(expected: least.map { ">= \($0) MiB" }, neededBytes: neededBytes))
  }
}
