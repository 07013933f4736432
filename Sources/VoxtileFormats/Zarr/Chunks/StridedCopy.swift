/// Copies a box of values between two arrays whose axes lie in memory in different orders.
struct StridedCopy {
  /// The size of the box along each axis.
  let counts: [Int]
  /// The size of a value: 1, 2, 4 or 8 bytes.
  let byteCount: Int

  /// Copies all values.
  ///
  /// - Parameters:
  ///   - source: the first value of the box.
  ///   - sourceStrides: bytes from one value to the next along each axis; 0 along all repeats one value.
  ///   - target: where the first value goes.
  ///   - targetStrides: the same of the target.
  /// - Complexity: O(values); runs that lie one after another in both are copied at once.
  func run(
    from source: UnsafeRawPointer, strides sourceStrides: [Int], to target: UnsafeMutableRawPointer,
    strides targetStrides: [Int]
  ) {
    let loops = loops(sourceStrides, targetStrides)
    guard !counts.contains(0) else { return }
    guard let inner = loops.last else {
      return copyRun(source, target, Loop(count: 1, source: byteCount, target: byteCount))
    }
    var position = [Int](repeating: 0, count: loops.count)
    var (from, to) = (source, target)
    while true {
      copyRun(from, to, inner)
      // The next run: like an odometer, without its innermost wheel.
      var axis = loops.count - 2
      while axis >= 0 {
        position[axis] += 1
        from += loops[axis].source
        to += loops[axis].target
        if position[axis] < loops[axis].count { break }
        from -= loops[axis].count * loops[axis].source
        to -= loops[axis].count * loops[axis].target
        position[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  private struct Loop {
    var count: Int
    var source: Int
    var target: Int
  }

  /// The axes along which there is more than one value, the one with the smallest steps in the target last; axes that follow
  /// each other without a gap in both arrays are one.
  private func loops(_ sourceStrides: [Int], _ targetStrides: [Int]) -> [Loop] {
    let axes = counts.indices.filter { counts[$0] > 1 }.sorted { targetStrides[$0] > targetStrides[$1] }
    var loops: [Loop] = []
    for axis in axes {
      let loop = Loop(count: counts[axis], source: sourceStrides[axis], target: targetStrides[axis])
      if let outer = loops.last, outer.source == loop.count * loop.source,
        outer.target == loop.count * loop.target
      {
        loops[loops.count - 1] = Loop(
          count: outer.count * loop.count, source: loop.source, target: loop.target)
      } else {
        loops.append(loop)
      }
    }
    return loops
  }

  private func copyRun(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ loop: Loop) {
    if loop.source == byteCount, loop.target == byteCount {
      return target.copyMemory(from: source, byteCount: loop.count * byteCount)
    }
    func copy<Number: BitwiseCopyable>(_ type: Number.Type) {
      for index in 0..<loop.count {
        let number = source.loadUnaligned(fromByteOffset: index * loop.source, as: Number.self)
        target.storeBytes(of: number, toByteOffset: index * loop.target, as: Number.self)
      }
    }
    switch byteCount {
    case 1: copy(UInt8.self)
    case 2: copy(UInt16.self)
    case 4: copy(UInt32.self)
    default: copy(UInt64.self)
    }
  }
}

extension [Int] {
  /// The steps along the axes of an array of this shape, the last of which runs fastest.
  ///
  /// - Parameter unit: the step of that one.
  func strides(of unit: Int) -> [Int] {
    var strides = [Int](repeating: unit, count: count)
    for axis in indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * self[axis + 1] }
    return strides
  }
}
