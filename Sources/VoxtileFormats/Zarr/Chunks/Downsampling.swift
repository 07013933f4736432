import Voxtile

/// Makes one value of two along some axes: of intensities their mean, of labels the most frequent one.
struct Downsampling {
  /// How values become one.
  enum Rule: Sendable {
    /// The mean, rounded to the nearest where the type is an integer, ties to even.
    case mean
    /// The value that is there most often; of several, the first one.
    case mode
  }

  let rule: Rule
  let scalarType: ScalarType
  /// For each axis how many values become one: 1 or 2.
  let factors: [Int]

  /// The size of what becomes of a box; a last value without a partner stays alone.
  func shape(of source: [Int]) -> [Int] { zip(source, factors).map { ($0 + $1 - 1) / $1 } }

  /// Makes the smaller box.
  ///
  /// - Parameters:
  ///   - source: the values, the last axis fastest.
  ///   - shape: the sizes of the box.
  ///   - target: room for ``shape(of:)`` values.
  ///   - steps: bytes from one value of the target to the next along each axis; the last one is the size of a value.
  /// - Complexity: O(values).
  func run(
    _ source: UnsafeRawPointer, shape: [Int], to target: UnsafeMutableRawPointer, strides steps: [Int]
  ) {
    // Written out, so that the compiler makes a loop for each type.
    switch scalarType {
    case .uint8: run(UInt8.self, source, shape, target, steps)
    case .int8: run(Int8.self, source, shape, target, steps)
    case .uint16: run(UInt16.self, source, shape, target, steps)
    case .int16: run(Int16.self, source, shape, target, steps)
    case .uint32: run(UInt32.self, source, shape, target, steps)
    case .int32: run(Int32.self, source, shape, target, steps)
    case .uint64: run(UInt64.self, source, shape, target, steps)
    case .int64: run(Int64.self, source, shape, target, steps)
    case .float32: run(Float.self, source, shape, target, steps)
    case .float64: run(Double.self, source, shape, target, steps)
    }
  }

  @inline(__always)
  private func run<Scalar: VoxelScalar>(
    _ type: Scalar.Type, _ source: UnsafeRawPointer, _ shape: [Int], _ target: UnsafeMutableRawPointer,
    _ steps: [Int]
  ) {
    let size = MemoryLayout<Scalar>.size
    let last = shape.count - 1
    let strides = shape.strides(of: size)
    let outer = self.shape(of: shape).dropLast().map { 0..<$0 }
    forEachIndex(of: outer) { index in
      var rows = [source]
      for (axis, position) in index.enumerated() {
        let offset = position * factors[axis] * strides[axis]
        rows = rows.map { $0 + offset }
        // In the order of the voxels, since of labels that are equally frequent the first one stays.
        guard factors[axis] == 2, 2 * position + 1 < shape[axis] else { continue }
        rows = rows.flatMap { [$0, $0 + strides[axis]] }
      }
      let start = target + zip(index, steps).reduce(0) { $0 + $1.0 * $1.1 }
      switch rule {
      case .mean: mean(rows, count: shape[last], factor: factors[last], to: start, as: type)
      case .mode: mode(rows, count: shape[last], factor: factors[last], to: start, as: type)
      }
    }
  }

  private func forEachIndex(of ranges: [Range<Int>], _ body: ([Int]) -> Void) {
    var index = ranges.map(\.lowerBound)
    while true {
      body(index)
      guard let axis = index.indices.last(where: { index[$0] + 1 < ranges[$0].upperBound }) else { return }
      index[axis] += 1
      for inner in (axis + 1)..<index.count { index[inner] = ranges[inner].lowerBound }
    }
  }

  @inline(__always)
  private func mean<Scalar: VoxelScalar>(
    _ rows: [UnsafeRawPointer], count: Int, factor: Int, to target: UnsafeMutableRawPointer,
    as type: Scalar.Type
  ) {
    let size = MemoryLayout<Scalar>.size
    for column in 0..<(count + factor - 1) / factor {
      let end = min(count, (column + 1) * factor)
      var sum = 0.0
      for row in rows {
        for place in column * factor..<end {
          sum += row.loadUnaligned(fromByteOffset: place * size, as: Scalar.self).double
        }
      }
      let number = Double(rows.count * (end - column * factor))
      target.storeBytes(of: Scalar(nearest: sum / number), toByteOffset: column * size, as: Scalar.self)
    }
  }

  @inline(__always)
  private func mode<Scalar: VoxelScalar>(
    _ rows: [UnsafeRawPointer], count: Int, factor: Int, to target: UnsafeMutableRawPointer,
    as type: Scalar.Type
  ) {
    let size = MemoryLayout<Scalar>.size
    for column in 0..<(count + factor - 1) / factor {
      let places = column * factor..<min(count, (column + 1) * factor)
      func value(_ row: UnsafeRawPointer, _ place: Int) -> Scalar {
        row.loadUnaligned(fromByteOffset: place * size, as: Scalar.self)
      }
      var best = value(rows[0], places.lowerBound)
      var most = 0
      for row in rows {
        for place in places {
          let candidate = value(row, place)
          // Most neighbors are equal: the value that leads need not be counted again.
          if most > 0, candidate == best { continue }
          var found = 0
          for other in rows { for spot in places where value(other, spot) == candidate { found += 1 } }
          if found > most { (best, most) = (candidate, found) }
        }
      }
      target.storeBytes(of: best, toByteOffset: column * size, as: Scalar.self)
    }
  }
}
