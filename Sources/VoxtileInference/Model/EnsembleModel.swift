import Voxtile

/// Several networks as one, which predicts the mean of what they predict, such as the networks of a cross-validation.
///
/// The mean is taken of what they give, usually logits, before any activation. All of them see the same patches, with the same
/// normalization, orientation and order of axes.
public struct EnsembleModel: PatchModel {
  /// The networks.
  public let models: [any PatchModel]
  /// What all of them take and give.
  public private(set) var signature: ModelSignature
  /// Whether the values of all networks are given, channel after channel, and not their mean.
  private(set) var isSideBySide = false
  /// What all of them can do.
  public var capabilities: ModelCapabilities {
    let all = models.map(\.capabilities)
    let multiples = all.compactMap(\.multipleOf)
    let devices = all.compactMap(\.device)
    return ModelCapabilities(
      largestBatch: all.compactMap(\.largestBatch).min(),
      multipleOf: multiples.first.map { first in
        multiples.dropFirst().reduce(first) { zip($0, $1).map(leastCommonMultiple) }
      },
      isRepeatable: all.allSatisfy(\.isRepeatable),
      device: devices.isEmpty ? nil : Set(devices).sorted().joined(separator: ", "))
  }

  /// Makes one model of several.
  ///
  /// - Parameter models: at least one.
  /// - Throws: `VoxtileError.Code.modelNotUsable` where they take or give different shapes, or labels, of which there is no
  ///   mean.
  public init(_ models: [any PatchModel]) throws(VoxtileError) {
    precondition(!models.isEmpty, "the ensemble has no network")
    self.models = models
    var signature = models[0].signature
    for (number, model) in models.enumerated() {
      guard models.count == 1 || model.signature.outputs.allSatisfy({ $0.labelRange == nil }) else {
        throw VoxtileError(
          .modelNotUsable,
          "network \(number + 1) of \(models.count) gives whole numbers (\(model.signature.outputs[0])), of which there is no mean; "
            + "export it without its argmax")
      }
      signature = try signature.combined(with: model.signature, number: number + 1)
    }
    self.signature = signature
  }

  /// The same networks, with the values of each channel after channel in place of their mean.
  var sideBySide: EnsembleModel {
    guard !isSideBySide, models.count > 1 else { return self }
    var model = self
    model.isSideBySide = true
    for index in signature.outputs.indices {
      model.signature.outputs[index].channels = signature.outputs[index].channels.map { $0 * models.count }
    }
    return model
  }

  /// What should be known of any of them.
  public var remarks: [PredictionRemark] {
    var remarks: [PredictionRemark] = []
    for remark in models.flatMap(\.remarks) where !remarks.contains(remark) { remarks.append(remark) }
    return remarks
  }

  /// The text that the networks carry for a key, on which those that have one have to agree.
  ///
  /// - Throws: `VoxtileError.Code.modelNotUsable` where they do not agree.
  public func metadata(_ key: String) throws -> String? {
    let texts = try models.compactMap { try $0.metadata(key) }
    if let first = texts.first, let other = texts.first(where: { $0 != first }) {
      throw VoxtileError(
        .modelNotUsable,
        "the networks say different things about \(key), '\(first)' and '\(other)', but all of them see the same patches; use "
          + "networks that were trained alike",
        context: .init(expected: first, found: other))
    }
    return texts.first
  }

  /// What each network gives, of shape `(batch, networks * channels, ...)`.
  private func predictSideBySide(_ batch: PatchTensor, first: PatchTensor) async throws -> [PatchTensor] {
    var all = [first]
    for (number, model) in models.enumerated().dropFirst() {
      let outputs = try await model.predict(batch)
      guard let output = outputs.first, output.shape == first.shape else {
        throw otherShape(outputs, [first], number: number)
      }
      all.append(output)
    }
    var shape = first.shape
    let part = shape.dropFirst().reduce(1, *)
    shape[1] *= models.count
    var values: [Float] = []
    values.reserveCapacity(shape.reduce(1, *))
    for image in 0..<shape[0] {
      for output in all {
        output.withValues { values.append(contentsOf: $0[image * part..<(image + 1) * part]) }
      }
    }
    return [PatchTensor(shape: shape, values: values)]
  }

  /// A network gave something else than the first one.
  private func otherShape(_ found: [PatchTensor], _ first: [PatchTensor], number: Int) -> VoxtileError {
    VoxtileError(
      .predictionFailed,
      "network \(number + 1) of \(models.count) gave \(found.map(\.shape)), but network 1 gave \(first.map(\.shape)); use "
        + "networks for the same classes",
      context: .init(expected: "\(first.map(\.shape))", found: "\(found.map(\.shape))"))
  }

  /// Predicts a batch with each network, one after another, and takes the mean.
  public func predict(_ batch: PatchTensor) async throws -> [PatchTensor] {
    let first = try await models[0].predict(batch)
    guard models.count > 1 else { return first }
    if isSideBySide { return try await predictSideBySide(batch, first: first[0]) }
    var sums = first.map(\.values)
    for (number, model) in models.enumerated().dropFirst() {
      let outputs = try await model.predict(batch)
      guard outputs.map(\.shape) == first.map(\.shape) else {
        throw otherShape(outputs, first, number: number)
      }
      for (index, output) in outputs.enumerated() {
        output.withValues { values in
          for place in values.indices { sums[index][place] += values[place] }
        }
      }
    }
    let count = Float(models.count)
    return zip(first, sums).map { output, sums in
      PatchTensor(shape: output.shape, values: sums.map { $0 / count })
    }
  }
}

extension ModelSignature {
  /// What two models both take and give.
  fileprivate func combined(
    with other: ModelSignature, number: Int
  ) throws(VoxtileError) -> ModelSignature {
    guard spatialRank == other.spatialRank else {
      throw Self.mismatch(input, other.input, number: number)
    }
    var result = self
    result.input = try input.combined(with: other.input, number: number)
    for index in 0..<min(outputs.count, other.outputs.count) {
      let (own, channels) = (outputs[index].channels, other.outputs[index].channels)
      if let own, let channels, own != channels {
        throw Self.mismatch(outputs[index], other.outputs[index], number: number)
      }
      result.outputs[index].channels = own ?? channels
    }
    return result
  }

  fileprivate static func mismatch(_ first: TensorShape, _ other: TensorShape, number: Int) -> VoxtileError {
    VoxtileError(
      .modelNotUsable,
      "network \(number) has \(other), but those before it have \(first); use networks that take the same patches and give the same "
        + "classes",
      context: .init(expected: "\(first)", found: "\(other)"))
  }
}

extension TensorShape {
  /// The sizes that both shapes allow.
  fileprivate func combined(with other: TensorShape, number: Int) throws(VoxtileError) -> TensorShape {
    func agreed(_ a: Int?, _ b: Int?) throws(VoxtileError) -> Int? {
      if let a, let b, a != b { throw ModelSignature.mismatch(self, other, number: number) }
      return a ?? b
    }
    var result = self
    result.batch = try agreed(batch, other.batch)
    result.channels = try agreed(channels, other.channels)
    for index in spatial.indices { result.spatial[index] = try agreed(spatial[index], other.spatial[index]) }
    return result
  }
}

private func leastCommonMultiple(_ a: Int, _ b: Int) -> Int {
  var (divisor, rest) = (a, b)
  while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
  return a / divisor * b
}
