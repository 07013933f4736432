/// Weights of the voxels of an image, as 16-bit numbers, from which a voxel is drawn.
///
/// Only the part of each row from its first to its last weight is kept.
struct WeightMap: Sendable {
  private struct Row {
    var firstColumn: Int
    /// Where its weights start.
    var start: Int
    /// The sum of all weights before.
    var before: Int
  }

  private let extent: Extent
  private var rows: [Row] = []
  private var weights: [UInt16] = []
  /// The sum of all weights.
  private(set) var total = 0

  /// Reads the weights of a file, twice unless it has integers of at most 16 bits.
  ///
  /// Other weights are scaled so that the largest one becomes 65535, and rounded.
  ///
  /// - Throws: `VoxtileError.Code.shapeMismatch` where there are several channels, `VoxtileError.Code.malformedFile` where a
  ///   weight is negative or not finite, and what reading throws.
  init(of reader: some VolumeReader) throws {
    extent = reader.info.extent
    var largest = 65535.0
    if reader.info.scaling != nil || ![.uint8, .uint16].contains(reader.info.scalarType) {
      largest = 0
      try reader.forEachLabelSlab { slab in
        func look(_ slab: some AnyVolume) throws {
          let extremes = slab.typed.range(in: Region(slab.extent)) ?? 0...0
          guard extremes.lowerBound >= 0, extremes.upperBound.isFinite,
            slab.typed.countNaN(in: Region(slab.extent)) == 0
          else { throw VoxtileError.badWeight(extremes) }
          largest = max(largest, extremes.upperBound)
        }
        try look(slab)
      }
    }
    let scale = largest > 0 ? 65535 / largest : 0
    try reader.forEachLabelSlab { slab in
      func add(_ slab: some AnyVolume) { self.add(slab.typed, scale: scale) }
      add(slab)
    }
  }

  /// The voxel at a place in the sum of all weights, so that a voxel has as many places as its weight.
  ///
  /// - Precondition: `place` is in `0..<total`.
  subscript(place: Int) -> Position {
    var (low, high) = (0, rows.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if rows[middle].before <= place { low = middle } else { high = middle }
    }
    let row = rows[low]
    var (rest, index) = (place - row.before, row.start)
    while rest >= Int(weights[index]) {
      rest -= Int(weights[index])
      index += 1
    }
    let (z, y) = low.quotientAndRemainder(dividingBy: extent.height)
    return Position(x: row.firstColumn + index - row.start, y: y, z: z)
  }

  private mutating func add<Scalar>(_ slab: Volume<Scalar>, scale: Double) {
    for row in 0..<slab.extent.height * slab.extent.depth {
      let values = slab.voxels.span.extracting(row * extent.width..<(row + 1) * extent.width)
      var line = [UInt16](repeating: 0, count: extent.width)
      var span = line.mutableSpan
      weigh(values, scale: scale, into: &span)
      let first = line.firstIndex { $0 != 0 } ?? 0
      let last = line.lastIndex { $0 != 0 } ?? -1
      rows.append(Row(firstColumn: first, start: weights.count, before: total))
      guard last >= first else { continue }
      weights.append(contentsOf: line[first...last])
      total += line[first...last].reduce(0) { $0 + Int($1) }
    }
  }
}

/// Sets each weight of a row to the nearest 16-bit number.
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
private func weigh<Scalar: VoxelScalar>(
  _ values: Span<Scalar>, scale: Double, into weights: inout MutableSpan<UInt16>
) {
  for index in 0..<values.count { weights[index] = UInt16(nearest: values[index].double * scale) }
}

extension VoxtileError {
  static func badWeight(_ range: ClosedRange<Double>) -> VoxtileError {
    VoxtileError(
      .malformedFile,
      "has weights from \(range.lowerBound) to \(range.upperBound), or NaN; weights are finite and at least 0",
      context: .init(expected: ">= 0", found: "\(range.lowerBound)...\(range.upperBound)"))
  }
}
