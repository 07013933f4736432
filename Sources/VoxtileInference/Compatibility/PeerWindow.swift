import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The windows of other systems that are not one of `BlendProfile`'s.
enum PeerWindow {
  /// MONAI's importance map: a Gaussian with a deviation of an eighth of the patch around its middle, multiplied in float32,
  /// with all values below 0.001 (or below the least one, if that is larger) raised to it.
  ///
  /// - Returns: one weight for each voxel, of shape `(depth, height, width)`.
  static func monai(_ size: Extent) -> [Float] {
    let profiles = size.sizes.map { _, length in
      let sigma = 0.125 * Double(length)
      let divisor = Float(-2 * sigma * sigma)
      return (0..<length).map { index in
        let distance = Float(index) - Float(length - 1) / 2
        return exp(distance * distance / divisor)
      }
    }
    // x first: MONAI multiplies in the order of the axes, and NIfTI files have x first.
    let weights = product(size) { x, y, z in profiles.x[x] * profiles.y[y] * profiles.z[z] }
    let floor = max(weights.min() ?? 0, 1e-3)
    return weights.map { max($0, floor) }
  }

  /// nnU-Net's importance map: a Gaussian with a deviation of an eighth of the patch around voxel `length / 2`, ten at its
  /// top, rounded to half precision; what became 0 is raised to the least value that did not.
  ///
  /// - Returns: one weight for each voxel, of shape `(depth, height, width)`, each a half-precision number.
  static func nnUNet(_ size: Extent) -> [Float] {
    let profiles = size.sizes.map { _, length in
      let sigma = Double(length) / 8
      return (0..<length).map { index in
        let distance = Double(index - length / 2) / sigma
        return exp(-distance * distance / 2)
      }
    }
    let weights = product(size) { x, y, z in
      roundedToHalf(Float(10 * (profiles.z[z] * profiles.y[y] * profiles.x[x])))
    }
    let least = weights.lazy.filter { $0 > 0 }.min() ?? 0
    return weights.map { $0 == 0 ? least : $0 }
  }

  /// Patchly's Gaussian along one axis, normalized to a sum of 1: of an eighth of the patch, from
  /// `-(length / 2)` to `length / 2` in equal steps, which for an even length are longer than a voxel.
  static func patchlyProfile(_ length: Int) -> [Double] {
    let sigma = Double(length) / 8
    let half = Double(length / 2)
    let spacing = length > 1 ? 2 * half / Double(length - 1) : 0
    let values = (0..<length).map { index in
      let distance = (Double(index) * spacing - half) / sigma
      return exp(-distance * distance / 2)
    }
    let sum = values.reduce(0, +)
    return values.map { $0 / sum }
  }

  private static func product(_ size: Extent, _ value: (Int, Int, Int) -> Float) -> [Float] {
    var weights: [Float] = []
    weights.reserveCapacity(size.voxelCount)
    for z in 0..<size.depth {
      for y in 0..<size.height {
        for x in 0..<size.width { weights.append(value(x, y, z)) }
      }
    }
    return weights
  }
}
