extension BlockMerger {
  /// The label with the largest sum of weights over each voxel; the lowest one of equals.
  ///
  /// Nearly everywhere all patches agree, and finding that out takes whole rows at a time; only where one
  /// does not are votes counted.
  func vote(_ block: MergeBlock) -> [Value] {
    var labels = firstValues(block)
    var marks = [UInt8](repeating: 0, count: block.count)
    forEachPart(over: block) { part, rows, columns in
      var span = marks.mutableSpan
      markDifferences(
        block.rectangle(of: part, rows: rows, columns: columns), of: part.volume.voxels.span,
        from: labels.span, in: &span)
    }
    for (voxel, mark) in marks.enumerated() where mark != 0 {
      let (row, column) = voxel.quotientAndRemainder(dividingBy: block.width)
      labels[voxel] = winner(
        at: Position(x: block.columns.lowerBound + column, y: block.rows.lowerBound + row, z: block.slice),
        channel: block.channel)
    }
    return labels
  }

  /// The label that wins one voxel.
  private func winner(at voxel: Position, channel: Int) -> Value {
    var candidates: [(label: Value, weight: Double)] = []
    for z in plan.axes.z.covering[voxel.z] {
      for y in plan.axes.y.covering[voxel.y] {
        for x in plan.axes.x.covering[voxel.x] {
          let part = parts[Position(x: x, y: y, z: z)]
          let label = part.value(at: voxel, channel: channel)
          let offset = voxel - part.patch.region.origin
          let weight =
            plan.axes.x.weights[x][offset.x]
            * (plan.axes.y.weights[y][offset.y] * plan.axes.z.weights[z][offset.z])
          if let known = candidates.firstIndex(where: { $0.label == label }) {
            candidates[known].weight += weight
          } else {
            candidates.append((label, weight))
          }
        }
      }
    }
    var best = candidates[0]
    for candidate in candidates.dropFirst()
    where candidate.weight > best.weight
      || (candidate.weight == best.weight && candidate.label < best.label)
    {
      best = candidate
    }
    return best.label
  }
}
