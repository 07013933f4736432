import Voxtile

/// A grid with its place in the ranking of ``GridFit``.
struct RankedGrid: Comparable {
  var proposal: GridFit.Proposal
  /// The smaller, number by number, the better.
  let rank: [Double]

  /// Lays a grid over all scans.
  ///
  /// - Returns: `nil` where it cannot be laid, or does not fit the memory.
  /// - Throws: what `memory` throws.
  init?(_ patch: Extent, _ overlap: PerAxis<Int>, fit: GridFit, memory: GridFit.Memory) throws {
    var (patches, lost, voxels, redundancy, peak) = (0, 0, 0, 0.0, 0)
    for (index, scan) in fit.scans.enumerated() {
      guard let grid = try? fit.grid(patch, overlap, over: scan), let bytes = try memory(grid, index) else {
        return nil
      }
      let coverage = grid.coverage
      patches = max(patches, grid.count)
      lost = max(lost, coverage.lostVoxels)
      voxels = max(voxels, coverage.patchVoxels)
      redundancy = max(redundancy, coverage.redundancy)
      peak = max(peak, bytes)
    }
    var distance = 0
    for axis in Axis.allCases {
      distance += abs(overlap[axis] - (try fit.preferredOverlap(patch[axis], along: axis) ?? 0))
    }
    proposal = GridFit.Proposal(
      patch: patch, overlap: overlap, patches: patches, lostVoxels: lost, redundancy: redundancy,
      peakBytes: peak, reason: "")
    let sizes = patch.sizes.all.map(Double.init)
    rank =
      [Double(lost)] + Self.patchRank(of: fit)(patch) + [Double(distance), Double(voxels)]
      + [-sizes.reduce(1, *)] + sizes.map { -$0 } + overlap.all.map(Double.init)
  }

  static func < (a: Self, b: Self) -> Bool { a.rank.lexicographicallyPrecedes(b.rank) }
  static func == (a: Self, b: Self) -> Bool { a.rank == b.rank }

  /// The rank of a patch alone; that of several may be the same.
  static func patchRank(of fit: GridFit) -> (Extent) -> [Double] {
    let spacing = fit.edge.map { axis, _ in
      fit.scans.reduce(0) { $0 + $1.spacing[axis] * Double($1.count) }
        / Double(fit.scans.reduce(0) { $0 + $1.count })
    }
    return { patch in
      let sizes = patch.sizes
      if let asked = fit.patch {
        return [Double(Axis.allCases.reduce(0) { $0 + abs(sizes[$1] - asked[$1]) })]
      }
      return Axis.allCases.map { Double(sizes[$0]) * spacing[$0] }.sorted().map { -$0 }
    }
  }

  /// The proposals, with their reasons.
  static func explained(_ ranked: some Collection<Self>, by fit: GridFit) -> [GridFit.Proposal] {
    guard let best = ranked.first?.proposal else { return [] }
    return ranked.enumerated().map { number, ranked in
      var proposal = ranked.proposal
      var words = [patchWords(proposal, best: best, isBest: number == 0, fit: fit)]
      words.append(overlapWords(proposal, best: best, fit: fit))
      if proposal.lostVoxels > 0, !(fit.keepsPatch && fit.keepsOverlap) {
        words.append(proposal.lostVoxels == best.lostVoxels ? "loses least" : "loses more")
      }
      proposal.reason = words.filter { !$0.isEmpty }.joined(separator: ", ")
      return proposal
    }
  }

  private static func patchWords(
    _ proposal: GridFit.Proposal, best: GridFit.Proposal, isBest: Bool, fit: GridFit
  ) -> String {
    if fit.keepsPatch { return isBest ? "the patch as given" : "" }
    if let asked = fit.patch {
      return proposal.patch == asked
        ? "the patch asked for"
        : isBest ? "the nearest patch that fits" : "a nearby patch"
    }
    return isBest ? "the largest patch that fits" : "a smaller patch"
  }

  private static func overlapWords(
    _ proposal: GridFit.Proposal, best: GridFit.Proposal, fit: GridFit
  ) -> String {
    let isPreferred = Axis.allCases.allSatisfy { axis in
      let asked = try? fit.overlap[axis].voxels(patch: proposal.patch[axis], axis: axis)
      return (proposal.patch[axis] == 1 ? 0 : asked) == proposal.overlap[axis]
    }
    if proposal != best, proposal.patch == best.patch {
      return proposal.patches < best.patches
        ? "fewer patches" : proposal.patches > best.patches ? "more overlap" : "as many patches"
    }
    if isPreferred { return fit.keepsOverlap ? "the overlap as given" : "the preferred overlap" }
    return proposal.lostVoxels == 0 ? "the nearest overlap that loses nothing" : "the nearest overlap"
  }
}
