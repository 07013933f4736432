extension BlockMerger {
  /// The label with the largest sum of weights over each voxel; the lowest one of equals.
  func vote(_ block: MergeBlock) -> [Value] {
    var ballots = Ballots<Value>(count: block.count)
    forEachPatch(over: block) { patch, volume, rows, columns in
      let place = patch.gridPosition
      let origin = patch.region.origin
      ballots.add(
        block.rectangle(of: patch, rows: rows, columns: columns), of: volume.voxels,
        columns: plan.axes.x.weights[place.x][(columns.lowerBound - origin.x)...],
        rows: plan.axes.y.weights[place.y][(rows.lowerBound - origin.y)...],
        weight: plan.axes.z.weights[place.z][block.slice - origin.z])
    }
    return ballots.winners()
  }
}

/// The votes over a block of voxels.
///
/// Nearly everywhere all patches agree, so a voxel holds one label and its weight; only where a patch
/// disagrees are its candidates listed.
private struct Ballots<Label: VoxelScalar> {
  private var labels: [Label]
  /// The weight of the one label of each voxel; 0 before its first vote.
  private var weights: [Double]
  /// The candidates of the voxels where patches disagree, in the order of their first vote.
  private var contested: [Int: [(label: Label, weight: Double)]] = [:]

  init(count: Int) {
    labels = [Label](repeating: 0, count: count)
    weights = [Double](repeating: 0, count: count)
  }

  @specialized(where Label == UInt8)
  @specialized(where Label == Int8)
  @specialized(where Label == UInt16)
  @specialized(where Label == Int16)
  @specialized(where Label == UInt32)
  @specialized(where Label == Int32)
  @specialized(where Label == UInt64)
  @specialized(where Label == Int64)
  @specialized(where Label == Float)
  @specialized(where Label == Double)
  mutating func add(
    _ block: RowBlock, of patch: [Label], columns: ArraySlice<Double>, rows: ArraySlice<Double>,
    weight: Double
  ) {
    for row in 0..<block.rows {
      let rowWeight = rows[rows.startIndex + row] * weight
      for column in 0..<block.count {
        let voxel = block.target + row * block.targetStride + column
        let label = patch[block.source + row * block.sourceStride + column]
        let vote = columns[columns.startIndex + column] * rowWeight
        if weights[voxel] == 0 && contested[voxel] == nil {
          labels[voxel] = label
          weights[voxel] = vote
        } else if labels[voxel] == label && contested[voxel] == nil {
          weights[voxel] += vote
        } else {
          contest(voxel, label, vote)
        }
      }
    }
  }

  private mutating func contest(_ voxel: Int, _ label: Label, _ vote: Double) {
    var candidates = contested[voxel] ?? [(labels[voxel], weights[voxel])]
    if let known = candidates.firstIndex(where: { $0.label == label }) {
      candidates[known].weight += vote
    } else {
      candidates.append((label, vote))
    }
    contested[voxel] = candidates
  }

  /// The winning label of each voxel.
  func winners() -> [Label] {
    var winners = labels
    for (voxel, candidates) in contested {
      var best = candidates[0]
      for candidate in candidates.dropFirst()
      where candidate.weight > best.weight
        || (candidate.weight == best.weight && candidate.label < best.label)
      {
        best = candidate
      }
      winners[voxel] = best.label
    }
    return winners
  }
}
