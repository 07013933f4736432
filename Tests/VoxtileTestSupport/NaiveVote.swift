import Voxtile

/// Which label wins where several have the same weight.
public enum NaiveTie: Sendable {
  /// The smallest label.
  case smallest
  /// The label that the patch with the lowest number votes for.
  case earliest
  /// The label of the patch whose center is nearest to the voxel, the lowest number of equally near ones.
  case nearestCenter
}

/// The label with the most votes over each voxel: the reference for merging label maps.
///
/// - Parameters:
///   - extent: the size of the image.
///   - patches: one label a voxel, and where the labels belong.
///   - fill: the label where there is no patch.
///   - ties: which label wins where votes are equal.
///   - weight: what a vote counts, from the number of the patch and the offset of the voxel in its
///     region. The default is 1: one patch, one vote.
public func naiveVote<Label: Comparable & Hashable>(
  extent: Extent, patches: [NaivePatch<Label>], fill: Label, ties: NaiveTie,
  weight: (_ patch: Int, _ offset: Position) -> Double = { _, _ in 1 }
) -> [Label] {
  extent.positions.map { voxel in
    var votes: [(label: Label, weight: Double)] = []
    var distances: [(label: Label, distance: Double)] = []
    for (number, patch) in patches.enumerated() {
      guard let label = patch.value(over: voxel) else { continue }
      let squares = Axis.allCases.map { axis in
        let center = Double(patch.region[axis].lowerBound + patch.region[axis].upperBound - 1) / 2
        return (Double(voxel[axis]) - center) * (Double(voxel[axis]) - center)
      }
      distances.append((label, squares.reduce(0, +)))
      let share = weight(number, voxel - patch.region.origin)
      if let known = votes.firstIndex(where: { $0.label == label }) {
        votes[known].weight += share
      } else {
        votes.append((label, share))
      }
    }
    let most = votes.map(\.weight).max()
    let winners = votes.filter { $0.weight == most }.map(\.label)
    switch ties {
    case .smallest: return winners.min() ?? fill
    case .earliest: return winners.first ?? fill
    case .nearestCenter:
      return distances.filter { winners.contains($0.label) }.min { $0.distance < $1.distance }?.label ?? fill
    }
  }
}
