extension Volume {
  /// Rounds values that are nearly whole numbers, and says how far those in a box were from them.
  ///
  /// - Parameters:
  ///   - distance: how far from a whole number a value may be to be rounded; others stay, and so does NaN.
  ///   - region: the box whose values are measured, all channels; what lies outside is rounded too.
  /// - Returns: the largest distance of a value in the box from a whole number; infinity where one is infinite. NaN is
  ///   passed over.
  /// - Precondition: the box is inside the volume.
  /// - Complexity: O(values).
  package mutating func roundNearlyWholeNumbers(within distance: Double, in region: Region) -> Double {
    var largest = 0.0
    forEachRows(in: region) { rows, voxels in
      largest = max(largest, largestDistanceFromWholeNumbers(rows, of: voxels))
    }
    let count = voxels.count
    voxels.withUnsafeMutableBufferPointer { buffer in
      var span = buffer.mutableSpan
      Voxtile.roundNearlyWholeNumbers(count, within: distance, of: &span)
    }
    return largest
  }

  /// The lowest and the highest value in a box, all channels; `nil` where all are NaN.
  ///
  /// - Precondition: the box is inside the volume.
  package func range(in region: Region) -> ClosedRange<Double>? {
    var (lowest, highest) = (Double.infinity, -Double.infinity)
    forEachRows(in: region) { rows, voxels in
      let range = rangeOfValues(rows, of: voxels)
      (lowest, highest) = (min(lowest, range.lowest), max(highest, range.highest))
    }
    return lowest <= highest ? lowest...highest : nil
  }

  /// Calls a body with the rows of each channel and slice of a box.
  func forEachRows(in region: Region, _ body: (RowBlock, Span<Scalar>) -> Void) {
    for channel in 0..<channels {
      for z in region.z {
        let plane = (channel * extent.depth + z) * extent.height
        let rows = RowBlock(
          rows: region.y.count, count: region.x.count,
          source: (plane + region.y.lowerBound) * extent.width + region.x.lowerBound,
          sourceStride: extent.width, target: 0, targetStride: 0)
        body(rows, voxels.span)
      }
    }
  }
}

@specialized(where Scalar == UInt8)
@specialized(where Scalar == Int8)
@specialized(where Scalar == UInt16)
@specialized(where Scalar == Int16)
@specialized(where Scalar == UInt32)
@specialized(where Scalar == Int32)
@specialized(where Scalar == UInt64)
@specialized(where Scalar == Int64)
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
@inline(never)
private func largestDistanceFromWholeNumbers<Scalar: VoxelScalar>(
  _ block: RowBlock, of values: Span<Scalar>
) -> Double {
  var largest = 0.0
  for row in 0..<block.rows {
    let line = values.extracting(block.sourceRange(ofRow: row))
    for index in 0..<line.count {
      let value = line[index].double
      // Infinity minus infinity is NaN, which no comparison finds.
      let distance = value.isInfinite ? .infinity : abs(value - value.rounded())
      if distance > largest { largest = distance }
    }
  }
  return largest
}

@specialized(where Scalar == UInt8)
@specialized(where Scalar == Int8)
@specialized(where Scalar == UInt16)
@specialized(where Scalar == Int16)
@specialized(where Scalar == UInt32)
@specialized(where Scalar == Int32)
@specialized(where Scalar == UInt64)
@specialized(where Scalar == Int64)
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
@inline(never)
private func roundNearlyWholeNumbers<Scalar: VoxelScalar>(
  _ count: Int, within distance: Double, of values: inout MutableSpan<Scalar>
) {
  for index in 0..<count {
    let value = values[index].double
    let whole = value.rounded()
    // False for NaN. Adding 0 makes 0 of -0, which would be stored as other bits.
    if abs(value - whole) <= distance { values[index] = Scalar(nearest: whole + 0) }
  }
}

@specialized(where Scalar == UInt8)
@specialized(where Scalar == Int8)
@specialized(where Scalar == UInt16)
@specialized(where Scalar == Int16)
@specialized(where Scalar == UInt32)
@specialized(where Scalar == Int32)
@specialized(where Scalar == UInt64)
@specialized(where Scalar == Int64)
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
@inline(never)
private func rangeOfValues<Scalar: VoxelScalar>(
  _ block: RowBlock, of values: Span<Scalar>
) -> (lowest: Double, highest: Double) {
  var (lowest, highest) = (Double.infinity, -Double.infinity)
  for row in 0..<block.rows {
    let line = values.extracting(block.sourceRange(ofRow: row))
    for index in 0..<line.count {
      let value = line[index].double
      if value < lowest { lowest = value }
      if value > highest { highest = value }
    }
  }
  return (lowest, highest)
}
