// Voxels of which some patch has no value: the patch is absent, or its value is NaN and NaN is ignored. They are
// merged one at a time, from the patches that do have a value.

/// How the values of the patches over a voxel become one of them.
enum PresentChoice {
  /// The label with the largest sum of weights.
  case label
  /// The value of the patch whose center is nearest; of equally near ones that with the lowest index.
  case nearest
  /// The value of the patch with the highest index.
  case last
  /// The largest value; NaN where one is NaN.
  case maximum
  /// The value of the first patch, moved by the mean difference of all from it: the mean of 64-bit values.
  case relativeMean
}

/// Marks the values of a rectangle of rows that are NaN.
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
func markNaN<Scalar: VoxelScalar>(
  _ block: RowBlock, of patch: Span<Scalar>, in marks: inout MutableSpan<UInt8>
) {
  for row in 0..<block.rows {
    let values = patch.extracting(block.sourceRange(ofRow: row))
    var marked = marks._mutatingExtracting(block.targetRange(ofRow: row))
    for index in 0..<marked.count { marked[index] |= values[index] == values[index] ? 0 : 1 }
  }
}

/// Writes the means of the values that are there, where a voxel of a rectangle is marked.
///
/// - Parameters:
///   - covers: the patches that are not absent.
///   - ignoresNaN: whether a NaN does not count.
///   - fill: the value where none is left.
///   - marks: not 0 where a mean is to be written; as large as the rectangle.
///   - means: the means, as large as the rectangle.
@specialized(where Value == UInt8)
@specialized(where Value == Int8)
@specialized(where Value == UInt16)
@specialized(where Value == Int16)
@specialized(where Value == UInt32)
@specialized(where Value == Int32)
@specialized(where Value == UInt64)
@specialized(where Value == Int64)
@specialized(where Value == Float)
@specialized(where Value == Double)
@inline(never)
func writeMeansOfPresent<Value: VoxelScalar>(
  _ covers: WeightedCovers<Value>, ignoresNaN: Bool, fill: Double, where marks: Span<UInt8>,
  rows: Int, count: Int, into means: inout MutableSpan<Double>
) {
  for row in 0..<rows {
    for column in 0..<count where marks[row * count + column] != 0 {
      var (sum, weights) = (-0.0, 0.0)
      for cover in covers.rows.indices {
        let value = covers.rows[cover].value(row: row, column: column)
        if ignoresNaN && value != value { continue }
        let weight = covers.weight(of: cover, row: row, column: column)
        sum += value.double * weight
        weights += weight
      }
      means[row * count + column] = weights > 0 ? sum / weights : fill
    }
  }
}

/// Writes one of the values that are there, where a voxel of a rectangle is marked.
///
/// - Parameters:
///   - choice: which one.
///   - covers: the patches that are not absent.
///   - ignoresNaN: whether a NaN does not count.
///   - fill: the value where none is left.
///   - marks: not 0 where a value is to be written; as large as the rectangle.
///   - chosen: the values, as large as the rectangle.
@specialized(where Value == UInt8)
@specialized(where Value == Int8)
@specialized(where Value == UInt16)
@specialized(where Value == Int16)
@specialized(where Value == UInt32)
@specialized(where Value == Int32)
@specialized(where Value == UInt64)
@specialized(where Value == Int64)
@specialized(where Value == Float)
@specialized(where Value == Double)
@inline(never)
func choosePresentValues<Value: VoxelScalar>(
  _ choice: PresentChoice, of covers: WeightedCovers<Value>, ignoresNaN: Bool, fill: Value,
  where marks: Span<UInt8>, rows: Int, count: Int, into chosen: inout MutableSpan<Value>
) {
  var present: [Int] = []
  var values: [Value] = []
  var weights: [Double] = []
  for row in 0..<rows {
    for column in 0..<count where marks[row * count + column] != 0 {
      weights.removeAll(keepingCapacity: true)
      present.removeAll(keepingCapacity: true)
      values.removeAll(keepingCapacity: true)
      for cover in covers.rows.indices {
        let value = covers.rows[cover].value(row: row, column: column)
        if ignoresNaN && value != value { continue }
        present.append(cover)
        values.append(value)
        if choice == .label { weights.append(covers.weight(of: cover, row: row, column: column)) }
      }
      chosen[row * count + column] =
        values.isEmpty
        ? fill : covers.chosen(choice, of: values, weights, from: present, row: row, column: column)
    }
  }
}

extension WeightedCovers {
  /// One of the values of some patches over a voxel.
  ///
  /// - Parameters:
  ///   - values: at least one value.
  ///   - weights: for labels, the weight of each value; else none.
  ///   - present: for each value, the number of its patch.
  @inline(__always)
  fileprivate func chosen(
    _ choice: PresentChoice, of values: [Value], _ weights: [Double], from present: [Int], row: Int,
    column: Int
  ) -> Value {
    switch choice {
    case .label:
      return values[winner(among: values, weights, from: present, row: row, column: column)]
    case .nearest:
      var best = 0
      for other in present.indices
      where centers.isNearer(present[other], than: present[best], row: row, column: column) { best = other }
      return values[best]
    case .last:
      var last = 0
      for other in present.indices where centers.indices[present[other]] > centers.indices[present[last]] {
        last = other
      }
      return values[last]
    case .maximum:
      var highest = values[0]
      for value in values where !(value <= highest || highest != highest) { highest = value }
      return highest
    case .relativeMean:
      var (sum, weights) = (-0.0, 0.0)
      for (value, cover) in zip(values, present) {
        let weight = weight(of: cover, row: row, column: column)
        sum += value.difference(from: values[0]) * weight
        weights += weight
      }
      return weights > 0 ? values[0].adding(sum / weights) : values[0]
    }
  }
}
