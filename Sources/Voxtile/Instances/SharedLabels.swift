/// How many voxels each label of one patch shares with each label of another, in the box that both hold.
///
/// Background, 0, is counted as a label, but for voxels that are background in both; so the size of a label in the box is the
/// sum of what it shares.
struct SharedLabels: Sendable {
  /// A label of the first patch and one of the second.
  struct Pair: Hashable, Sendable {
    var first: Int
    var second: Int
  }

  /// The voxels that two labels share.
  struct Share: Sendable {
    var voxelCount: Int
    /// The first of them, counted in the order in which the voxels of the image lie in memory.
    let firstVoxel: Int
  }

  /// Which labels are one object.
  struct Matches {
    var joined: [Pair] = []
    /// How many pairs share voxels and are not joined, though one of the two is joined with nothing in the other patch.
    var unjoinedCount = 0
  }

  /// The most memory of a pair of labels, in bytes: a dictionary that grows, what is added to it, and the sizes that are made
  /// of it.
  static let bytesPerPair = 256

  private var shares: [Pair: Share] = [:]

  /// How many pairs of labels share voxels.
  var count: Int { shares.count }

  /// Counts voxels that follow each other.
  mutating func add(_ pair: Pair, count: Int, firstVoxel: Int) {
    shares[pair, default: Share(voxelCount: 0, firstVoxel: firstVoxel)].voxelCount += count
  }

  /// Adds what was counted in voxels that come later.
  mutating func add(_ later: SharedLabels) {
    guard !shares.isEmpty else { return shares = later.shares }
    for (pair, share) in later.shares { add(pair, count: share.voxelCount, firstVoxel: share.firstVoxel) }
  }

  /// Finds the labels that are one object, after all voxels of the box have been counted.
  ///
  /// Two are one where their intersection over union is large enough and neither has a larger one with another label. Of
  /// equal ones that counts whose shared voxels come first, so that it is of no importance how a patch numbers its objects.
  ///
  /// - Parameter leastIoU: the least intersection over union; with 0, all that share a voxel are one.
  func matches(leastIoU: Double) -> Matches {
    var (firstSizes, secondSizes): ([Int: Int], [Int: Int]) = ([:], [:])
    for (pair, share) in shares {
      firstSizes[pair.first, default: 0] += share.voxelCount
      secondSizes[pair.second, default: 0] += share.voxelCount
    }
    var (bestOfFirst, bestOfSecond): ([Int: Candidate], [Int: Candidate]) = ([:], [:])
    let meetings = shares.filter { $0.key.first != 0 && $0.key.second != 0 }
    for (pair, share) in meetings {
      let union = (firstSizes[pair.first] ?? 0) + (secondSizes[pair.second] ?? 0) - share.voxelCount
      let candidate = Candidate(
        pair: pair, iou: Double(share.voxelCount) / Double(union), firstVoxel: share.firstVoxel)
      bestOfFirst[pair.first] = candidate.better(than: bestOfFirst[pair.first])
      bestOfSecond[pair.second] = candidate.better(than: bestOfSecond[pair.second])
    }
    if leastIoU == 0 { return Matches(joined: Array(meetings.keys)) }
    func isJoined(_ candidate: Candidate?) -> Bool {
      guard let candidate, candidate.iou >= leastIoU else { return false }
      return bestOfFirst[candidate.pair.first]?.pair == candidate.pair
        && bestOfSecond[candidate.pair.second]?.pair == candidate.pair
    }
    var matches = Matches()
    for pair in meetings.keys {
      let (first, second) = (bestOfFirst[pair.first], bestOfSecond[pair.second])
      if first?.pair == pair, isJoined(first) {
        matches.joined.append(pair)
      } else if !isJoined(first) || !isJoined(second) {
        matches.unjoinedCount += 1
      }
    }
    return matches
  }

  /// Two labels that may be one object.
  private struct Candidate {
    let pair: Pair
    let iou: Double
    let firstVoxel: Int

    func better(than other: Candidate?) -> Candidate {
      guard let other else { return self }
      return (iou, -firstVoxel) > (other.iou, -other.firstVoxel) ? self : other
    }
  }
}
