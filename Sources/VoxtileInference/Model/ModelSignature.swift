import Voxtile

/// What a model takes and gives.
public struct ModelSignature: Sendable, Hashable {
  /// The shape of a batch.
  public var input: TensorShape
  /// The shapes of what is predicted, in the order in which a prediction has them; at least one.
  public var outputs: [TensorShape]

  /// Creates a signature.
  public init(input: TensorShape, outputs: [TensorShape]) {
    precondition(!outputs.isEmpty, "the model has no output")
    self.input = input
    self.outputs = outputs
  }

  /// The number of spatial axes of a patch: 2 or 3.
  public var spatialRank: Int { input.spatial.count }
}

/// The shape of an input or output of a model, `[batch, channels, spatial...]`; `nil` where any size is fine.
public struct TensorShape: Sendable, Hashable {
  /// The name that the model has for it.
  public var name: String
  /// The number of patches in a batch.
  public var batch: Int?
  /// The number of channels or classes.
  public var channels: Int?
  /// The spatial sizes, slowest first: `[height, width]` or `[depth, height, width]`.
  public var spatial: [Int?]
  /// The whole numbers that it may hold, where it holds no real ones. An output of one channel of them is a label for each voxel.
  public var labelRange: ClosedRange<Int>?

  /// Creates a shape.
  ///
  /// - Parameters:
  ///   - name: the name that the model has for it.
  ///   - batch: the number of patches in a batch; `nil` for any.
  ///   - channels: the number of channels or classes; `nil` for any.
  ///   - spatial: 2 or 3 sizes, slowest first.
  ///   - labelRange: the whole numbers that it may hold, at most 2^24 from 0; `nil` for real numbers.
  public init(
    name: String, batch: Int? = nil, channels: Int? = nil, spatial: [Int?],
    labelRange: ClosedRange<Int>? = nil
  ) {
    precondition(
      spatial.count == 2 || spatial.count == 3, "there are \(spatial.count) spatial axes, not 2 or 3")
    self.name = name
    self.batch = batch
    self.channels = channels
    self.spatial = spatial
    self.labelRange = labelRange
  }
}

extension TensorShape: CustomStringConvertible {
  /// The name and the sizes, as in `image [?, 1, 96, 96, 96]`.
  public var description: String {
    let sizes = ([batch, channels] + spatial).map { size in size.map { "\($0)" } ?? "?" }
    return "\(name) [\(sizes.joined(separator: ", "))]"
  }
}
