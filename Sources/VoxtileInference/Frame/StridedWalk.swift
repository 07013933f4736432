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
    forEachSquare { square in
      for row in 0..<square.rows.count {
        let (tensorStart, boxStart) = square.start(ofRow: row)
        for column in 0..<square.columns.count {
          tensor[tensorStart + column * square.columns.tensor] = box[boxStart + column * square.columns.box]
        }
      }
    }
  }

  /// Scatters a tensor into a box.
  func write(_ tensor: Span<Float>, to box: consuming MutableSpan<Float>) {
    forEachSquare { square in
      for row in 0..<square.rows.count {
        let (tensorStart, boxStart) = square.start(ofRow: row)
        for column in 0..<square.columns.count {
          box[boxStart + column * square.columns.box] = tensor[tensorStart + column * square.columns.tensor]
        }
      }
    }
  }

  /// Calls a body with squares of which the box's or the tensor's places lie next to each other, or with single rows.
  private func forEachSquare(_ body: (Square) -> Void) {
    var loops = zip(counts, strides).enumerated().map { number, loop in
      Loop(count: loop.0, box: loop.1, tensor: counts[(number + 1)...].reduce(1, *))
    }
    // The loop that runs along the box's rows goes innermost, in squares with the one along the tensor's.
    guard let last = loops.popLast() else { return }
    guard abs(last.box) != 1, let row = loops.firstIndex(where: { abs($0.box) == 1 }) else {
      forEach(loops, tensor: 0, box: start) { tensor, box in
        body(Square(tensor: tensor, box: box, rows: Loop(count: 1, box: 0, tensor: 0), columns: last))
      }
      return
    }
    let along = loops.remove(at: row)
    forEach(loops, tensor: 0, box: start) { tensor, box in
      for first in stride(from: 0, to: along.count, by: Self.side) {
        for second in stride(from: 0, to: last.count, by: Self.side) {
          body(
            Square(
              tensor: tensor + first * along.tensor + second * last.tensor,
              box: box + first * along.box + second * last.box,
              rows: along.with(count: min(Self.side, along.count - first)),
              columns: last.with(count: min(Self.side, last.count - second))))
        }
      }
    }
  }

  /// Two loops, and where they start.
  private struct Square {
    let tensor: Int
    let box: Int
    let rows: Loop
    let columns: Loop

    func start(ofRow row: Int) -> (tensor: Int, box: Int) {
      (tensor + row * rows.tensor, box + row * rows.box)
    }
  }

  private struct Loop {
    let count: Int
    let box: Int
    let tensor: Int

    func with(count: Int) -> Self { Self(count: count, box: box, tensor: tensor) }
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
