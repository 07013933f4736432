/// Labels are counted only where patches disagree.
extension Gather {
  /// The label with the largest sum of weights over each voxel; the lowest one of equals.
  ///
  /// Nearly everywhere all patches agree, and finding that out takes whole rows at a time; only where one
  /// does not are votes counted.
  func vote(_ block: MergeBlock) -> [Value] {
    var labels = firstValues(block)
    var marks = [UInt8](repeating: 0, count: block.count)
    forEachPart(over: block) { _, part, rows, columns in
      var span = marks.mutableSpan
      markDifferences(
        block.rectangle(of: part, rows: rows, columns: columns), of: part.volume.voxels.span,
        from: labels.span, in: &span)
    }
    // Most rectangles have no mark, and a block often none at all.
    guard marks.contains(where: { $0 != 0 }) else { return labels }
    for rectangle in rectangles(of: block) where rectangle.coverCount > 1 {
      var span = labels.mutableSpan
      countVotes(voters(over: rectangle), block.rows(of: rectangle), where: marks.span, into: &span)
    }
    return labels
  }

  /// The patches over a rectangle and their weights.
  private func voters(over rectangle: MergeBlock) -> Voters<Value> {
    var rowWeights: [[Double]] = []
    var columnWeights: [[Double]] = []
    for z in rectangle.patches.z {
      let sliceWeight = plan.weight(at: rectangle.slice, along: .z, ofPatch: z)
      for y in rectangle.patches.y {
        let weights = rectangle.rows.map { plan.weight(at: $0, along: .y, ofPatch: y) * sliceWeight }
        for x in rectangle.patches.x {
          rowWeights.append(weights)
          columnWeights.append(rectangle.columns.map { plan.weight(at: $0, along: .x, ofPatch: x) })
        }
      }
    }
    return Voters(rows: covers(of: rectangle), rowWeights: rowWeights, columnWeights: columnWeights)
  }
}
