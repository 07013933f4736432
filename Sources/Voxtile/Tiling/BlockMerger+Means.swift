/// Means are merged one rectangle at a time over which the same patches lie.
extension BlockMerger {
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
    let sameType = self as? BlockMerger<Scalar, Scalar>
    var sums: [Double] = []
    for rectangle in rectangles(of: block) {
      let target = block.rows(of: rectangle)
      if sameType?.writeAtOnce(rectangle, target, isUniform: isUniform, into: &output) == true {
        continue
      }
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

  /// Whether sums are divided by those of the weights, rather than multiplied by a reciprocal or made of shares.
  ///
  /// Half-way between two integers is a mean of whole weights only where it is a quotient. To `Float` it makes no
  /// difference.
  private var mustDivide: Bool { plan.divides && Scalar.scalarType != .float32 }

  /// The rectangles of a block, those with long rows first.
  ///
  /// Long rows are read as memory lies, and draw the short ones beside them, where patches overlap, into the caches:
  /// weighted means of patches of 512 columns take two thirds of the time.
  func rectangles(of block: MergeBlock) -> [MergeRectangle] {
    let tilesInZ = plan.axes.z.covering[block.slice]
    var long: [MergeRectangle] = []
    var short: [MergeRectangle] = []
    for (rows, tilesInY) in plan.axes.y.runs(in: block.rows) {
      for (columns, tilesInX) in plan.axes.x.runs(in: block.columns) {
        let rectangle = MergeRectangle(
          channel: block.channel, slice: block.slice, rows: rows, columns: columns,
          tiles: PerAxis(x: tilesInX, y: tilesInY, z: tilesInZ))
        if columns.count < 128 { short.append(rectangle) } else { long.append(rectangle) }
      }
    }
    return long + short
  }

  /// The patches over a rectangle: z before y before x, the order in which values are added.
  func covers(of rectangle: MergeRectangle) -> [CoverRows<Value>] {
    var covers: [CoverRows<Value>] = []
    covers.reserveCapacity(rectangle.coverCount)
    for z in rectangle.tiles.z {
      for y in rectangle.tiles.y {
        for x in rectangle.tiles.x {
          covers.append(parts[Position(x: x, y: y, z: z)].rows(of: rectangle))
        }
      }
    }
    return covers
  }

  /// Adds the values of all patches to their sums.
  private func add(_ rectangle: MergeRectangle, to sums: inout MutableSpan<Double>) {
    for cover in covers(of: rectangle) {
      let block = RowBlock(
        rows: rectangle.rows.count, count: rectangle.columns.count, source: cover.offset,
        sourceStride: cover.stride, target: 0, targetStride: rectangle.columns.count)
      addRows(block, of: cover.voxels.span, to: &sums)
    }
  }

  /// Adds the weighted values of all patches to their sums, the patches of one column of the grid together.
  private func addWeighted(_ rectangle: MergeRectangle, to sums: inout MutableSpan<Double>) {
    let (rows, columns) = (rectangle.rows, rectangle.columns)
    for x in rectangle.tiles.x {
      var covers: [WeightedRows<Value>] = []
      for z in rectangle.tiles.z {
        let sliceWeight = plan.weight(at: rectangle.slice, along: .z, ofTile: z)
        for y in rectangle.tiles.y {
          let weights = rows.map { plan.weight(at: $0, along: .y, ofTile: y) * sliceWeight }
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
    of sums: Span<Double>, _ rectangle: MergeRectangle, _ target: RowBlock,
    into output: inout MutableSpan<Scalar>
  ) {
    let reciprocals = plan.axes.x.reciprocals.span.extracting(rectangle.columns)
    let columnSums = plan.axes.x.sums.span.extracting(rectangle.columns)
    let (y, z) = (plan.axes.y, plan.axes.z)
    for (number, row) in rectangle.rows.enumerated() {
      var line = output._mutatingExtracting(target.targetRange(ofRow: number))
      let start = number * rectangle.columns.count
      let sums = sums.extracting(start..<start + rectangle.columns.count)
      if mustDivide {
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
    let sameType = self as? BlockMerger<Scalar, Scalar>
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
  private func relativeMeans(over rectangle: MergeRectangle) -> [Value] {
    let block = MergeBlock(
      channel: rectangle.channel, slice: rectangle.slice, rows: rectangle.rows, columns: rectangle.columns)
    var bases = firstValues(block)
    var sums = [Double](repeating: -0.0, count: block.count)
    forEachPart(over: block) { part, rows, columns in
      let place = part.patch.gridPosition
      let sliceWeight = plan.weight(at: block.slice, along: .z, ofTile: place.z)
      let weights = rows.map { plan.weight(at: $0, along: .y, ofTile: place.y) * sliceWeight }
      let first = columns.lowerBound - part.patch.region.origin.x
      let columnWeights = plan.axes.x.weights[place.x]
      var span = sums.mutableSpan
      addDifferences(
        block.rectangle(of: part, rows: rows, columns: columns), of: part.volume.voxels.span,
        columns: columnWeights.span.extracting(first..<first + columns.count),
        rows: weights.span, base: bases.span, to: &span)
    }
    var span = bases.mutableSpan
    for row in block.rows {
      let start = (row - block.rows.lowerBound) * block.width
      var line = span._mutatingExtracting(start..<start + block.width)
      moveBases(
        &line, by: sums.span.extracting(start..<start + block.width),
        over: plan.axes.x.sums.span.extracting(block.columns),
        and: plan.axes.y.sums[row] * plan.axes.z.sums[block.slice])
    }
    return bases
  }
}

extension BlockMerger where Value == Scalar {
  /// Writes the means over a rectangle without sums in memory, where there is a kernel for as many patches.
  ///
  /// - Returns: whether there is.
  fileprivate func writeAtOnce(
    _ rectangle: MergeRectangle, _ target: RowBlock, isUniform: Bool,
    into output: inout MutableSpan<Scalar>
  ) -> Bool {
    if rectangle.coverCount == 1 {
      copyOnly(rectangle, target, into: &output)
      return true
    }
    if isUniform { return writePlainMeans(of: covers(of: rectangle), target, to: &output) }
    guard !mustDivide, rectangle.coverCount <= 8 else { return false }
    return writeWeightedMeans(
      of: covers(of: rectangle), shares(of: rectangle), target, to: &output)
  }

  /// Copies the values of the only patch over a rectangle.
  fileprivate func copyOnly(
    _ rectangle: MergeRectangle, _ target: RowBlock, into output: inout MutableSpan<Scalar>
  ) {
    let only = covers(of: rectangle)[0]
    var block = target
    block.source = only.offset
    block.sourceStride = only.stride
    copyRows(block, from: only.voxels.span, into: &output)
  }

  /// The shares of the patches over a rectangle.
  private func shares(of rectangle: MergeRectangle) -> CoverShares<Scalar.Weight> {
    let tiles = rectangle.tiles
    var rows: [Scalar.Weight] = []
    rows.reserveCapacity(rectangle.rows.count * tiles.y.count * tiles.z.count)
    for row in rectangle.rows {
      for z in tiles.z {
        let share = plan.share(at: rectangle.slice, along: .z, ofTile: z)
        for y in tiles.y {
          rows.append(Scalar.Weight(plan.share(at: row, along: .y, ofTile: y) * share))
        }
      }
    }
    let columns = tiles.x.map { x in
      let first = rectangle.columns.lowerBound - plan.grid.axes.x.starts[x]
      return Array(columnShares[x][first..<first + rectangle.columns.count])
    }
    return CoverShares(perColumn: tiles.y.count * tiles.z.count, rows: rows, columns: columns)
  }
}
