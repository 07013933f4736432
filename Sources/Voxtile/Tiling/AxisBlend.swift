/// What blending needs to know of one axis: the weights of each tile, their sums, and who owns which
/// coordinate.
struct AxisBlend: Sendable {
  /// For each tile, the weight of each of its voxels.
  let weights: [[Double]]
  /// The runs of coordinates over which the same tiles lie, ascending; none where no tile is.
  let runs: [(range: Range<Int>, tiles: Range<Int>)]
  /// For each coordinate of the image, the sum of the weights over it; 0 where no tile is.
  let sums: [Double]
  /// The reciprocals of the sums; 0 where no tile is.
  let reciprocals: [Double]
  /// For each tile, the share of each of its voxels in a mean: its weight, divided by the sum of all.
  let shares: [[Double]]
  /// For each coordinate, the tiles over it.
  let covering: [Range<Int>]
  /// The runs of coordinates that one tile owns, for blends that choose; ascending.
  let owned: [(range: Range<Int>, tile: Int)]

  /// Whether multiplying by the reciprocals is the same as dividing by the sums.
  var reciprocalsAreExact: Bool {
    sums.allSatisfy { $0 == 0 || $0.significandWidth == 0 }
  }

  /// Whether all weights are whole numbers.
  var hasWholeWeights: Bool {
    weights.allSatisfy { $0.allSatisfy { $0 == $0.rounded() } }
  }

  init(of tiling: AxisTiling, axis: Axis, blend: Blend) throws(VoxtileError) {
    let profile = blend.profile ?? .uniform
    var byLength: [Int: [Double]] = [:]
    var weights: [[Double]] = []
    var sums = [Double](repeating: 0, count: tiling.length)
    let covering = (0..<tiling.length).map(tiling.patches(covering:))
    for tile in 0..<tiling.count {
      let range = tiling.range(at: tile)
      let tileWeights: [Double]
      if let known = byLength[range.count] {
        tileWeights = known
      } else {
        tileWeights = try profile.weights(length: range.count, axis: axis)
        byLength[range.count] = tileWeights
      }
      weights.append(tileWeights)
      for coordinate in tiling.validRange(at: tile) {
        sums[coordinate] += tileWeights[coordinate - range.lowerBound]
      }
    }
    if let bare = sums.indices.first(where: { !covering[$0].isEmpty && sums[$0] == 0 }) {
      throw VoxtileError(
        .invalidOption,
        "blend profile '\(profile.name)' gives \(axis) = \(bare) no weight in any patch; "
          + "use weights above 0 where only one patch is",
        context: .init(axis: axis, expected: "> 0", found: "0"))
    }
    owned = Self.owned(by: tiling, covering: covering, blend: blend)
    runs = Self.runs(of: covering)
    self.weights = weights
    self.covering = covering
    self.sums = sums
    reciprocals = sums.map { $0 == 0 ? 0 : 1 / $0 }
    shares = weights.enumerated().map { tile, weights in
      let first = tiling.starts[tile]
      return weights.enumerated().map { offset, weight in
        // Voxels of a patch that lie outside the image have no share.
        sums.indices.contains(first + offset) && sums[first + offset] > 0 ? weight / sums[first + offset] : 0
      }
    }
  }

  /// The tiles over any coordinate of a run.
  func tiles(over run: Range<Int>) -> Range<Int> {
    guard let first = run.first, let last = run.last else { return 0..<0 }
    // Tiles ascend, so those over the ends bound those between; a coordinate without any has an empty range
    // where they would be.
    return covering[first].lowerBound..<max(covering[first].lowerBound, covering[last].upperBound)
  }

  /// The parts of a run of coordinates over which the same tiles lie.
  ///
  /// - Complexity: O(log of the number of runs), and O(1) for each part.
  func runs(in range: Range<Int>) -> some Sequence<(range: Range<Int>, tiles: Range<Int>)> {
    let first = runs.partitioningIndex { $0.range.upperBound > range.lowerBound }
    return runs[first...].lazy
      .prefix { $0.range.lowerBound < range.upperBound }
      .map { ($0.range.clamped(to: range), $0.tiles) }
  }

  private static func runs(
    of covering: [Range<Int>]
  ) -> [(range: Range<Int>, tiles: Range<Int>)] {
    var runs: [(range: Range<Int>, tiles: Range<Int>)] = []
    for (coordinate, tiles) in covering.enumerated() where !tiles.isEmpty {
      if let run = runs.last, run.tiles == tiles, run.range.upperBound == coordinate {
        runs[runs.count - 1].range = run.range.lowerBound..<coordinate + 1
      } else {
        runs.append((coordinate..<coordinate + 1, tiles))
      }
    }
    return runs
  }

  /// The runs of coordinates that have the same owner.
  private static func owned(
    by tiling: AxisTiling, covering: [Range<Int>], blend: Blend
  ) -> [(range: Range<Int>, tile: Int)] {
    var runs: [(range: Range<Int>, tile: Int)] = []
    for coordinate in 0..<tiling.length {
      guard let last = covering[coordinate].last else { continue }
      var owner = last
      if case .center = blend {
        // Twice the distance to the centre, so that all stay whole numbers.
        func distance(_ tile: Int) -> Int {
          let range = tiling.range(at: tile)
          return abs(2 * coordinate - range.lowerBound - range.upperBound + 1)
        }
        owner = covering[coordinate].min { distance($0) < distance($1) } ?? last
      }
      if let run = runs.last, run.tile == owner, run.range.upperBound == coordinate {
        runs[runs.count - 1].range = run.range.lowerBound..<coordinate + 1
      } else {
        runs.append((coordinate..<coordinate + 1, owner))
      }
    }
    return runs
  }
}
