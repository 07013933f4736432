/// Merges boxes of the result: each voxel gathers the patches over it once.
///
/// Every voxel gathers its patches in the same order (z before y before x of the grid), so the result
/// does not depend on when a patch arrived, on how rows are spread over threads, or on how many slices
/// are merged at a time.
struct Gather<Value: VoxelScalar, Scalar: VoxelScalar>: Sendable {
  let plan: MergePlan
  /// The patches at hand, or the parts of them that are needed, by their place in the grid.
  let parts: PatchParts<Value>
  /// The instructions of the kernels; any give the same bits.
  let instructions: KernelInstructions

  init(_ parts: PatchParts<Value>, plan: MergePlan, instructions: KernelInstructions = .best) {
    self.plan = plan
    self.parts = parts
    self.instructions = instructions
  }

  /// Merges one box of the result into memory.
  ///
  /// - Parameters:
  ///   - region: the box.
  ///   - channels: values per voxel.
  ///   - output: memory for a larger box, or for the same one, of shape `(channels, depth, height, width)`.
  ///   - whole: that box; it has the same columns.
  func merge(_ region: Region, channels: Int, into output: DisjointOutput<Scalar>, of whole: Region) {
    let (width, height, depth) = (whole.extent.width, whole.extent.height, whole.extent.depth)
    // Large enough that what is decided once a box costs nothing; what several runs of its columns read stays in the caches.
    let rows = plan.axes.y.pieces(of: region.y, most: max(32, 32768 / width))
    let thick = plan.axes.z.pieces(of: region.z, most: 16)
    // At least a few of them for each thread.
    let isEnough = channels * thick.count * rows.count >= 4 * plan.settings.jobs.count
    let slices = isEnough ? thick : plan.axes.z.pieces(of: region.z, most: 1)
    plan.settings.jobs.forEachApart(channels * slices.count * rows.count) { index in
      let (layer, row) = index.quotientAndRemainder(dividingBy: rows.count)
      let (channel, slice) = layer.quotientAndRemainder(dividingBy: slices.count)
      let box = box(channel: channel, slices: slices[slice], rows: rows[row], columns: region.x)
      let first = (channel * depth + box.slices.lowerBound - whole.z.lowerBound) * height
      write(
        box,
        into: BoxOutput(
          memory: output, start: (first + box.rows.lowerBound - whole.y.lowerBound) * width,
          stride: height * width, count: box.rows.count * width))
    }
  }

  private func box(channel: Int, slices: Range<Int>, rows: Range<Int>, columns: Range<Int>) -> MergeBox {
    MergeBox(
      channel: channel, slices: slices, rows: rows, columns: columns,
      patches: PerAxis(
        x: plan.axes.x.patches(over: columns), y: plan.axes.y.covering[rows.lowerBound],
        z: plan.axes.z.covering[slices.lowerBound]))
  }

  /// Merges a box into its part of the output.
  private func write(_ box: MergeBox, into output: BoxOutput<Scalar>) {
    let hasAbsent = !plan.absent.isEmpty && box.patches.gridPlaces.contains(where: plan.absent.contains)
    let isWritten = !hasAbsent && writeAtOnce(box, into: output)
    let ignoresNaN = plan.settings.nan == .ignore && !Value.scalarType.isInteger
    if isWritten && !ignoresNaN && isCovered(box) { return }
    for (number, slice) in box.slices.enumerated() {
      output.withSlice(number) { part in
        let block = box.block(ofSlice: slice)
        if hasAbsent {
          writeAroundAbsent(block, into: &part)
        } else if !isWritten {
          writeComplete(block, into: &part)
        }
        if ignoresNaN { writeIgnoringNaN(block, into: &part) }
        fillUncovered(block, &part)
      }
    }
  }

  /// Merges a block over which no patch is absent; voxels in no patch are not set.
  func writeComplete(_ block: MergeBlock, into output: inout MutableSpan<Scalar>) {
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
  }

  /// Calls a body for each patch over the block that is not absent, in the order in which values are added.
  ///
  /// The body gets the patch's place in the grid, what is at hand of it, and the rows and columns that it shares with the
  /// block.
  func forEachPart(
    over block: MergeBlock,
    _ body: (_ place: Position, PlacedVolume<Value>, _ rows: Range<Int>, _ columns: Range<Int>) -> Void
  ) {
    for z in block.patches.z {
      for y in block.patches.y {
        let rows = plan.grid.axes.y.validRange(at: y).clamped(to: block.rows)
        guard !rows.isEmpty else { continue }
        for x in block.patches.x {
          let columns = plan.grid.axes.x.validRange(at: x).clamped(to: block.columns)
          guard !columns.isEmpty else { continue }
          let place = Position(x: x, y: y, z: z)
          guard !plan.absent.contains(place) else { continue }
          body(place, parts[place], rows, columns)
        }
      }
    }
  }

  /// Whether each voxel of a box lies in some patch.
  private func isCovered(_ box: MergeBox) -> Bool {
    !box.patches.y.isEmpty && !box.patches.z.isEmpty
      && !plan.grid.axes.x.uncovered.contains { $0.overlaps(box.columns) }
  }

  /// Sets the voxels that no patch holds.
  private func fillUncovered(_ block: MergeBlock, _ output: inout MutableSpan<Scalar>) {
    let value = Scalar(nearest: plan.settings.fill)
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
struct Values<Value> {
  let array: [Value]
  init(_ array: [Value]) { self.array = array }
}

// MARK: - Choices

extension Gather {
  /// The values of the patches that own each voxel.
  private func choose(_ block: MergeBlock) -> [Value] {
    var values = [Value](unsetCount: block.count)
    guard let z = plan.owners.z.first(where: { $0.range.contains(block.slice) })?.value else {
      return values
    }
    var span = values.mutableSpan
    for rowRun in plan.owners.y {
      let rows = rowRun.range.clamped(to: block.rows)
      guard !rows.isEmpty else { continue }
      for columnRun in plan.owners.x {
        let columns = columnRun.range.clamped(to: block.columns)
        guard !columns.isEmpty else { continue }
        let part = parts[Position(x: columnRun.value, y: rowRun.value, z: z)]
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
    forEachPart(over: block) { _, part, rows, columns in
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
    forEachPart(over: block) { _, part, rows, columns in
      var span = values.mutableSpan
      copyRows(
        block.rectangle(of: part, rows: rows, columns: columns), from: part.volume.voxels.span,
        into: &span)
    }
    return values
  }
}
