import Voxtile

extension PatchModel {
  /// The mean of the predictions of a batch in every way of mirroring it, each turned back.
  ///
  /// - Parameters:
  ///   - dimensions: the spatial dimensions that are mirrored, counted from the slowest.
  ///   - known: what the model gave for the batch itself, if it was asked before.
  ///   - isFewestFirst: whether ways that mirror fewer dimensions come first, as in nnU-Net: the order decides how sums are rounded.
  func predict(
    _ batch: PatchTensor, mirroring dimensions: [Int], known: PatchTensor? = nil,
    fewestFirst isFewestFirst: Bool = false
  ) async throws -> PatchTensor {
    func first(_ batch: PatchTensor) async throws -> PatchTensor {
      guard let output = try await predict(batch).first else {
        throw VoxtileError(.predictionFailed, "the model gave no output")
      }
      return output
    }
    let plain = if let known { known } else { try await first(batch) }
    guard !dimensions.isEmpty else { return plain }
    var sums = plain.values
    var ways = (1..<1 << dimensions.count).map { subset in
      dimensions.indices.filter { subset >> $0 & 1 == 1 }.map { dimensions[$0] }
    }
    if isFewestFirst {
      ways.sort { ($0.count, $0[0], $0[$0.count - 1]) < ($1.count, $1[0], $1[$1.count - 1]) }
    }
    for mirrored in ways {
      let output = try await first(batch.mirrored(along: mirrored)).mirrored(along: mirrored)
      guard output.shape == plain.shape else {
        throw VoxtileError(
          .predictionFailed, "the model gave \(output.shape) for a mirrored batch, but \(plain.shape) before",
          context: .init(expected: "\(plain.shape)", found: "\(output.shape)"))
      }
      output.withValues { values in
        for index in sums.indices { sums[index] += values[index] }
      }
    }
    let factor = 1 / Float(1 << dimensions.count)
    for index in sums.indices { sums[index] *= factor }
    return PatchTensor(shape: plain.shape, values: sums)
  }
}

extension PatchTensor {
  /// The tensor with some of its spatial dimensions turned around.
  func mirrored(along dimensions: [Int]) -> PatchTensor {
    let spatial = Array(shape.dropFirst(2))
    let count = spatial.reduce(1, *)
    var walk = StridedWalk(start: 0, counts: spatial, strides: [])
    for (dimension, size) in spatial.enumerated() {
      let stride = spatial[(dimension + 1)...].reduce(1, *)
      let turns = dimensions.contains(dimension)
      walk.start += turns ? (size - 1) * stride : 0
      walk.strides.append(turns ? -stride : stride)
    }
    let turned = withValues { values in
      var turned = [Float](repeating: 0, count: values.count)
      for first in Swift.stride(from: 0, to: values.count, by: count) {
        var target = turned.mutableSpan
        var part = target._mutatingExtracting(first..<first + count)
        walk.read(UnsafeBufferPointer(rebasing: values[first..<first + count]).span, to: &part)
      }
      return turned
    }
    return PatchTensor(shape: shape, values: turned)
  }
}
