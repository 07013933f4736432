/// Votes on labels of another type than the result's, or of more patches than there are kernels for.
extension Gather {
  /// The label with the largest sum of weights over each voxel.
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
      let rows = block.rows(of: rectangle)
      let marked = (0..<rows.rows).flatMap { marks[rows.targetRange(ofRow: $0)] }
      let places = marked.indices.filter { marked[$0] != 0 }.map { Int32($0) }
      guard !places.isEmpty else { continue }
      var span = labels.mutableSpan
      countVotes(
        weightedCovers(over: rectangle, rectangle.places), rows, at: places.span, into: &span)
    }
    return labels
  }
}
