extension VolumeInfo {
  /// Makes sure that this image lies on the grid of another one: the same size, and nowhere more than a tenth of a voxel away.
  ///
  /// An image that has no place, such as a PNG, has to be of the same size only.
  ///
  /// - Parameters:
  ///   - other: the image whose grid it should have.
  ///   - name: what this image is, such as `the mask`.
  ///   - otherName: what the other one is, such as `the scan`.
  /// - Throws: `VoxtileError.Code.shapeMismatch` where it does not.
  package func checkOnGrid(
    of other: VolumeInfo, named name: String, otherName: String = "the scan"
  ) throws(VoxtileError) {
    guard extent == other.extent else {
      throw VoxtileError(
        .shapeMismatch,
        "\(name) is \(extent), but \(otherName) is \(other.extent); resample them to one grid",
        context: .init(expected: "\(other.extent)", found: "\(extent)"))
    }
    guard metadata.place != .unknown, other.metadata.place != .unknown else { return }
    let (own, expected) = (metadata.affine, other.metadata.affine)
    let distance = own.largestDistance(to: expected, over: extent)
    guard distance <= expected.tolerance else {
      throw VoxtileError(
        .shapeMismatch,
        "\(name) lies elsewhere than \(otherName), by up to \(distance.rounded(toDecimals: 3)) mm: \(own.summary) against "
          + "\(expected.summary); resample them to one grid",
        context: .init(expected: "\(expected.rows)", found: "\(own.rows)"))
    }
  }
}

extension Affine {
  /// The largest distance in mm between where two affines place a voxel of an image, which it has at a corner.
  package func largestDistance(to other: Affine, over extent: Extent) -> Double {
    let last = extent.sizes.map { Double($1 - 1) }
    let distances = (0..<8).map { corner in
      let (x, y, z) = (
        corner & 1 == 0 ? 0 : last.x, corner & 2 == 0 ? 0 : last.y, corner & 4 == 0 ? 0 : last.z
      )
      let steps = zip(world(x: x, y: y, z: z).all, other.world(x: x, y: y, z: z).all).map { $0 - $1 }
      return steps.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    // `max` would pass over NaN.
    return distances.allSatisfy(\.isFinite) ? distances.max() ?? 0 : .infinity
  }

  /// How far apart two images may lie and still be on one grid: a tenth of the shortest side of a voxel, in mm. A side of 0, as
  /// some 2D images have along z, does not count.
  package var tolerance: Double { 0.1 * (spacing.all.filter { $0 > 0 }.min() ?? 1) }

  /// Orientation, voxel size and first voxel in a few words: `RAS, voxels of 1 x 1 x 2 mm, the first at (0, 10, 20) mm`.
  package var summary: String {
    func list(_ numbers: [Double], _ separator: String) -> String {
      numbers.map { $0.rounded(toDecimals: 3) }.joined(separator: separator)
    }
    let first = list(world(x: 0, y: 0, z: 0).all, ", ")
    return "\(orientation), voxels of \(list(spacing.all, " x ")) mm, the first at (\(first)) mm"
  }
}

extension Double {
  /// The number with so many decimals at most, for a message.
  package func rounded(toDecimals decimals: Int) -> String {
    guard isFinite, magnitude < 1e12 else { return "\(self)" }
    let scale = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
    let value = (self * scale).rounded() / scale
    // What would be left as 0 is shown as it is.
    if value == 0, self != 0 { return "\(self)" }
    return value == value.rounded() ? "\(Int(value))" : "\(value)"
  }
}
