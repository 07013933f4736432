import Voxtile

/// Something that predicts patches, a batch at a time.
///
/// A network of your own becomes a model by conforming, or with ``ClosureModel``; a network in a file of ONNX
/// is an ``OnnxModel``. A model may be asked from several threads at the same time.
public protocol PatchModel: Sendable {
  /// What the model takes and gives.
  var signature: ModelSignature { get }

  /// Predicts a batch.
  ///
  /// - Parameter batch: patches of shape `[n, channels, spatial...]`, with 2 or 3 spatial axes, slowest first:
  ///   `[n, c, height, width]` or `[n, c, depth, height, width]`.
  /// - Returns: one tensor for each output of the signature, in that order, of shape
  ///   `[n, channels, spatial...]`. The spatial shape may differ from that of the batch.
  /// - Throws: what the model throws where it cannot predict the batch.
  func predict(_ batch: PatchTensor) throws -> [PatchTensor]
}
