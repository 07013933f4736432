import Synchronization
import Voxtile

/// What is done with lines that are final.
extension GridRowSums {
  /// Lends the lines of some slices, to several threads at a time.
  ///
  /// - Parameter body: gets a slice, lines that lie next to each other, the sums from the first of them on, and the distance from one
  ///   plane to the next.
  func forEach(
    lines: Range<Int>, ofSlices finished: Range<Int>,
    _ body: @Sendable (_ slice: Int, _ lines: Range<Int>, _ sums: Span<Float>, _ stride: Int) -> Void
  ) {
    let sums = SharedFloats(UnsafeBufferPointer(memory.values(of: Float.self)))
    forEachSlice(of: finished) { slice in
      forEachPart(of: lines) { part in
        let start = place(slice, plane: 0, line: part.lowerBound)
        let end = place(slice, plane: planes - 1, line: part.lowerBound) + part.count * width
        body(slice, part, UnsafeBufferPointer(rebasing: sums.buffer[start..<end]).span, height * width)
      }
    }
  }

  /// Calls a body with slices, from several threads; what a file backs is looked at a few slices at a time.
  private func forEachSlice(of slices: Range<Int>, _ body: @Sendable (Int) -> Void) {
    for first in stride(from: slices.lowerBound, to: slices.upperBound, by: jobs.count) {
      let some = first..<min(slices.upperBound, first + jobs.count)
      memory.willTouch(some.count * sliceBytes)
      jobs.forEach(some.count) { body(some.lowerBound + $0) }
    }
  }

  /// Makes the values of finished lines of sums of half precision; other sums stay as they are.
  ///
  /// - Throws: `VoxtileError.Code.predictionFailed` where half precision has no number that is as large.
  func settle(lines: Range<Int>, ofSlices finished: Range<Int>) throws(VoxtileError) {
    guard let half else { return }
    let settling = HalfSettling(half, channels: channels, stride: height * width)
    let isFinite = Atomic(true)
    let output = DisjointOutput(memory.values(of: Float.self))
    forEachSlice(of: finished) { z in
      for line in lines {
        let last = place(z, plane: planes - 1, line: line)
        output.withPart(place(z, plane: 0, line: line)..<last + width) { sums in
          if !settling.settle(&sums, width: width, stride: height * width, y: line, z: z) {
            isFinite.store(false, ordering: .relaxed)
          }
        }
      }
    }
    guard isFinite.load(ordering: .relaxed) else { throw .beyondHalf }
  }

  /// Lends everything that is held.
  ///
  /// - Parameters:
  ///   - slices: those that will be looked at.
  ///   - body: may look at it from several threads.
  func lend(_ slices: Range<Int>, _ body: (LentSums) -> Void) {
    memory.willTouch(slices.count * sliceBytes)
    body(LentSums(owner: self, values: SharedFloats(UnsafeBufferPointer(memory.values(of: Float.self)))))
  }

  /// Divides sums by the sums of their weights, where these are kept.
  ///
  /// - Parameter decision: what a voxel is that has no weight.
  func divide(lines: Range<Int>, ofSlices finished: Range<Int>, by decision: VoxelDecision) {
    // Sums of half precision are divided already.
    guard shares.needsSums, half == nil else { return }
    let output = DisjointOutput(memory.values(of: Float.self))
    forEachSlice(of: finished) { slice in
      forEachPart(of: lines) { part in
        let weights = place(slice, plane: decision.channels, line: part.lowerBound)
        output.withPart(weights..<weights + part.count * width) { weights in
          for channel in 0..<decision.channels {
            let start = place(slice, plane: channel, line: part.lowerBound)
            let empty = decision.empty(channel, kind: .logits)
            output.withPart(start..<start + part.count * width) { sums in
              for index in 0..<sums.count {
                sums[index] = weights[index] > 0 ? sums[index] / weights[index] : empty
              }
            }
          }
        }
      }
    }
  }
}

/// Sums that are lent, to be looked at by several threads.
struct LentSums: Sendable {
  fileprivate let owner: GridRowSums
  /// All that is held.
  let values: SharedFloats

  /// Where a line of one plane of a slice begins.
  func place(_ slice: Int, plane: Int, line: Int) -> Int { owner.place(slice, plane: plane, line: line) }
}

/// Values that several threads read.
///
/// Unchecked, because nobody writes to them meanwhile.
struct SharedFloats: @unchecked Sendable {
  let buffer: UnsafeBufferPointer<Float>
  init(_ buffer: UnsafeBufferPointer<Float>) { self.buffer = buffer }
}
