import Voxtile

/// The order in which a tensor takes the values of a box: steps in the box's memory, for two or three nested loops.
struct StridedWalk: Hashable, Sendable {
  /// Where the first value lies.
  var start: Int
  /// How often each loop runs, outermost first.
  var counts: [Int]
  /// The step of each loop in the box's memory; negative where it runs backwards.
  var strides: [Int]

  /// The side of the squares in which two axes change places, so that neither side leaves the nearest cache: rows that lie a power
  /// of two apart compete for the same eight lines of it.
  private static let side = 8

  /// Gathers a box into a tensor, whose values lie one after the other.
  func read(_ box: Span<Float>, to tensor: inout MutableSpan<Float>) {
    forEachRun { tensorStart, tensorStride, boxStart, boxStride, count in
      for index in 0..<count {
        tensor[tensorStart + index * tensorStride] = box[boxStart + index * boxStride]
      }
    }
  }

  /// Scatters a tensor into a box.
  func write(_ tensor: Span<Float>, to box: consuming MutableSpan<Float>) {
    forEachRun { tensorStart, tensorStride, boxStart, boxStride, count in
      for index in 0..<count {
        box[boxStart + index * boxStride] = tensor[tensorStart + index * tensorStride]
      }
    }
  }

  /// Calls a body with runs of places, of which the box's or the tensor's lie next to each other.
  private func forEachRun(
    _ body: (_ tensorStart: Int, _ tensorStride: Int, _ boxStart: Int, _ boxStride: Int, _ count: Int) -> Void
  ) {
    var loops = zip(counts, strides).enumerated().map { number, loop in
      Loop(count: loop.0, box: loop.1, tensor: counts[(number + 1)...].reduce(1, *))
    }
    // The loop that runs along the box's rows goes innermost, in squares with the one along the tensor's.
    guard let last = loops.popLast() else { return }
    guard abs(last.box) != 1, let row = loops.firstIndex(where: { abs($0.box) == 1 }) else {
      forEach(loops, tensor: 0, box: start) { tensor, box in
        body(tensor, last.tensor, box, last.box, last.count)
      }
      return
    }
    let along = loops.remove(at: row)
    forEach(loops, tensor: 0, box: start) { tensor, box in
      for first in stride(from: 0, to: along.count, by: Self.side) {
        for second in stride(from: 0, to: last.count, by: Self.side) {
          for index in first..<min(first + Self.side, along.count) {
            body(
              tensor + index * along.tensor + second * last.tensor, last.tensor,
              box + index * along.box + second * last.box, last.box,
              min(Self.side, last.count - second))
          }
        }
      }
    }
  }

  private struct Loop {
    let count: Int
    let box: Int
    let tensor: Int
  }

  private func forEach(
    _ loops: [Loop], tensor: Int, box: Int, _ body: (_ tensor: Int, _ box: Int) -> Void
  ) {
    guard let loop = loops.first else { return body(tensor, box) }
    let inner = Array(loops.dropFirst())
    for index in 0..<loop.count {
      forEach(inner, tensor: tensor + index * loop.tensor, box: box + index * loop.box, body)
    }
  }
}
