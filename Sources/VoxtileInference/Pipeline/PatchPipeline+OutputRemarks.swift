import Voxtile

extension PatchPipeline {
  /// Says where the values that a model gives of the first patch look like probabilities or labels, though they are taken for
  /// logits: what is made of them would be wrong.
  ///
  /// - Parameter output: what the model gave, of shape `(n, channels, ...)`.
  /// - Complexity: O(channels); fewer than 131,072 voxels are looked at.
  func outputRemarks(_ output: PatchTensor) -> [PredictionRemark] {
    let channels = output.shape[1]
    let activation = settings.activation.resolved(channels: channels)
    guard activation != .none, model.signature.outputs[0].labelRange == nil else {
      return []
    }
    let look = output.withValues {
      OutputLook($0.span, channels: channels, voxels: output.shape.dropFirst(2).reduce(1, *))
    }
    guard look.lowest >= 0, look.highest > look.lowest else { return [] }
    if channels == 1, look.isWhole, look.highest < 256 {
      return [
        PredictionRemark(
          "the network gives whole numbers alone, from \(Int(look.lowest)) to \(Int(look.highest)), as if they were labels, but they "
            + "are taken for values before a sigmoid; export it without its argmax, or with labels as integers",
          remedy: nil, isOfOnePatch: true)
      ]
    }
    let addUp = channels > 1 && look.largestSumError < 1e-3
    guard look.highest <= 1, addUp || activation == .sigmoid else { return [] }
    return [
      PredictionRemark(
        "the network gives values from 0 to 1\(addUp ? " that add up to 1" : ""), as if they were probabilities already, but "
          + "\(activation.rawValue) is applied to them once more", remedy: .takeAsProbabilities,
        isOfOnePatch: true)
    ]
  }
}

/// What some voxels of a first patch look like.
private struct OutputLook {
  private(set) var lowest = Float.infinity
  private(set) var highest = -Float.infinity
  private(set) var isWhole = true
  /// The largest distance of the sum of a voxel's channels from 1.
  private(set) var largestSumError: Float = 0

  init(_ values: Span<Float>, channels: Int, voxels: Int) {
    for voxel in stride(from: 0, to: voxels, by: max(1, voxels >> 16)) {
      var sum: Float = 0
      for channel in 0..<channels {
        let value = values[channel * voxels + voxel]
        // NaN changes neither the lowest nor the highest value, and makes the sum NaN.
        (lowest, highest) = (min(lowest, value), max(highest, value))
        isWhole = isWhole && value == value.rounded() && abs(value) < 1e6
        sum += value
      }
      largestSumError = sum.isNaN ? .infinity : max(largestSumError, abs(sum - 1))
    }
  }
}
