/// Mean and deviation of intensities of `Double`, in two passes: the first one for the mean, the second for what differs from it.
///
/// Sums are exact, and so the result does not depend on how a scan is cut into slabs. A mean of 1e9 with a deviation of 1e-3 is as
/// exact as any other.
struct DoubleMoments: Sendable {
  private let selection: Normalization.Voxels
  private var sum = ExactSum()
  private var count = 0
  private var passes = 0
  /// The mean, as the first pass found it; to the last bit but one.
  private var center = 0.0
  private var differences = ExactSum()
  private var squares = ExactSum()
  private var isBeyondDouble = false

  /// Looks at these voxels.
  init(of selection: Normalization.Voxels) { self.selection = selection }

  /// Whether another pass is to be made.
  var needsPass: Bool { passes < 1 || passes < 2 && count > 0 }

  /// Adds voxels in this pass.
  mutating func add(_ values: Span<Double>) {
    guard needsPass else { return }
    for index in 0..<values.count {
      let value = values[index]
      guard value.isFinite, selection != .nonZero || value != 0 else { continue }
      if passes == 0 {
        sum.add(value)
        count += 1
      } else {
        addDifference(value - center)
      }
    }
  }

  private mutating func addDifference(_ difference: Double) {
    let square = difference * difference
    guard square.isFinite else {
      isBeyondDouble = true
      return
    }
    differences.add(difference)
    squares.add(square)
  }

  /// Ends the pass; the whole scan has been added.
  mutating func endPass() {
    if passes == 0, count > 0 { center = sum.divided(by: count) }
    passes += 1
  }

  /// Mean and deviation, which is infinite where squares are beyond `Double`; `nil` where no voxel counts.
  var result: FloatMoments.Result? {
    guard count > 0 else { return nil }
    guard !isBeyondDouble else { return .init(count: count, mean: center, deviation: .infinity) }
    let rest = differences.divided(by: count)
    let variance = max(squares.divided(by: count) - rest * rest, 0)
    return .init(count: count, mean: center + rest, deviation: variance.squareRoot())
  }
}
