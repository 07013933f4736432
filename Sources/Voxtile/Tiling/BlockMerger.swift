/// Merges one block of rows at a time from the patches over it.
///
/// Every voxel gathers its patches in the same order (z before y before x of the grid), so the result
/// does not depend on when a patch arrived, on how rows are spread over threads, or on how many slices
/// are merged at a time.
struct BlockMerger<Value: VoxelScalar, Scalar: VoxelScalar>: Sendable {
  let plan: MergePlan
  /// The patches at hand, or the parts of them that are needed, by their place in the grid.
  let parts: PatchParts<Value>
  /// The shares along x of each tile, in the type in which values are weighted.
  let columnShares: [[Value.Weight]]

  init(plan: MergePlan, parts: PatchParts<Value>) {
    self.plan = plan
    self.parts = parts
    columnShares = plan.axes.x.shares.map { $0.map { Value.Weight($0) } }
  }

  /// Merges a block into its part of the output.
  func merge(_ block: MergeBlock, into output: inout MutableSpan<Scalar>) {
    switch plan.blend {
    case .mean(let profile):
      if Value.scalarType.byteCount == 8 {
        writeRelativeMeans(block, into: &output)
      } else {
        writeMeans(block, isUniform: profile.isUniform, into: &output)
      }
    case .majority:
      write(vote(block), of: block, into: &output)
    case .center, .last:
      write(choose(block), of: block, into: &output)
    case .maximum:
      write(highest(block), of: block, into: &output)
    }
    fillUncovered(block, &output)
  }

  /// Calls a body for each patch over the block, in the order in which values are added.
  ///
  /// The body gets the part of the patch at hand, and the rows and columns that it shares with the block.
  func forEachPart(
    over block: MergeBlock,
    _ body: (PatchPart<Value>, _ rows: Range<Int>, _ columns: Range<Int>) -> Void
  ) {
    let tiles = plan.axes.y.tiles(over: block.rows)
    let columnTiles = plan.axes.x.tiles(over: block.columns)
    for z in plan.axes.z.covering[block.slice] {
      for y in tiles {
        let rows = plan.grid.axes.y.validRange(at: y).clamped(to: block.rows)
        guard !rows.isEmpty else { continue }
        for x in columnTiles {
          let columns = plan.grid.axes.x.validRange(at: x).clamped(to: block.columns)
          guard !columns.isEmpty else { continue }
          body(parts[Position(x: x, y: y, z: z)], rows, columns)
        }
      }
    }
  }

  /// Sets the voxels that no patch holds.
  private func fillUncovered(_ block: MergeBlock, _ output: inout MutableSpan<Scalar>) {
    let value = Scalar(nearest: plan.fill)
    let isSliceCovered = !plan.axes.z.covering[block.slice].isEmpty
    let gaps = plan.grid.axes.x.uncovered
    for row in block.rows {
      let start = (row - block.rows.lowerBound) * block.width
      guard isSliceCovered, !plan.axes.y.covering[row].isEmpty else {
        fill(start..<start + block.width, of: &output, with: value)
        continue
      }
      for gap in gaps {
        let columns = gap.clamped(to: block.columns)
        let first = start + columns.lowerBound - block.columns.lowerBound
        fill(first..<first + columns.count, of: &output, with: value)
      }
    }
  }

  /// Writes the values of a rectangle, converted where the output has another type than the patches.
  func write(_ values: [Value], _ target: RowBlock, into output: inout MutableSpan<Scalar>) {
    if let same = Values(values) as? Values<Scalar> {
      var block = target
      (block.source, block.sourceStride) = (0, block.count)
      copyRows(block, from: same.array.span, into: &output)
      return
    }
    var doubles = [Double](repeating: 0, count: target.count)
    for row in 0..<target.rows {
      var span = doubles.mutableSpan
      readDoubles(
        from: values.span.extracting(row * target.count..<(row + 1) * target.count), into: &span)
      var line = output._mutatingExtracting(target.targetRange(ofRow: row))
      writeDoubles(doubles.span, slope: 1, intercept: 0, into: &line)
    }
  }

  /// Writes the values of a whole block.
  private func write(_ values: [Value], of block: MergeBlock, into output: inout MutableSpan<Scalar>) {
    let rows = RowBlock(
      rows: block.rows.count, count: block.width, source: 0, sourceStride: 0, target: 0,
      targetStride: block.width)
    write(values, rows, into: &output)
  }
}

/// An array whose type can be asked for at once; the cast of a bare array asks each element.
private struct Values<Value> {
  let array: [Value]
  init(_ array: [Value]) { self.array = array }
}

// MARK: - Choices

extension BlockMerger {
  /// The values of the patches that own each voxel.
  private func choose(_ block: MergeBlock) -> [Value] {
    var values = [Value](unsetCount: block.count)
    guard let z = plan.axes.z.owned.first(where: { $0.range.contains(block.slice) })?.tile else {
      return values
    }
    var span = values.mutableSpan
    for (rowRun, y) in plan.axes.y.owned {
      let rows = rowRun.clamped(to: block.rows)
      guard !rows.isEmpty else { continue }
      for (columnRun, x) in plan.axes.x.owned {
        let columns = columnRun.clamped(to: block.columns)
        guard !columns.isEmpty else { continue }
        let part = parts[Position(x: x, y: y, z: z)]
        copyRows(
          block.rectangle(of: part, rows: rows, columns: columns), from: part.volume.voxels.span,
          into: &span)
      }
    }
    return values
  }

  /// The largest value over each voxel.
  private func highest(_ block: MergeBlock) -> [Value] {
    var values = firstValues(block)
    forEachPart(over: block) { part, rows, columns in
      var span = values.mutableSpan
      raiseRows(
        block.rectangle(of: part, rows: rows, columns: columns), of: part.volume.voxels.span,
        to: &span)
    }
    return values
  }

  /// The value of some patch over each voxel, always the same one.
  func firstValues(_ block: MergeBlock) -> [Value] {
    var values = [Value](unsetCount: block.count)
    forEachPart(over: block) { part, rows, columns in
      var span = values.mutableSpan
      copyRows(
        block.rectangle(of: part, rows: rows, columns: columns), from: part.volume.voxels.span,
        into: &span)
    }
    return values
  }
}
