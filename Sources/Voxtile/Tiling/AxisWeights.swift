/// How much each patch counts along one axis: its weights, their sums, and which patches hold which coordinate.
///
/// The weight of a voxel is the product of its weights along the three axes, so that the sum of the weights over a voxel is
/// a product of three sums too, and there is no second volume.
package struct AxisWeights: Sendable {
  /// For each patch, the weight of each of its voxels.
  package let weights: [[Double]]
  /// For each coordinate of the image, the sum of the weights over it; 0 where no patch is.
  package let sums: [Double]
  /// The reciprocals of the sums; 0 where no patch is.
  let reciprocals: [Double]
  /// For each patch, the share of each of its voxels in a mean: its weight, divided by the sum of all.
  package let shares: [[Double]]
  /// For each coordinate, the patches over it.
  let covering: [Range<Int>]
  /// The runs of coordinates over which the same patches lie, ascending; none where no patch is.
  let runs: [AxisRun<Range<Int>>]

  /// The weights of a blend; 1 everywhere where it has none.
  ///
  /// - Throws: ``VoxtileError/Code-swift.struct/invalidOption`` where a profile of the caller's gives weights that are not
  ///   usable, or no weight at all to a coordinate that some patch holds.
  /// - Complexity: O(voxels of all patches along the axis).
  package init(of tiling: AxisTiling, axis: Axis, blend: Blend) throws(VoxtileError) {
    let profile = blend.profile ?? .uniform
    var bySpan: [PatchSpan: [Double]] = [:]
    var weights: [[Double]] = []
    for patch in 0..<tiling.count {
      let span = PatchSpan(of: patch, in: tiling)
      if let known = bySpan[span] {
        weights.append(known)
      } else {
        weights.append(try profile.weights(of: span, axis: axis))
        bySpan[span] = weights[patch]
      }
    }
    try self.init(checked: weights, of: tiling, axis: axis, named: "blend profile '\(profile.name)': ")
  }

  /// Takes weights as they are given.
  ///
  /// - Throws: ``VoxtileError/Code-swift.struct/shapeMismatch`` for another number of weights than the axis has patches and
  ///   voxels, ``VoxtileError/Code-swift.struct/invalidOption`` for a weight that is negative or not finite, or for a
  ///   coordinate that only weights of 0 hold.
  /// - Complexity: O(number of weights).
  package init(_ weights: [[Double]], of tiling: AxisTiling, axis: Axis) throws(VoxtileError) {
    guard weights.count == tiling.count else {
      throw .weightCountMismatch(weights.count, expected: tiling.count, axis: axis)
    }
    for patch in 0..<tiling.count {
      let length = tiling.range(at: patch).count
      guard weights[patch].count == length else {
        throw .weightCountMismatch(weights[patch].count, expected: length, axis: axis)
      }
      if let wrong = weights[patch].first(where: { !($0 >= 0 && $0.isFinite) }) {
        throw .unusableWeight(wrong, expected: ">= 0", axis: axis)
      }
    }
    try self.init(checked: weights, of: tiling, axis: axis, named: "")
  }

  private init(
    checked weights: [[Double]], of tiling: AxisTiling, axis: Axis, named name: String
  ) throws(VoxtileError) {
    var sums = [Double](repeating: 0, count: tiling.length)
    for patch in 0..<tiling.count {
      let start = tiling.starts[patch]
      for coordinate in tiling.validRange(at: patch) {
        sums[coordinate] += weights[patch][coordinate - start]
      }
    }
    let covering = (0..<tiling.length).map(tiling.patches(covering:))
    if let bare = sums.indices.first(where: { !covering[$0].isEmpty && !(sums[$0] > 0) }) {
      throw VoxtileError(
        .invalidOption,
        "\(name)\(axis) = \(bare) has no weight in any of the \(covering[bare].count) patches that hold it; "
          + "use weights above 0 there",
        context: .init(axis: axis, expected: "> 0", found: "0"))
    }
    self.weights = weights
    self.sums = sums
    self.covering = covering
    runs = AxisRun.runs(of: covering.map { $0.isEmpty ? nil : $0 })
    reciprocals = sums.map { $0 == 0 ? 0 : 1 / $0 }
    shares = zip(weights, tiling.starts).map { weights, start in
      weights.enumerated().map { offset, weight in
        // Voxels of a patch that lie outside the image have no share.
        let coordinate = start + offset
        return sums.indices.contains(coordinate) && sums[coordinate] > 0 ? weight / sums[coordinate] : 0
      }
    }
  }

  /// Whether multiplying by the reciprocals is the same as dividing by the sums.
  var reciprocalsAreExact: Bool {
    sums.allSatisfy { $0 == 0 || $0.significandWidth == 0 }
  }

  /// Whether all weights are whole numbers.
  var hasWholeWeights: Bool {
    weights.allSatisfy { $0.allSatisfy { $0 == $0.rounded() } }
  }

  /// The patches over any coordinate of a range.
  func patches(over range: Range<Int>) -> Range<Int> {
    guard let first = range.first, let last = range.last else { return 0..<0 }
    // Patches ascend, so those over the ends bound those between; a coordinate without any has an empty range
    // where they would be.
    return covering[first].lowerBound..<max(covering[first].lowerBound, covering[last].upperBound)
  }

  /// The parts of a range of coordinates over which the same patches lie.
  ///
  /// - Complexity: O(log of the number of runs), and O(1) for each part.
  func runs(in range: Range<Int>) -> some Sequence<AxisRun<Range<Int>>> {
    let first = runs.partitioningIndex { $0.range.upperBound > range.lowerBound }
    return runs[first...].lazy
      .prefix { $0.range.lowerBound < range.upperBound }
      .map { AxisRun(range: $0.range.clamped(to: range), value: $0.value) }
  }
}

/// Consecutive coordinates of an axis that have something in common.
struct AxisRun<Value: Equatable & Sendable>: Sendable {
  /// The coordinates.
  var range: Range<Int>
  /// What they have in common: the patches over them, or the one that owns them.
  let value: Value

  /// The runs of equal values, ascending; none where there is no value.
  static func runs(of values: [Value?]) -> [AxisRun] {
    var runs: [AxisRun] = []
    for (coordinate, value) in values.enumerated() {
      guard let value else { continue }
      if let run = runs.last, run.value == value, run.range.upperBound == coordinate {
        runs[runs.count - 1].range = run.range.lowerBound..<coordinate + 1
      } else {
        runs.append(AxisRun(range: coordinate..<coordinate + 1, value: value))
      }
    }
    return runs
  }
}

extension AxisTiling {
  /// For blends that take each voxel from one patch, the runs of coordinates that one patch owns, ascending.
  ///
  /// The owner is the patch whose center is nearest for ``Blend/center``, the earlier one of equals, and else the last one.
  func owners(by blend: Blend) -> [AxisRun<Int>] {
    AxisRun.runs(
      of: (0..<length).map { coordinate in
        let covering = patches(covering: coordinate)
        guard case .center = blend else { return covering.last }
        // Twice the distance to the center, so that all stay whole numbers.
        func distance(_ patch: Int) -> Int {
          let range = range(at: patch)
          return abs(2 * coordinate - range.lowerBound - range.upperBound + 1)
        }
        return covering.min { distance($0) < distance($1) }
      })
  }
}
