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
    let losesNothing: Bool
  }

  /// The most grids that are tried before the search gives up.
  static let mostTrials = 100_000

  private let fit: GridFit
  private let memory: GridFit.Memory
  private let lengths: PerAxis<[Int]>
  private var trials = 0
  private var known: [[Int]: [Choice]] = [:]

  init(_ fit: GridFit, memory: @escaping GridFit.Memory) throws {
    self.fit = fit
    self.memory = memory
    lengths = try fit.edge.map { axis, _ throws(VoxtileError) in try fit.lengths(along: axis) }
  }

  /// The best proposals, best first.
  mutating func proposals(count: Int) throws -> [GridFit.Proposal] {
    if fit.patch == nil, lengths.all.reduce(1, { $0 * $1.count }) > 1 << 20 {
      throw VoxtileError.tooManyGrids
    }
    if let patch = fit.patch, fit.keepsPatch { try checkKept(patch) }
    var found: [GridFitRanked] = []
    search: for group in patches() {
      for patch in group {
        if let best = try best(patch, losing: false) {
          found.append(best)
          if hasOnePatch { found += try others(than: best, count: count - 1) }
          if hasOnePatch || found.count == count { break search }
        }
      }
    }
    if found.isEmpty {
      for group in patches() {
        for patch in group { found += try best(patch, losing: true).map { [$0] } ?? [] }
      }
    }
    guard !found.isEmpty else { throw VoxtileError.nothingFits(fit) }
    return GridFitRanked.explained(found.sorted().prefix(count), by: fit)
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
    let rank = GridFitRanked.patchRank(of: fit)
    func sorted(_ patches: [Extent]) -> [Extent] {
      patches.map { ($0, rank($0)) }.sorted { $0.1.lexicographicallyPrecedes($1.1) }.map(\.0)
    }
    if let asked = fit.patch {
      let shells = GridShells(
        lengths.map { axis, lengths in lengths.map { ($0, abs($0 - asked[axis])) } })
      return AnySequence(shells.lazy.map { sorted($0.map(Extent.init)) })
    }
    let all = lengths.x.flatMap { x in
      lengths.y.flatMap { y in lengths.z.map { z in Extent(width: x, height: y, depth: z) } }
    }
    return AnySequence([sorted(all)])
  }

  /// The best grid with one patch; without loss, or else with some.
  private mutating func best(_ patch: Extent, losing: Bool) throws -> GridFitRanked? {
    guard let choices = try choices(patch) else { return nil }
    // Where the smallest overlaps do not fit, nothing does.
    let least = choices.map { _, choices in choices.map(\.overlap).min() ?? 0 }
    guard try ranked(patch, least) != nil else { return nil }
    if losing { return try bestWithLoss(patch, choices) }
    let lossless = choices.map { _, choices in choices.filter(\.losesNothing) }
    let shells = GridShells(lossless.map { _, choices in choices.map { ($0.overlap, $0.distance) } })
    for shell in shells {
      var best: GridFitRanked?
      for overlap in shell {
        if let next = try ranked(patch, overlap), best.map({ next < $0 }) ?? true { best = next }
      }
      if let best { return best }
    }
    return nil
  }

  private mutating func bestWithLoss(_ patch: Extent, _ choices: PerAxis<[Choice]>) throws -> GridFitRanked? {
    var best: GridFitRanked?
    for x in choices.x {
      for y in choices.y {
        for z in choices.z where !(x.losesNothing && y.losesNothing && z.losesNothing) {
          let overlap = PerAxis(x: x.overlap, y: y.overlap, z: z.overlap)
          if let next = try ranked(patch, overlap), best.map({ next < $0 }) ?? true { best = next }
        }
      }
    }
    return best
  }

  /// The best overlaps for other numbers of patches.
  private mutating func others(than best: GridFitRanked, count: Int) throws -> [GridFitRanked] {
    let patch = best.proposal.patch
    guard let choices = try choices(patch), count > 0 else { return [] }
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
    var found: [GridFitRanked] = []
    for shell in GridShells(reduced.map { _, choices in choices.map { ($0.overlap, $0.distance) } }) {
      for overlap in shell where !Axis.allCases.allSatisfy({ isOwn[$0].contains(overlap[$0]) }) {
        if let next = try ranked(patch, overlap) { found.append(next) }
      }
      if found.count >= count { break }
    }
    return Array(found.sorted().prefix(count))
  }

  /// All overlaps that a patch may have along each axis; `nil` where there is none along one.
  private mutating func choices(_ patch: Extent) throws -> PerAxis<[Choice]>? {
    let found = PerAxis(
      x: try choices(patch.width, along: .x), y: try choices(patch.height, along: .y),
      z: try choices(patch.depth, along: .z))
    return found.all.contains(where: \.isEmpty) ? nil : found
  }

  private mutating func choices(_ length: Int, along axis: Axis) throws -> [Choice] {
    let key = [axis == .x ? 0 : axis == .y ? 1 : 2, length]
    if let choices = known[key] { return choices }
    guard let preferred = try fit.preferredOverlap(length, along: axis) else { return [] }
    let overlaps = fit.keepsOverlap ? preferred...preferred : 0...length - 1
    let choices = overlaps.compactMap { overlap -> Choice? in
      let tilings = fit.scans.compactMap { scan in
        try? AxisTiling(
          length: scan.extent[axis], patch: length, overlap: .voxels(overlap),
          edge: fit.edge(along: axis, of: scan, patch: length), axis: axis)
      }
      guard tilings.count == fit.scans.count else { return nil }
      return Choice(
        overlap: overlap, distance: abs(overlap - preferred), counts: tilings.map(\.count),
        patchVoxels: tilings.map(\.patchVoxels), losesNothing: tilings.allSatisfy(\.uncovered.isEmpty))
    }
    known[key] = choices
    return choices
  }

  /// A grid and its rank; `nil` where it does not fit.
  private mutating func ranked(_ patch: Extent, _ overlap: PerAxis<Int>) throws -> GridFitRanked? {
    trials += 1
    guard trials <= Self.mostTrials else { throw VoxtileError.tooManyGrids }
    return try GridFitRanked(patch, overlap, fit: fit, memory: memory)
  }
}

