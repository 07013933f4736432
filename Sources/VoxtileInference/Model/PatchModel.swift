import Voxtile

/// Something that predicts patches, a batch at a time.
///
/// A network of your own becomes a model by conforming, or with ``ClosureModel``; a network in a file is loaded by an
/// ``Engine``. A model may be asked from several threads at the same time.
public protocol PatchModel: Sendable {
  /// What the model takes and gives.
  var signature: ModelSignature { get }

  /// What the model can do beyond its signature; by default nothing is promised and nothing is limited.
  var capabilities: ModelCapabilities { get }

  /// What a person should know about the model before believing what it predicts; by default nothing.
  var remarks: [PredictionRemark] { get }

  /// The text that the model's file carries for a key, such as `voxtile.normalize`; by default there is none.
  ///
  /// - Throws: what the engine throws where it cannot read the metadata.
  func metadata(_ key: String) throws -> String?

  /// Predicts a batch. A method that does not suspend will do, too.
  ///
  /// - Parameter batch: patches of shape `[n, channels, spatial...]`, with 2 or 3 spatial axes, slowest first:
  ///   `[n, c, height, width]` or `[n, c, depth, height, width]`.
  /// - Returns: one tensor for each output of the signature, in that order, of shape
  ///   `[n, channels, spatial...]`. The spatial shape may differ from that of the batch.
  /// - Throws: what the model throws where it cannot predict the batch.
  func predict(_ batch: PatchTensor) async throws -> [PatchTensor]
}

extension PatchModel {
  /// Nothing is promised, and nothing is limited.
  public var capabilities: ModelCapabilities { ModelCapabilities() }

  /// None.
  public var remarks: [PredictionRemark] { [] }

  /// None.
  public func metadata(_ key: String) throws -> String? { nil }

  /// The settings that the model's file carries.
  ///
  /// - Throws: `VoxtileError.Code.modelNotUsable` where one of them cannot be read, and what ``metadata(_:)`` throws.
  public var defaults: ModelDefaults {
    get throws { try ModelDefaults(metadata) }
  }
}

/// What a model can do, beyond the shapes of its signature.
public struct ModelCapabilities: Hashable, Sendable {
  /// The most patches that it takes at once; `nil` for any number.
  public var largestBatch: Int?
  /// What the size of a patch has to be a multiple of, for each spatial axis, slowest first as in
  /// ``TensorShape/spatial``, each at least 1; `nil` where nothing is known.
  public var multipleOf: [Int]?
  /// Whether a patch gets the same bits each time it is predicted, in whatever batch.
  public var isRepeatable: Bool
  /// What runs the model, in the words of its engine, such as `cpu` or `openvino`; `nil` where that is not known.
  public var device: String?

  /// Creates capabilities; by default nothing is limited and nothing is promised.
  public init(
    largestBatch: Int? = nil, multipleOf: [Int]? = nil, isRepeatable: Bool = false, device: String? = nil
  ) {
    self.largestBatch = largestBatch
    self.multipleOf = multipleOf
    self.isRepeatable = isRepeatable
    self.device = device
  }
}
