import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Turns the sums of a finished slice into labels, probabilities or logits.
struct VoxelDecision: Sendable {
  /// Values for each voxel.
  let channels: Int
  /// What turns values into probabilities; not automatic.
  let activation: Activation
  /// For each channel its label. Where the model gives labels, what each of them becomes, or none where they stay.
  let labels: [Int32]
  /// The label where nothing was predicted.
  let background: Int32
  /// The least probability of a label, where there is one.
  let threshold: Float
  /// How labels are kept, where the model gives labels itself.
  var votes: LabelVotes?

  /// Whether a channel is a label where it reaches the threshold, or else where it is the largest one.
  var hasThreshold: Bool { Self.hasThreshold(activation, channels: channels) }

  /// Whether channels are compared with a threshold: there is nothing else to compare a single one with.
  static func hasThreshold(_ activation: Activation, channels: Int) -> Bool {
    activation == .sigmoid || activation == .none && channels == 1
  }

  /// How many voxels are finished at a time, so that they stay in the nearest cache.
  static let chunk = 4096

  /// The labels of a run of voxels.
  ///
  /// - Parameters:
  ///   - sums: channel after channel.
  ///   - stride: from one channel to the next.
  ///   - weights: the sums of the weights over the run, 0 where nothing was predicted; none where they are 1.
  ///   - run: the voxels.
  func label(
    _ sums: Span<Float>, weights: [Float], stride: Int, run: Range<Int>
  ) -> [Int32] {
    if let votes { return votedLabels(sums, votes: votes, stride: stride, run: run) }
    let count = run.count
    var target: [Int32] = []
    target.reserveCapacity(count)
    if hasThreshold {
      target.append(contentsOf: repeatElement(background, count: count))
      for channel in 0..<channels {
        let values = sums.extracting(channel * stride + run.lowerBound..<channel * stride + run.upperBound)
        for index in 0..<count {
          let sum = weights.isEmpty ? 1 : weights[index]
          guard sum > 0 else { continue }
          let value = values[index] / sum
          if (activation == .sigmoid ? sigmoid(value) : value) >= threshold {
            target[index] = labels[channel]
          }
        }
      }
      return target
    }
    // A positive factor does not change which value is largest, so nothing is divided.
    target.append(contentsOf: repeatElement(0, count: count))
    var best = [Float](repeating: 0, count: count)
    var bestSpan = best.mutableSpan
    var numbers = target.mutableSpan
    for channel in 0..<channels {
      let values = sums.extracting(channel * stride + run.lowerBound..<channel * stride + run.upperBound)
      raise(&bestSpan, &numbers, to: values, number: Int32(channel), isFirst: channel == 0)
    }
    for index in 0..<count {
      let isBare = !weights.isEmpty && weights[index] == 0
      numbers[index] = isBare ? background : labels[Int(numbers[index])]
    }
    return target
  }

  /// The probabilities or merged values of a run of voxels, of shape `(channels, run)`.
  func values(
    _ sums: Span<Float>, weights: [Float], stride: Int, run: Range<Int>, kind: PredictionKind
  ) -> [Float] {
    let count = run.count
    var values: [Float] = []
    values.reserveCapacity(count * channels)
    for channel in 0..<channels {
      let source = sums.extracting(channel * stride + run.lowerBound..<channel * stride + run.upperBound)
      for index in 0..<count {
        let sum = weights.isEmpty ? 1 : weights[index]
        values.append(sum > 0 ? source[index] / sum : empty(channel, kind: kind))
      }
    }
    guard kind == .probabilities else { return values }
    switch activation {
    case .sigmoid:
      for index in values.indices {
        let sum = weights.isEmpty ? 1 : weights[index % count]
        if sum > 0 { values[index] = sigmoid(values[index]) }
      }
    case .softmax:
      for index in 0..<count {
        let sum = weights.isEmpty ? 1 : weights[index]
        if sum > 0 { softmax(&values, first: index, stride: count) }
      }
    case .none, .automatic:
      break
    }
    return values
  }