/// Choices along three axes in groups of ascending distance, the sum of the distances along the axes.
struct GridShells: Sequence, IteratorProtocol {
  private let axes: PerAxis<[Int: [Int]]>
  private let last: Int
  private var distance = 0

  init(_ choices: PerAxis<[(value: Int, distance: Int)]>) {
    axes = choices.map { _, choices in
      Dictionary(grouping: choices, by: \.distance).mapValues { $0.map(\.value) }
    }
    last = axes.all.reduce(0) { $0 + ($1.keys.max() ?? 0) }
  }

  mutating func next() -> [PerAxis<Int>]? {
    while distance <= last {
      var group: [PerAxis<Int>] = []
      for (inX, xs) in axes.x {
        for (inY, ys) in axes.y {
          for z in axes.z[distance - inX - inY] ?? [] {
            for x in xs { group += ys.map { PerAxis(x: x, y: $0, z: z) } }
          }
        }
      }
      distance += 1
      if !group.isEmpty { return group }
    }
    return nil
  }
}

extension VoxtileError {
  fileprivate static var tooManyGrids: VoxtileError {
    VoxtileError(
      .invalidOption,
      "too many grids would have to be tried; use a larger --multiple-of, or keep the patch or the overlap")
  }

  fileprivate static func nothingFits(_ fit: GridFit) -> VoxtileError {
    VoxtileError(
      .invalidOption,
      "no \(fit.keepsPatch ? "overlap" : fit.keepsOverlap ? "patch" : "patch and overlap") fits the memory; raise "
        + "the limit, use a smaller multiple, or keep less")
  }
}
