import Voxtile

/// One prediction of zeros, which shows what a model gives and how long it takes.
struct ModelTrial {
  let channels: Int
  let scale: OutputScale
  let seconds: Double

  /// Repeats what a trial told.
  init(channels: Int, scale: OutputScale, seconds: Double) {
    (self.channels, self.scale, self.seconds) = (channels, scale, seconds)
  }

  init(
    of model: any PatchModel, patch: Extent, frame: ModelFrame, channels: Int, batch: Int
  ) throws {
    let shape = [batch, channels] + frame.shape(of: patch)
    let zeros = PatchTensor(
      shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
    var outputs: [PatchTensor] = []
    var duration = try ContinuousClock().measure { outputs = try model.predict(zeros) }
    // The first time a runtime makes its memory and threads, which takes longer than a small batch itself.
    if duration < .milliseconds(200) {
      duration = try ContinuousClock().measure { outputs = try model.predict(zeros) }
    }
    seconds = duration.seconds
    guard let output = outputs.first, output.shape.count == shape.count, output.shape[0] == batch else {
      throw VoxtileError(
        .modelNotUsable,
        "the model gives \(outputs.first.map { "\($0.shape)" } ?? "nothing") for a batch of shape \(shape); it should "
          + "give [\(batch), classes, ...] with as many axes",
        context: .init(
          expected: "\(shape.count) axes", found: outputs.first.map { "\($0.shape)" } ?? "nothing"))
    }
    self.channels = output.shape[1]
    let box = frame.extent(ofShape: Array(output.shape.dropFirst(2)))
    for axis in Axis.allCases {
      let (given, size) = (box[axis], patch[axis])
      guard given.isMultiple(of: size) || size.isMultiple(of: given) else {
        throw VoxtileError(
          .modelNotUsable,
          "the model gives \(given) voxels along \(axis) for a patch of \(size), which is no whole factor of it; use a patch "
            + "that it halves without a rest, or export it with padded convolutions",
          context: .init(axis: axis, expected: "a multiple or a divisor of \(size)", found: "\(given)"))
      }
    }
    scale = OutputScale(
      output: frame.extent(ofShape: Array(output.shape.dropFirst(2))).sizes, input: patch.sizes,
      isFlipped: frame.stored(frame.isFlipped))
  }
}