  /// The probability of the label of each voxel of a run.
  func confidence(_ sums: Span<Float>, weights: [Float], stride: Int, run: Range<Int>) -> [Float] {
    if let votes { return voteShares(sums, votes: votes, stride: stride, run: run) }
    let count = run.count
    let all = values(sums, weights: weights, stride: stride, run: run, kind: .probabilities)
    var result = [Float](repeating: hasThreshold ? 0 : -.infinity, count: count)
    var isChosen = [Bool](repeating: false, count: count)
    for channel in 0..<channels {
      for index in 0..<count {
        let value = all[channel * count + index]
        if hasThreshold, value >= threshold {
          // The last channel that reaches it is the label.
          result[index] = value
          isChosen[index] = true
        } else if !isChosen[index] {
          result[index] = max(result[index], value)
        }
      }
    }
    guard hasThreshold else { return result }
    for index in 0..<count where !isChosen[index] { result[index] = 1 - result[index] }
    return result
  }

  /// Takes one more channel of a rectangle of values into account: which channel wins at each of them so far.
  ///
  /// - Parameters:
  ///   - channel: the channel; they are taken in ascending order.
  ///   - block: where its values lie.
  ///   - values: those of all channels.
  ///   - winners: as many as the rectangle has values, as ``noWinners(count:)`` gives them.
  ///   - best: their values, where the largest one wins.
  func take(
    _ channel: Int, _ block: WeightedBlock, of values: Span<Float>, into winners: inout MutableSpan<Int32>,
    best: inout MutableSpan<Float>
  ) {
    for row in 0..<block.rows {
      let source = block.source + row * block.sourceStride
      let line = values.extracting(source..<source + block.count)
      var numbers = winners._mutatingExtracting(row * block.count..<(row + 1) * block.count)
      if hasThreshold {
        for index in 0..<block.count {
          let value = activation == .sigmoid ? sigmoid(line[index]) : line[index]
          if value >= threshold { numbers[index] = Int32(channel + 1) }
        }
      } else {
        var bestLine = best._mutatingExtracting(row * block.count..<(row + 1) * block.count)
        raise(&bestLine, &numbers, to: line, number: Int32(channel + 1), isFirst: channel == 0)
      }
    }
  }

  /// For each value of a rectangle the number of the channel that wins, from 1, and 0 where none does: before the first
  /// channel is taken into account.
  func noWinners(count: Int) -> [Int32] { [Int32](repeating: hasThreshold ? 0 : 1, count: count) }

  /// What a channel is where nothing was predicted: certain background.
  func empty(_ channel: Int, kind: PredictionKind) -> Float {
    let isBackground = channel == 0 && !hasThreshold
    // exp(-100) is nothing beside 1, and every format holds it.
    if kind == .confidence { return 1 }
    return kind == .logits ? (isBackground ? 0 : -100) : (isBackground ? 1 : 0)
  }

  /// `exp` of the differences to the largest value over their sum.
  private func softmax(_ values: inout [Float], first: Int, stride: Int) {
    var largest = -Float.infinity
    for channel in 0..<channels { largest = max(largest, values[first + channel * stride]) }
    var sum: Float = 0
    for channel in 0..<channels {
      let value = exponential(values[first + channel * stride] - largest)
      values[first + channel * stride] = value
      sum += value
    }
    for channel in 0..<channels { values[first + channel * stride] /= sum }
  }
}

private func sigmoid(_ value: Float) -> Float { 1 / (1 + exponential(-value)) }

/// Takes the larger of two values, and the number of the one it took; the earlier one of equals.
private func raise(
  _ best: inout MutableSpan<Float>, _ numbers: inout MutableSpan<Int32>, to values: Span<Float>,
  number: Int32, isFirst: Bool
) {
  let count = values.count
  precondition(best.count == count && numbers.count == count, "the rows have different lengths")
  if isFirst {
    for index in 0..<count { best[index] = values[index] }
    return
  }
  takeLarger(values, number: number, best: &best, numbers: &numbers)
}

/// `e` to the power of a value, of the C library.
func exponential(_ value: Float) -> Float { expf(value) }
