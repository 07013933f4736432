import Synchronization
import Voxtile

/// What one prediction told of a model: enough to plan with, also with other patches, without asking it again.
public struct ModelProbe: Sendable {
  /// The patch that it was tried with.
  public let patch: Extent
  /// The number of classes, or channels, that it gives.
  public let channels: Int
  /// Seconds that one batch took.
  public let secondsPerBatch: Double

  /// How its output lies in its patch.
  let scale: OutputScale
  /// What a person should know about its output.
  let remarks: [PredictionRemark]
  /// What a person should know about its values, where they are to become probabilities.
  var outputRemarks: [PredictionRemark] = []

  /// What a person should know where these kinds of results are made.
  func remarks(of kinds: Set<PredictionKind>) -> [PredictionRemark] {
    remarks + (kinds == [.logits] ? [] : outputRemarks)
  }
}

extension ModelProbe {
  /// Looks at what a model gave.
  ///
  /// - Parameters:
  ///   - outputs: what it gave.
  ///   - shape: the shape of the batch.
  ///   - frame: how the model's image lies in the stored one.
  /// - Returns: its channels, and its size along the axes of the stored image.
  /// - Throws: `VoxtileError.Code.modelNotUsable` where it gave something other than patches.
  static func output(
    _ outputs: [PatchTensor], for shape: [Int], frame: ModelFrame
  ) throws(VoxtileError) -> (channels: Int, extent: Extent) {
    guard let output = outputs.first, output.shape.count == shape.count, output.shape[0] == shape[0] else {
      let found = outputs.first.map { "\($0.shape)" } ?? "nothing"
      throw VoxtileError(
        .modelNotUsable,
        "the model gives \(found) for a batch of shape \(shape); it should give [\(shape[0]), classes, ...] with as "
          + "many axes",
        context: .init(expected: "\(shape.count) axes", found: found))
    }
    return (output.shape[1], frame.extent(ofShape: Array(output.shape.dropFirst(2))))
  }
}

/// The first batch of a scan, which was predicted to plan with; its prediction is used once.
final class FirstPrediction: Sendable {
  /// The normalization of each channel.
  let maps: [IntensityMap]
  /// Seconds that the model took.
  let seconds: Double
  private let patches: [Patch]
  private let output: Mutex<PatchTensor?>

  init(_ output: PatchTensor, of batch: PatchBatch, maps: [IntensityMap], seconds: Double) {
    self.maps = maps
    self.seconds = seconds
    patches = batch.patches
    self.output = Mutex(output)
  }

  /// Gives away the prediction of these patches, if it is of them and still there.
  func take(for batch: PatchBatch) -> PatchTensor? {
    guard batch.patches == patches else { return nil }
    return output.withLock { output in
      defer { output = nil }
      return output
    }
  }
}

extension PatchPipeline {
  /// The patch that the model has, along the axes of its image; `nil` along those where any size will do.
  public var fixedPatch: PerAxis<Int?> {
    var sizes = PerAxis<Int?>(nil)
    if model.signature.spatialRank == 2 { sizes.z = 1 }
    for (axis, size) in zip(dimensions, model.signature.input.spatial) { sizes[axis] = size }
    return sizes
  }

  /// What the size of a patch has to be a multiple of, along the axes of the model's image; `nil` where nothing is known.
  public var patchMultiple: PerAxis<Int>? {
    guard let multiples = model.capabilities.multipleOf else { return nil }
    var result = PerAxis(1)
    for (axis, multiple) in zip(dimensions, multiples) { result[axis] = multiple }
    return result
  }
}
