import Voxtile

/// Takes apart what a model gave of a batch: the values of each patch, in the order in which the image is stored.
struct BatchUnpacking: Sendable {
  private let layout: PredictionLayout
  private let frame: ModelFrame
  /// The number of patches that the model always gives; `nil` where it gives as many as it gets.
  private let fixedBatch: Int?

  init(_ plan: InferencePlan) {
    layout = plan.layout
    frame = plan.frame
    fixedBatch = plan.cutting.isBatchFixed ? plan.batch : nil
  }

  /// Calls a body with what was predicted of each patch.
  ///
  /// - Parameters:
  ///   - output: what the model gave.
  ///   - patches: those of the batch.
  ///   - body: gets values of shape `(channels, depth, height, width)`, and the patch they are of, in the grid of the output.
  /// - Throws: `VoxtileError.Code.predictionFailed` for another shape than the model gave before, and what the body throws.
  func forEachPatch(
    of output: PatchTensor, _ patches: [Patch],
    _ body: (_ values: Span<Float>, _ patch: Patch) throws -> Void
  ) throws {
    let extent = patches.first.map { layout.grid.patch(at: $0.gridPosition).region.extent }
    let count = fixedBatch ?? patches.count
    let shape = [count, layout.givenChannels] + (extent.map(frame.shape) ?? [])
    guard output.shape == shape else {
      throw VoxtileError(
        .predictionFailed,
        "the model gave \(output.shape) for \(patches.first.map { "\($0)" } ?? "no patch"), not \(shape)",
        context: .init(expected: "\(shape)", found: "\(output.shape)"))
    }
    try output.withValues { values in
      let count = values.count / count
      for (number, patch) in patches.enumerated() {
        let patch = layout.grid.patch(at: patch.gridPosition)
        let values = UnsafeBufferPointer(rebasing: values[number * count..<(number + 1) * count])
        if frame.isIdentity {
          try body(values.span, patch)
        } else {
          let turned = turned(values, of: patch)
          try body(turned.span, patch)
        }
      }
    }
  }

  /// The values in the order in which the image is stored.
  private func turned(_ values: UnsafeBufferPointer<Float>, of patch: Patch) -> [Float] {
    let walk = frame.walk(over: patch.region.extent)
    let count = patch.region.voxelCount
    return [Float](unsafeUninitializedCapacity: values.count) { buffer, initialized in
      for channel in 0..<layout.givenChannels {
        let range = channel * count..<(channel + 1) * count
        walk.write(
          UnsafeBufferPointer(rebasing: values[range]).span,
          to: UnsafeMutableBufferPointer(rebasing: buffer[range]).mutableSpan)
      }
      initialized = values.count
    }
  }
}
