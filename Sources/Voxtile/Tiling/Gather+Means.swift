/// Means of patches of another type than the result, of integers of 64 bits, or of more patches than there are kernels for: they are
/// merged one rectangle at a time over which the same patches lie.
extension Gather {
  /// Writes the means over each voxel of a block.
  @specialized(where Value == UInt8, Scalar == UInt8)
  @specialized(where Value == Int8, Scalar == Int8)
  @specialized(where Value == UInt16, Scalar == UInt16)
  @specialized(where Value == Int16, Scalar == Int16)
  @specialized(where Value == UInt32, Scalar == UInt32)
  @specialized(where Value == Int32, Scalar == Int32)
  @specialized(where Value == Float, Scalar == Float)
  @inline(never)
  func writeMeans(
    _ block: MergeBlock, isUniform: Bool, into output: inout MutableSpan<Scalar>
  ) {
    var sums: [Double] = []
    for rectangle in rectangles(of: block) {
      let target = block.rows(of: rectangle)
      sums.removeAll(keepingCapacity: true)
      sums.append(contentsOf: repeatElement(-0.0, count: rectangle.count))
      var span = sums.mutableSpan
      if isUniform {
        add(rectangle, to: &span)
      } else {
        addWeighted(rectangle, to: &span)
      }
      writeMeans(of: sums.span, rectangle, target, into: &output)
    }
  }

  /// The rectangles of a block, those with long rows first.
  ///
  /// Long rows are read as memory lies, and draw the short ones beside them, where patches overlap, into the caches:
  /// weighted means of patches of 512 columns take two thirds of the time.
  func rectangles(of block: MergeBlock) -> [MergeBlock] {
    var long: [MergeBlock] = []
    var short: [MergeBlock] = []
    for rows in plan.axes.y.runs(in: block.rows) {
      for columns in plan.axes.x.runs(in: block.columns) {
        let rectangle = MergeBlock(
          channel: block.channel, slice: block.slice, rows: rows.range, columns: columns.range,
          patches: PerAxis(x: columns.value, y: rows.value, z: block.patches.z))
        if rectangle.width < 128 { short.append(rectangle) } else { long.append(rectangle) }
      }
    }
    return long + short
  }

  /// The patches over a rectangle: z before y before x, the order in which values are added.
  func covers(of rectangle: MergeBlock) -> [CoverRows<Value>] {
    rectangle.places.map { parts[$0].rows(of: rectangle) }
  }

  /// Adds the values of all patches to their sums.
  private func add(_ rectangle: MergeBlock, to sums: inout MutableSpan<Double>) {
    for cover in covers(of: rectangle) {
      let block = RowBlock(
        rows: rectangle.rows.count, count: rectangle.columns.count, source: cover.offset,
        sourceStride: cover.stride, target: 0, targetStride: rectangle.columns.count)
      addRows(block, of: cover.voxels.span, to: &sums)
    }
  }

  /// Adds the weighted values of all patches to their sums, the patches of one column of the grid together.
  private func addWeighted(_ rectangle: MergeBlock, to sums: inout MutableSpan<Double>) {
    let (rows, columns) = (rectangle.rows, rectangle.columns)
    for x in rectangle.patches.x {
      var covers: [WeightedRows<Value>] = []
      for z in rectangle.patches.z {
        let sliceWeight = plan.weight(at: rectangle.slice, along: .z, ofPatch: z)
        for y in rectangle.patches.y {
          let weights = rows.map { plan.weight(at: $0, along: .y, ofPatch: y) * sliceWeight }
          let part = parts[Position(x: x, y: y, z: z)]
          covers.append(WeightedRows(rows: part.rows(of: rectangle), weights: weights))
        }
      }
      let first = columns.lowerBound - plan.grid.axes.x.starts[x]
      let weights = plan.axes.x.weights[x]
      addWeightedRows(
        covers[...], columns: weights.span.extracting(first..<first + columns.count), to: &sums)
    }
  }

  /// Writes sums, divided by the sums of the weights.
  private func writeMeans(
    of sums: Span<Double>, _ rectangle: MergeBlock, _ target: RowBlock,
    into output: inout MutableSpan<Scalar>
  ) {
    let (x, y, z) = (plan.axes.x, plan.axes.y, plan.axes.z)
    let reciprocals = x.reciprocals.span.extracting(rectangle.columns)
    let columnSums = x.sums.span.extracting(rectangle.columns)
    for (number, row) in rectangle.rows.enumerated() {
      var line = output._mutatingExtracting(target.targetRange(ofRow: number))
      let start = number * rectangle.columns.count
      let sums = sums.extracting(start..<start + rectangle.columns.count)
      if plan.mustDivide(Scalar.scalarType) {
        writeQuotients(of: sums, by: columnSums, and: y.sums[row] * z.sums[rectangle.slice], to: &line)
      } else {
        Voxtile.writeMeans(
          of: sums, times: reciprocals, and: y.reciprocals[row] * z.reciprocals[rectangle.slice],
          to: &line)
      }
    }
  }

  /// Writes means of 64-bit values.
  func writeRelativeMeans(_ block: MergeBlock, into output: inout MutableSpan<Scalar>) {
    let sameType = self as? Gather<Scalar, Scalar>
    for rectangle in rectangles(of: block) {
      let target = block.rows(of: rectangle)
      if rectangle.coverCount == 1, let sameType {
        sameType.copyOnly(rectangle, target, into: &output)
      } else {
        write(relativeMeans(over: rectangle), target, into: &output)
      }
    }
  }

  /// Means of 64-bit values: the value of one patch, moved by the mean difference of all from it.
  private func relativeMeans(over rectangle: MergeBlock) -> [Value] {
    var bases = firstValues(rectangle)
    var sums = [Double](repeating: -0.0, count: rectangle.count)
    forEachPart(over: rectangle) { place, part, rows, columns in
      let sliceWeight = plan.weight(at: rectangle.slice, along: .z, ofPatch: place.z)
      let weights = rows.map { plan.weight(at: $0, along: .y, ofPatch: place.y) * sliceWeight }
      let first = columns.lowerBound - plan.grid.axes.x.starts[place.x]
      let columnWeights = plan.axes.x.weights[place.x]
      var span = sums.mutableSpan
      addDifferences(
        rectangle.rectangle(of: part, rows: rows, columns: columns), of: part.volume.voxels.span,
        columns: columnWeights.span.extracting(first..<first + columns.count),
        rows: weights.span, base: bases.span, to: &span)
    }
    let columnSums = plan.axes.x.sums
    var span = bases.mutableSpan
    for row in rectangle.rows {
      let start = (row - rectangle.rows.lowerBound) * rectangle.width
      var line = span._mutatingExtracting(start..<start + rectangle.width)
      moveBases(
        &line, by: sums.span.extracting(start..<start + rectangle.width),
        over: columnSums.span.extracting(rectangle.columns),
        and: plan.axes.y.sums[row] * plan.axes.z.sums[rectangle.slice])
    }
    return bases
  }
}

extension Gather where Value == Scalar {
  /// Copies the values of the only patch over a rectangle.
  fileprivate func copyOnly(
    _ rectangle: MergeBlock, _ target: RowBlock, into output: inout MutableSpan<Scalar>
  ) {
    let only = covers(of: rectangle)[0]
    var block = target
    block.source = only.offset
    block.sourceStride = only.stride
    copyRows(block, from: only.voxels.span, into: &output)
  }
}
