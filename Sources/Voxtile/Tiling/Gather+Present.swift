/// Voxels of which some patch has no value: the patch is absent, or its value is NaN and NaN is ignored.
extension Gather {
  /// Writes a block over which some patch is absent.
  func writeAroundAbsent(_ block: MergeBlock, into output: inout MutableSpan<Scalar>) {
    for rectangle in rectangles(of: block) {
      let present = rectangle.places.filter { !plan.absent.contains($0) }
      let target = block.rows(of: rectangle)
      if present.isEmpty {
        for row in 0..<target.rows {
          fill(target.targetRange(ofRow: row), of: &output, with: Scalar(nearest: plan.settings.fill))
        }
      } else if present.count == rectangle.coverCount {
        writeComplete(rectangle, target, into: &output)
      } else {
        let marks = [UInt8](repeating: 1, count: rectangle.count)
        writeFromPresent(rectangle, present, where: marks, target, into: &output)
      }
    }
  }

  /// Writes a rectangle over which no patch is absent into the rows of a block.
  func writeComplete(_ rectangle: MergeBlock, _ target: RowBlock, into output: inout MutableSpan<Scalar>) {
    var values = [Scalar](unsetCount: rectangle.count)
    let isWritten = values.withUnsafeMutableBufferPointer { buffer in
      let memory = BoxOutput(
        memory: DisjointOutput(buffer), start: 0, stride: buffer.count, count: buffer.count)
      return writeAtOnce(MergeBox(of: rectangle), into: memory)
    }
    if !isWritten {
      var span = values.mutableSpan
      writeComplete(rectangle, into: &span)
    }
    copyRows(target.reading(rowsOf: rectangle.width), from: values.span, into: &output)
  }

  /// Writes the voxels of a block anew in which some patch is NaN, from the patches that are not.
  func writeIgnoringNaN(_ block: MergeBlock, into output: inout MutableSpan<Scalar>) {
    var marks = [UInt8](repeating: 0, count: block.count)
    forEachPart(over: block) { _, part, rows, columns in
      var span = marks.mutableSpan
      markNaN(
        block.rectangle(of: part, rows: rows, columns: columns), of: part.volume.voxels.span, in: &span)
    }
    guard marks.contains(where: { $0 != 0 }) else { return }
    for rectangle in rectangles(of: block) {
      let target = block.rows(of: rectangle)
      let present = rectangle.places.filter { !plan.absent.contains($0) }
      let marked = (0..<target.rows).flatMap { marks[target.targetRange(ofRow: $0)] }
      guard !present.isEmpty, marked.contains(where: { $0 != 0 }) else { continue }
      writeFromPresent(rectangle, present, where: marked, target, into: &output)
    }
  }

  /// Writes the marked voxels of a rectangle from the patches that are there.
  private func writeFromPresent(
    _ rectangle: MergeBlock, _ present: [Position], where marks: [UInt8], _ target: RowBlock,
    into output: inout MutableSpan<Scalar>
  ) {
    let covers = weightedCovers(over: rectangle, present)
    let ignoresNaN = plan.settings.nan == .ignore
    // What is not marked stays as it is, so rows are written value by value.
    func writeMarked(_ value: (Int) -> Scalar) {
      for row in 0..<target.rows {
        var line = output._mutatingExtracting(target.targetRange(ofRow: row))
        for column in 0..<target.count where marks[row * target.count + column] != 0 {
          line[column] = value(row * target.count + column)
        }
      }
    }
    if let choice = plan.blend.presentChoice(valueBytes: Value.scalarType.byteCount) {
      var values = [Value](repeating: 0, count: rectangle.count)
      var span = values.mutableSpan
      choosePresentValues(
        choice, of: covers, ignoresNaN: ignoresNaN, fill: Value(nearest: plan.settings.fill),
        where: marks.span, rows: target.rows, count: target.count, into: &span)
      if let same = Values(values) as? Values<Scalar> {
        writeMarked { same.array[$0] }
      } else {
        writeMarked { Scalar(nearest: values[$0].double) }
      }
    } else {
      var means = [Double](repeating: 0, count: rectangle.count)
      var span = means.mutableSpan
      writeMeansOfPresent(
        covers, ignoresNaN: ignoresNaN, fill: plan.settings.fill, where: marks.span,
        rows: target.rows, count: target.count, into: &span)
      writeMarked { Scalar(nearest: means[$0]) }
    }
  }

  /// Some of the patches over a rectangle, with their weights.
  ///
  /// - Parameter places: the places of the patches in the grid, in the order in which weights are added.
  func weightedCovers(over rectangle: MergeBlock, _ places: [Position]) -> WeightedCovers<Value> {
    let rowWeights = places.map { place in
      let sliceWeight = plan.weight(at: rectangle.slice, along: .z, ofPatch: place.z)
      return rectangle.rows.map { plan.weight(at: $0, along: .y, ofPatch: place.y) * sliceWeight }
    }
    let columnWeights = places.map { place in
      rectangle.columns.map { plan.weight(at: $0, along: .x, ofPatch: place.x) }
    }
    return WeightedCovers(
      rows: places.map { parts[$0].rows(of: rectangle) }, rowWeights: rowWeights,
      columnWeights: columnWeights, centers: centers(of: places, from: rectangle),
      lowestLabelWinsTies: plan.lowestLabelWinsTies)
  }

  /// Where the centers of patches lie, seen from the first voxel of a rectangle.
  private func centers(of places: [Position], from rectangle: MergeBlock) -> PatchCenters {
    let patches = places.map { plan.grid.patch(at: $0) }
    return PatchCenters(
      doubledOffsets: patches.map { patch in
        let region = patch.region
        return Position(
          x: region.x.lowerBound + region.x.upperBound - 1 - 2 * rectangle.columns.lowerBound,
          y: region.y.lowerBound + region.y.upperBound - 1 - 2 * rectangle.rows.lowerBound,
          z: region.z.lowerBound + region.z.upperBound - 1 - 2 * rectangle.slice)
      },
      indices: patches.map(\.index))
  }
}

extension Blend {
  /// How one of the values that are there is chosen; `nil` where they are averaged.
  fileprivate func presentChoice(valueBytes: Int) -> PresentChoice? {
    switch self {
    case .mean: valueBytes == 8 ? .relativeMean : nil
    case .majority: .label
    case .center: .nearest
    case .last: .last
    case .maximum: .maximum
    }
  }
}

extension RowBlock {
  /// The same rows of the target, read from a rectangle of rows that lie one after another.
  fileprivate func reading(rowsOf width: Int) -> RowBlock {
    var block = self
    (block.source, block.sourceStride) = (0, width)
    return block
  }
}
