/// A value as the number of an instance: 0 for background; `nil` where it is negative or no whole number.
@inline(__always)
private func instance<Scalar: VoxelScalar>(of value: Scalar) -> Int? {
  guard let label = label(of: value), label >= 0 else { return nil }
  return label
}

/// The first value of a row that is no number of an instance.
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
func firstWithoutInstance<Scalar: VoxelScalar>(_ row: Span<Scalar>) -> Int? {
  for index in 0..<row.count where instance(of: row[index]) == nil { return index }
  return nil
}

/// Counts the voxels that labels of two patches share in a row that both hold.
///
/// - Parameter firstVoxel: where the row begins, counted in the voxels of the image.
/// - Precondition: the rows have the same length, and all values are numbers of instances.
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
func countShared<Scalar: VoxelScalar>(
  _ first: Span<Scalar>, _ second: Span<Scalar>, firstVoxel: Int, into shared: inout SharedLabels
) {
  let count = first.count
  precondition(second.count == count, "the rows have different lengths")
  var start = 0
  while start < count {
    let (a, b) = (first[start], second[start])
    var end = start + 1
    while end < count, first[end] == a, second[end] == b { end += 1 }
    if a != 0 || b != 0, let a = instance(of: a), let b = instance(of: b) {
      shared.add(.init(first: a, second: b), count: end - start, firstVoxel: firstVoxel + start)
    }
    start = end
  }
}

/// Writes the numbers that the labels of a row have in the whole image; background stays 0.
///
/// - Parameter number: gives the number of a label, and is called once for each run of equal ones.
/// - Precondition: all values are numbers of instances.
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
func renumber<Scalar: VoxelScalar>(
  _ row: Span<Scalar>, to target: inout MutableSpan<UInt32>, number: (Int) throws(VoxtileError) -> UInt32
) throws(VoxtileError) {
  let count = row.count
  precondition(target.count == count, "the rows have different lengths")
  var start = 0
  while start < count {
    let value = row[start]
    var end = start + 1
    while end < count, row[end] == value { end += 1 }
    if value != 0, let label = instance(of: value) {
      let number = try number(label)
      for index in start..<end { target[index] = number }
    }
    start = end
  }
}
