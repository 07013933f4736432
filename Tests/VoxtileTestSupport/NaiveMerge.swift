import Voxtile

/// A merged image, value by value, with the sum of weights behind it.
public struct NaiveMerged: Sendable {
  /// The values, in the order `(channels, depth, height, width)`.
  public let values: [Double]
  /// The sum of the weights over each voxel, in the order `(depth, height, width)`.
  public let weights: [Double]
}

/// The weighted mean of all patches over each voxel, `sum of w * v / sum of w`, in `Double`: the
/// reference for every blend that is a mean.
///
/// Patches count in the order given. Voxels with a weight sum of 0 get `fill`.
///
/// - Parameters:
///   - extent: the size of the image.
///   - channels: values per voxel.
///   - patches: the values and where they belong.
///   - fill: the value where there is no patch, or only patches of weight 0.
///   - weight: the weight of a voxel of a patch, from the number of the patch and the offset of the
///     voxel in its region. Windows that are no product of three profiles fit here.
public func naiveMerge(
  extent: Extent, channels: Int = 1, patches: [NaivePatch<Double>], fill: Double = 0,
  weight: (_ patch: Int, _ offset: Position) -> Double
) -> NaiveMerged {
  let positions = extent.positions
  var sums = [Double](repeating: 0, count: channels * positions.count)
  var weights = [Double](repeating: 0, count: positions.count)
  for (number, patch) in patches.enumerated() {
    for (index, voxel) in positions.enumerated() where patch.region.contains(voxel) {
      let share = weight(number, voxel - patch.region.origin)
      weights[index] += share
      for channel in 0..<channels {
        sums[channel * positions.count + index] += share * (patch.value(over: voxel, channel: channel) ?? 0)
      }
    }
  }
  let values = sums.indices.map { index in
    let total = weights[index % positions.count]
    return total == 0 ? fill : sums[index] / total
  }
  return NaiveMerged(values: values, weights: weights)
}

/// The weighted mean with weights that are a product of one profile per axis.
///
/// - Parameters:
///   - extent: the size of the image.
///   - channels: values per voxel.
///   - patches: the values and where they belong.
///   - fill: the value where there is no patch, or only patches of weight 0.
///   - profile: the weights along an axis of a patch that is `length` voxels long there; a patch that
///     ends with the image is shorter than the others. The default is the plain average.
public func naiveMerge(
  extent: Extent, channels: Int = 1, patches: [NaivePatch<Double>], fill: Double = 0,
  profile: (_ axis: Axis, _ length: Int) -> [Double] = { _, length in
    [Double](repeating: 1, count: length)
  }
) -> NaiveMerged {
  let profiles = patches.map { patch in
    PerAxis(
      x: profile(.x, patch.region.extent.width), y: profile(.y, patch.region.extent.height),
      z: profile(.z, patch.region.extent.depth))
  }
  return naiveMerge(extent: extent, channels: channels, patches: patches, fill: fill) { patch, offset in
    profiles[patch].x[offset.x] * profiles[patch].y[offset.y] * profiles[patch].z[offset.z]
  }
}

/// The largest value of all patches over each voxel, in the order `(channels, depth, height, width)`.
public func naiveMaximum<Value: Comparable>(
  extent: Extent, channels: Int = 1, patches: [NaivePatch<Value>], fill: Value
) -> [Value] {
  (0..<channels).flatMap { channel in
    extent.positions.map { voxel in
      patches.compactMap { $0.value(over: voxel, channel: channel) }.max() ?? fill
    }
  }
}
