import Voxtile

/// The patches whose borders are most visible in a merged image, so that one wrong patch among hundreds is found.
///
/// A side of a patch has the largest score of the cut planes there: where the patch ends, and halfway through its overlap with a neighbor. The
/// score of a face is its mean jump divided by that one voxel away, and by the same ratio in the original. The score of a patch is the median
/// of its sides, since a side of a good patch can be visible because of its neighbor.
package struct PatchSeams: Codable, Sendable {
  /// A patch and how visible its borders are.
  package struct Patch: Codable, Sendable {
    /// The index of the patch in the grid.
    package var index: Int
    /// The score: 1 for borders that look like their surroundings.
    package var score: Double
  }

  /// The most patches that are listed.
  static let maxListed = 20

  /// The number of patches that were scored. One at a corner of a row of patches has too few sides to be scored.
  package var scored: Int
  /// The median score of all patches.
  package var median: Double
  /// The patches with the highest scores, the highest first.
  package var worst: [Patch]

  /// Scores the patches of a grid.
  ///
  /// - Parameters:
  ///   - merged: the jumps of the merged image.
  ///   - original: the jumps of the original; `nil` if there is none.
  /// - Returns: `nil` if no patch has two sides inside the image.
  /// - Complexity: O(patches · cells of their faces).
  init?(grid: PatchGrid, merged: FaceJumps, original: FaceJumps?) {
    var patches: [Patch] = []
    // Where nearly nothing jumps, a ratio says nothing, so a part of the usual jump is added to both numbers.
    let usual = Self.usualJump(grid, merged)
    for patch in grid {
      let sides = Axis.allCases.flatMap { axis in
        Self.planes(of: patch, along: axis, in: grid).compactMap { planes in
          planes.compactMap { position -> Double? in
            guard let jumps = merged.jumps(across: axis, at: position, of: patch.region) else { return nil }
            let score = (jumps.across + usual) / (jumps.beside + usual)
            guard let before = original?.jumps(across: axis, at: position, of: patch.region) else {
              return score
            }
            return score / max(1, (before.across + usual) / (before.beside + usual))
          }.max()
        }
      }.sorted()
      guard sides.count >= 2 else { continue }
      let middle = sides.count / 2
      let score = sides.count % 2 == 1 ? sides[middle] : (sides[middle - 1] + sides[middle]) / 2
      if score.isFinite { patches.append(Patch(index: patch.index, score: score)) }
    }
    guard !patches.isEmpty else { return nil }
    patches.sort { ($1.score, $0.index) < ($0.score, $1.index) }
    scored = patches.count
    median = patches[patches.count / 2].score
    worst = Array(patches.prefix(Self.maxListed))
  }

  /// A quarter of the mean jump beside the faces of all patches; a tiny number if there is none.
  private static func usualJump(_ grid: PatchGrid, _ jumps: FaceJumps) -> Double {
    let whole = Region(grid.extent)
    let all = Axis.allCases.flatMap { axis in
      SeamScore.cuts(of: grid.axes[axis]).compactMap { jumps.jumps(across: axis, at: $0, of: whole)?.beside }
    }
    let mean = all.isEmpty ? 0 : all.reduce(0) { $0 + $1 / Double(all.count) }
    return max(mean / 4, 1e-12)
  }

  /// The planes at both sides of a patch, those inside the image.
  private static func planes(of patch: Voxtile.Patch, along axis: Axis, in grid: PatchGrid) -> [[Int]] {
    let tiling = grid.axes[axis]
    let place = patch.gridPosition[axis]
    let range = tiling.range(at: place)
    var low = [range.lowerBound]
    if place > 0 { low += SeamScore.middles(between: tiling.range(at: place - 1), range) }
    var high = [range.upperBound]
    if place + 1 < tiling.starts.count {
      high += SeamScore.middles(between: range, tiling.range(at: place + 1))
    }
    return [low, high].map { $0.filter { (1..<tiling.length).contains($0) } }
  }
}
