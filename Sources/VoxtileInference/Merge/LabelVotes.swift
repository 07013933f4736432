import Voxtile

/// What is kept of the labels of a voxel, where a network gives labels: for each of them its weights' sum.
///
/// There is a slot for each patch that may hold the voxel, since each may give another label. A slot is two planes: a label, and
/// its weight; a weight of 0 is an empty slot. Slots are filled in the order of the grid.
struct LabelVotes: Hashable, Sendable {
  /// The slots of a voxel.
  let slots: Int
  /// The labels that the network may give.
  let range: ClosedRange<Int>

  /// - Parameters:
  ///   - grid: what is predicted of each patch.
  ///   - range: the labels that the network may give.
  init(_ grid: PatchGrid, range: ClosedRange<Int>) {
    let covers = grid.axes.all.reduce(1) { $0 * ($1.counts.max() ?? 1) }
    slots = max(1, min(covers, range.count))
    self.range = range
  }

  /// The numbers that are kept of a voxel.
  var planes: Int { 2 * slots }

  /// The first value that is none of the labels, or `nil`.
  func stray(in values: Span<Float>) -> Float? {
    let (least, largest) = (Float(range.lowerBound), Float(range.upperBound))
    for index in values.indices {
      let value = values[index]
      if !(value >= least && value <= largest && value == value.rounded()) { return value }
    }
    return nil
  }
}

/// Adds the weights of labels to their slots.
///
/// - Parameters:
///   - sums: from the first value of the first plane on.
///   - stride: from one plane to the next.
func addVotes(
  _ block: WeightedBlock, of values: Span<Float>, columns: Span<Float>, rows: Span<Float>, votes: LabelVotes,
  stride: Int, to sums: inout MutableSpan<Float>
) {
  for row in 0..<block.rows {
    let source = block.source + row * block.sourceStride
    let share = block.shareStart + row * block.shareStride
    let target = row * block.targetStride
    for index in 0..<block.count {
      let (label, weight) = (values[source + index], columns[share + index] * rows[row])
      guard weight > 0 else { continue }
      for slot in 0..<votes.slots {
        let place = 2 * slot * stride + target + index
        if sums[place + stride] == 0 {
          (sums[place], sums[place + stride]) = (label, weight)
          break
        }
        if sums[place] == label {
          sums[place + stride] += weight
          break
        }
      }
    }
  }
}

extension VoxelDecision {
  /// The labels with the largest weight of a run of voxels; of equals the one that came first in the grid.
  func votedLabels(_ sums: Span<Float>, votes: LabelVotes, stride: Int, run: Range<Int>) -> [Int32] {
    run.map { index in
      var (best, found) = (Float(0), background)
      for slot in 0..<votes.slots {
        let weight = sums[(2 * slot + 1) * stride + index]
        if weight == 0 { break }
        if weight > best {
          let label = Int(sums[2 * slot * stride + index])
          (best, found) = (weight, labels.isEmpty ? Int32(label) : labels[label])
        }
      }
      return found
    }
  }

  /// The part of the weights that is the label's, for each voxel of a run; 1 where nothing was predicted.
  func voteShares(_ sums: Span<Float>, votes: LabelVotes, stride: Int, run: Range<Int>) -> [Float] {
    run.map { index in
      var (best, sum) = (Float(0), Float(0))
      for slot in 0..<votes.slots {
        let weight = sums[(2 * slot + 1) * stride + index]
        (best, sum) = (max(best, weight), sum + weight)
      }
      return sum > 0 ? best / sum : 1
    }
  }

  /// Whether patches gave a voxel different labels, as 1 and 0, for each voxel of a run.
  func votesDiffer(_ sums: Span<Float>, votes: LabelVotes, stride: Int, run: Range<Int>) -> [Int32] {
    run.map { index in votes.slots > 1 && sums[3 * stride + index] > 0 ? 1 : 0 }
  }
}
