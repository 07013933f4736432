/// Boxes are merged at once where patches have the type of the result: their values are read once, and no sum goes to memory.
extension Gather {
  /// Merges a box with the kernels for whole boxes; voxels in no patch are not set.
  ///
  /// - Returns: whether there are such kernels for the blend and the types; else nothing is written.
  /// - Precondition: no patch over the box is absent.
  @specialized(where Value == UInt8, Scalar == UInt8)
  @specialized(where Value == Int8, Scalar == Int8)
  @specialized(where Value == UInt16, Scalar == UInt16)
  @specialized(where Value == Int16, Scalar == Int16)
  @specialized(where Value == UInt32, Scalar == UInt32)
  @specialized(where Value == Int32, Scalar == Int32)
  @specialized(where Value == UInt64, Scalar == UInt64)
  @specialized(where Value == Int64, Scalar == Int64)
  @specialized(where Value == Float, Scalar == Float)
  @specialized(where Value == Double, Scalar == Double)
  @inline(never)
  func writeAtOnce(_ box: MergeBox, into output: BoxOutput<Scalar>) -> Bool {
    guard plan.hasKernels(for: Scalar.scalarType), let sameType = self as? Gather<Scalar, Scalar> else {
      return false
    }
    let work = plan.work(in: box, type: Scalar.scalarType)
    for part in work.kernels { sameType.write(part, into: output.part(part.box, of: box)) }
    for columns in work.dense { sameType.writeDense(box, columns: columns, into: output) }
    return true
  }
}

extension Gather where Value == Scalar {
  /// Merges a box, or some of its columns, with a kernel.
  fileprivate func write(_ work: BoxWork, into output: BoxOutput<Scalar>) {
    let kernel = BoxKernel(work: work, instructions: instructions)
    kernel.merge(parts, into: output) { slice, run, places, target in
      let box = work.box
      let rectangle = MergeBlock(
        channel: box.channel, slice: box.slices.lowerBound + slice, rows: box.rows, columns: run.columns,
        patches: PerAxis(x: run.patches, y: box.patches.y, z: box.patches.z))
      countVotes(
        weightedCovers(over: rectangle, rectangle.places),
        box.block(ofSlice: rectangle.slice).rows(of: rectangle), at: places, into: &target)
    }
  }

  /// Merges columns of a box over which more patches lie than there are kernels for.
  fileprivate func writeDense(
    _ box: MergeBox, columns: Range<Int>, into output: BoxOutput<Scalar>
  ) {
    for (number, slice) in box.slices.enumerated() {
      let rectangle = MergeBlock(
        channel: box.channel, slice: slice, rows: box.rows, columns: columns,
        patches: PerAxis(
          x: plan.axes.x.patches(over: columns), y: box.patches.y, z: box.patches.z))
      var values = [Scalar](unsetCount: rectangle.count)
      var span = values.mutableSpan
      writeComplete(rectangle, into: &span)
      let rows = box.block(ofSlice: slice).rows(of: rectangle)
      output.withSlice(number) { write(values, rows, into: &$0) }
    }
  }
}
