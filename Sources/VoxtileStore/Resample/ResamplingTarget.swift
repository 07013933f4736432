import Voxtile
import VoxtileFormats

/// What an image is resampled to.
public enum ResamplingTarget: Sendable {
  /// Voxels of a size, in mm; as near to it as the convention makes them.
  case spacing(PerAxis<Double>)
  /// A number of voxels along each axis.
  case size(Extent)
  /// The grid of another image: its voxels, where they lie.
  case grid(VolumeInfo)
}

extension ResamplingTarget {
  /// How an image becomes that.
  ///
  /// - Parameters:
  ///   - info: the image.
  ///   - convention: the system whose rules hold.
  ///   - interpolation: how values between voxels are made; `nil` for what the system usually does.
  ///   - isOfLabels: whether values are labels.
  ///   - fill: the value of voxels outside of the image, which only another image's grid has.
  /// - Throws: `VoxtileError.Code.invalidOption` where the image cannot become that, `VoxtileError.Code.shapeMismatch` where it
  ///   would have to be turned.
  func resampling(
    of info: VolumeInfo, _ convention: ResamplingConvention, _ interpolation: Interpolation?,
    isOfLabels: Bool,
    fill: Double
  ) throws(VoxtileError) -> Resampling {
    switch self {
    case .spacing(let spacing):
      guard info.metadata.place != .unknown else {
        throw VoxtileError(
          .invalidOption, "does not say how large its voxels are; give the number of voxels instead",
          context: .init(expected: "the size of a voxel", found: "none"))
      }
      return try Resampling(
        of: info.extent, spacing: info.voxelSize(for: convention), to: spacing, convention: convention,
        interpolation: interpolation, isOfLabels: isOfLabels, separatesSlices: info.isPlanar ? false : nil)
    case .size(let extent):
      // A picture has no slices, and pixels of an unknown size say nothing of how far these are apart.
      let hasSlices = !info.isPlanar && info.metadata.place != .unknown
      let own = hasSlices ? info.voxelSize(for: convention) : PerAxis(1)
      let new = own.map { $1 * Double(info.extent[$0]) / Double(max(1, extent[$0])) }
      return try Resampling(
        of: info.extent, to: extent, convention: convention, interpolation: interpolation,
        isOfLabels: isOfLabels,
        separateAxis: hasSlices ? convention.separateAxis(spacing: own, newSpacing: new) : nil)
    case .grid(let other):
      guard info.metadata.place == .world, other.metadata.place == .world else {
        return try Self.size(other.extent).resampling(
          of: info, convention, interpolation, isOfLabels: isOfLabels, fill: fill)
      }
      let interpolation =
        interpolation ?? (isOfLabels ? convention.usualLabelInterpolation : convention.usualInterpolation)
      let (starts, steps) = try info.metadata.affine.place(of: other.metadata.affine, over: other.extent)
      let places = starts.map { ($1, steps[$0]) }
      var resampling = try Resampling(
        try info.extent.sizes.map { axis, length throws(VoxtileError) in
          guard convention.has(interpolation) else {
            throw VoxtileError(
              .invalidOption, "\(convention.rawValue) has no \(interpolation.rawValue) interpolation",
              context: .init(found: interpolation.rawValue))
          }
          return AxisResampling(
            length: length, newLength: max(1, other.extent[axis]), start: places[axis].0,
            step: places[axis].1,
            convention: convention, interpolation: interpolation)
        }, isOfLabels: isOfLabels)
      resampling.fill = fill
      return resampling
    }
  }
}

extension Affine {
  /// Where the voxels of another image lie among those of this one, along each axis.
  ///
  /// - Parameters:
  ///   - other: the affine of the other image.
  ///   - extent: its size.
  /// - Returns: its first voxel and the step to the next one, in voxels of this image.
  /// - Throws: `VoxtileError.Code.shapeMismatch` where its axes do not run along those of this image, within a tenth of a voxel.
  fileprivate func place(of other: Affine, over extent: Extent) throws(VoxtileError) -> (
    starts: PerAxis<Double>, steps: PerAxis<Double>
  ) {
    func columns(_ affine: Affine) -> [[Double]] { (0..<4).map { column in affine.rows.map { $0[column] } } }
    let (own, others) = (columns(self), columns(other))
    let origin = zip(others[3], own[3]).map { $0 - $1 }
    let solutions = [others[0], others[1], others[2], origin].map { coordinates(of: $0, own) }
    guard solutions.joined().allSatisfy(\.isFinite) else { throw Self.turned(self, other) }
    // How far the last voxel along an axis strays along the others.
    let strays = (0..<3).flatMap { column in
      (0..<3).filter { $0 != column }.map { row in
        abs(solutions[column][row]) * Double(extent.sizes.all[column] - 1)
      }
    }
    guard strays.allSatisfy({ $0 <= 0.1 }), (0..<3).allSatisfy({ solutions[$0][$0] > 0 }) else {
      throw Self.turned(self, other)
    }
    return (
      PerAxis(x: solutions[3][0], y: solutions[3][1], z: solutions[3][2]),
      PerAxis(x: solutions[0][0], y: solutions[1][1], z: solutions[2][2])
    )
  }

  /// The coordinates of a vector along three axes (Cramer's rule); not finite where these span no space.
  private func coordinates(of vector: [Double], _ axes: [[Double]]) -> [Double] {
    func determinant(_ a: [Double], _ b: [Double], _ c: [Double]) -> Double {
      a[0] * (b[1] * c[2] - b[2] * c[1]) - b[0] * (a[1] * c[2] - a[2] * c[1]) + c[0]
        * (a[1] * b[2] - a[2] * b[1])
    }
    let whole = determinant(axes[0], axes[1], axes[2])
    return [
      determinant(vector, axes[1], axes[2]) / whole, determinant(axes[0], vector, axes[2]) / whole,
      determinant(axes[0], axes[1], vector) / whole,
    ]
  }

  private static func turned(_ own: Affine, _ other: Affine) -> VoxtileError {
    VoxtileError(
      .shapeMismatch,
      "its axes do not run along those of the image whose grid it should get: \(own.summary) against \(other.summary); turn "
        + "it to the same orientation first",
      context: .init(expected: other.orientation, found: own.orientation))
  }
}
