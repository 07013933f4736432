import Voxtile

/// A model that is a closure: a network of your own, or a stand-in for one in a test.
///
/// ```swift
/// let signature = ModelSignature(
///   input: TensorShape(name: "image", channels: 1, spatial: [nil, nil, nil]),
///   outputs: [TensorShape(name: "twice", channels: 1, spatial: [nil, nil, nil])])
/// let model = ClosureModel(signature: signature) { batch in
///   [PatchTensor(shape: batch.shape, values: batch.values.map { 2 * $0 })]
/// }
/// ```
public struct ClosureModel: PatchModel {
  public let signature: ModelSignature
  public let capabilities: ModelCapabilities
  private let body: @Sendable (PatchTensor) async throws -> [PatchTensor]

  /// Creates a model.
  ///
  /// - Parameters:
  ///   - signature: what the closure takes and gives.
  ///   - capabilities: what it can do beyond that.
  ///   - body: predicts a batch; is called from several threads at the same time.
  public init(
    signature: ModelSignature, capabilities: ModelCapabilities = ModelCapabilities(),
    predict body: @escaping @Sendable (PatchTensor) async throws -> [PatchTensor]
  ) {
    self.signature = signature
    self.capabilities = capabilities
    self.body = body
  }

  public func predict(_ batch: PatchTensor) async throws -> [PatchTensor] { try await body(batch) }
}
