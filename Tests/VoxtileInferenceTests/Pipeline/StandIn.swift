import Synchronization
import Voxtile
import VoxtileInference
import VoxtileTestSupport

/// One patch as a network sees it: values of shape `(channels, spatial...)`.
struct NetworkPatch: Sendable {
  let channels: Int
  let spatial: [Int]
  var values: [Float]

  var count: Int { spatial.reduce(1, *) }

  /// The place of each value of a channel, slowest axis first.
  var places: [[Int]] {
    spatial.reduce([[]]) { places, size in places.flatMap { place in (0..<size).map { place + [$0] } } }
  }
}

/// Networks without a network: closures of a patch.
enum StandIn {
  /// A model that predicts each patch of a batch by itself.
  static func model(
    input: TensorShape = volume, output: TensorShape = volume,
    _ predict: @escaping @Sendable (NetworkPatch) throws -> NetworkPatch
  ) -> ClosureModel {
    ClosureModel(signature: ModelSignature(input: input, outputs: [output])) { batch in
      let channels = batch.shape[1]
      let spatial = Array(batch.shape.dropFirst(2))
      let count = spatial.reduce(channels, *)
      let values = batch.values
      let outputs = try (0..<batch.shape[0]).map { number in
        try predict(
          NetworkPatch(
            channels: channels, spatial: spatial, values: Array(values[number * count..<(number + 1) * count])
          ))
      }
      return [
        PatchTensor(
          shape: [outputs.count, outputs[0].channels] + outputs[0].spatial, values: outputs.flatMap(\.values))
      ]
    }
  }

  /// Every blend that a prediction may have.
  static let blends: [Blend] = [.average, .gaussian, .hann, .triangular, .center, .last]

  /// Any volume.
  static let volume = TensorShape(name: "image", spatial: [nil, nil, nil])
  /// Any image.
  static let plane = TensorShape(name: "image", spatial: [nil, nil])

  static func shape(rank: Int) -> TensorShape { rank == 2 ? plane : volume }

  /// A network that gives its input.
  static let identity = model { $0 }

  /// A network that gives the same values everywhere, one for each class.
  static func constant(_ classes: [Float], rank: Int = 3) -> ClosureModel {
    model(input: shape(rank: rank), output: shape(rank: rank)) { patch in
      NetworkPatch(
        channels: classes.count, spatial: patch.spatial,
        values: classes.flatMap { [Float](repeating: $0, count: patch.count) })
    }
  }

  /// Two classes that depend on every channel and on the place in the patch, another way along each axis.
  @Sendable static func byPlace(_ patch: NetworkPatch) -> NetworkPatch {
    // Written out, since this is where the tests of predictions spend their time.
    let size = [Int](repeating: 1, count: 3 - patch.spatial.count) + patch.spatial
    let (rows, columns, count, inputs) = (size[1], size[2], patch.count, patch.values)
    var values: [Float] = []
    values.reserveCapacity(2 * count)
    for (number, factors) in [(5, 2, 11), (-3, 7, 1)].enumerated() {
      for index in 0..<count {
        let (column, row, slice) = (index % columns, index / columns % rows, index / (columns * rows))
        var value = Float(factors.0 * slice + factors.1 * row + factors.2 * column) / 64
        for channel in 0..<patch.channels {
          value += inputs[channel * count + index] * Float(1 + channel + 2 * number) / 4
        }
        values.append(value)
      }
    }
    return NetworkPatch(channels: 2, spatial: patch.spatial, values: values)
  }

  /// The model of ``byPlace(_:)``.
  static func placed(rank: Int = 3) -> ClosureModel {
    model(input: shape(rank: rank), output: shape(rank: rank), byPlace)
  }

  /// A volume of random values.
  static func scan(
    _ extent: Extent, channels: Int = 1, affine: Affine = Affine(spacing: PerAxis(1)),
    using random: inout SplitMix64
  ) throws -> Volume<Float> {
    try Volume(
      extent: extent, channels: channels,
      voxels: (0..<extent.voxelCount * channels).map { _ in Float.random(in: -2...2, using: &random) },
      metadata: VolumeMetadata(affine: affine))
  }
}

/// Counts from several threads.
final class Counter: Sendable {
  private let number = Mutex(0)
  var value: Int { number.withLock { $0 } }
  func increment() { number.withLock { $0 += 1 } }
}

extension InferenceSettings {
  /// Settings with a patch and one overlap, one thread and no window.
  static func patches(_ patch: Extent, overlap: Overlap = .fraction(0.5)) -> InferenceSettings {
    var settings = InferenceSettings()
    settings.patch = patch
    settings.overlap = PerAxis(overlap, patch: patch)
    settings.limits.jobs = .one
    return settings
  }
}

/// The largest difference of two lists; not a number where they are of different lengths or one has none.
func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
  guard a.count == b.count else { return .nan }
  return zip(a, b).reduce(0) { largest, pair in
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN || largest.isNaN ? .nan : max(largest, difference)
  }
}
