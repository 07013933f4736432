import Testing
import Voxtile
import VoxtileTestSupport

@Suite("Kernels of predictions") struct PredictionKernelTests {
  private func numbers(_ count: Int, using random: inout SplitMix64) -> [Float] {
    (0..<count).map { _ in .random(in: -9...9, using: &random) }
  }

  @Test(
    "weighted values are added as a plain loop adds them", arguments: [KernelInstructions.baseline, .best])
  func sums(instructions: KernelInstructions) {
    for var random in SplitMix64.cases(60, from: 500) {
      let (rows, count) = (Int.random(in: 0...6, using: &random), Int.random(in: 0...50, using: &random))
      let strides = (0..<3).map { _ in count + Int.random(in: 0...5, using: &random) }
      let values = numbers(2 + rows * strides[0], using: &random)
      let columns = numbers(1 + rows * strides[1], using: &random)
      let weights = numbers(rows, using: &random)
      let sets = Bool.random(using: &random)
      var sums = numbers(rows * strides[2], using: &random)
      var expected = sums
      for row in 0..<rows {
        for column in 0..<count {
          let product =
            values[2 + row * strides[0] + column] * (columns[1 + row * strides[1] + column] * weights[row])
          expected[row * strides[2] + column] = (sets ? 0 : expected[row * strides[2] + column]) + product
        }
      }
      var span = sums.mutableSpan
      let areFinite = addWeighted(
        WeightedBlock(
          rows: rows, count: count, source: 2, sourceStride: strides[0], shareStart: 1,
          shareStride: strides[1], targetStride: strides[2]),
        of: values.span, columns: columns.span, rows: weights.span, setting: sets, to: &span,
        instructions: instructions)
      #expect(areFinite && sums == expected, "\(random)")
    }
  }

  @Test("sums that are set are 0 and the product, whose zeros have no sign")
  func negativeZero() {
    for instructions in [KernelInstructions.baseline, .best] {
      var sums = [Float](repeating: 5, count: 20)
      var span = sums.mutableSpan
      _ = addWeighted(
        WeightedBlock(
          rows: 1, count: 20, source: 0, sourceStride: 20, shareStart: 0, shareStride: 20, targetStride: 20),
        of: [Float](repeating: -0.0, count: 20).span, columns: [Float](repeating: 1, count: 20).span,
        rows: [Float(1)].span, setting: true, to: &span, instructions: instructions)
      #expect(sums.allSatisfy { $0 == 0 && $0.sign == .plus })
    }
  }

  @Test(
    "a value that is not finite is noticed wherever it is", arguments: [Float.nan, .infinity, -.infinity])
  func notFinite(value: Float) {
    for instructions in [KernelInstructions.baseline, .best] {
      for (sets, place) in [(false, 0), (true, 17), (false, 35), (true, 58), (false, 59)] {
        var values = [Float](repeating: 1, count: 60)
        values[place] = value
        var sums = [Float](repeating: 0, count: 60)
        var span = sums.mutableSpan
        let areFinite = addWeighted(
          WeightedBlock(
            rows: 3, count: 20, source: 0, sourceStride: 20, shareStart: 0, shareStride: 0, targetStride: 20),
          of: values.span, columns: [Float](repeating: 0, count: 20).span,
          rows: [Float](repeating: 1, count: 3).span,
          setting: sets, to: &span, instructions: instructions)
        #expect(!areFinite, "\(place)")
      }
    }
  }

  @Test(
    "the larger value is taken, the earlier one of equals, and never NaN",
    arguments: [KernelInstructions.baseline, .best])
  func larger(instructions: KernelInstructions) {
    for var random in SplitMix64.cases(40, from: 900) {
      let count = Int.random(in: 0...70, using: &random)
      let some: [Float] = [-1, 0, 1, 2, .nan, .infinity]
      let values = (0..<count).map { _ in some[Int.random(in: 0..<6, using: &random)] }
      let before = (0..<count).map { _ in some[Int.random(in: 0..<4, using: &random)] }
      var (best, numbers) = (before, [Int32](repeating: 3, count: count))
      var bestSpan = best.mutableSpan
      var numberSpan = numbers.mutableSpan
      takeLarger(values.span, number: 7, best: &bestSpan, numbers: &numberSpan, instructions: instructions)
      #expect(best == zip(values, before).map { $0 > $1 ? $0 : $1 }, "\(random)")
      #expect(numbers == zip(values, before).map { $0 > $1 ? 7 : 3 }, "\(random)")
    }
  }
}
