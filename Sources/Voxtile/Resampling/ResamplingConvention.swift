/// Another system's way to resample: how many voxels there are afterwards, where they lie, and what is beyond the border.
///
/// A network gives the results it was trained for only where its input is resampled as in its training. From 0.8 mm to 1.5 mm,
/// the systems make 273 or 274 voxels of 512, and place them up to a voxel apart.
@nonexhaustive
public enum ResamplingConvention: String, CaseIterable, Hashable, Sendable, Codable {
  /// nnU-Net's default: the outer faces of the image stay where they are; cubic, clipped to the values of the image.
  case nnunet
  /// nnU-Net's planners with resampling by PyTorch: the same places in single precision; linear.
  case nnunetTorch = "nnunet-torch"
  /// MONAI's `Spacing`: the first voxel stays where it is, and the size of a voxel is exactly the one asked for.
  case monai
  /// TorchIO's `Resample`: the center of the image stays, and the size of a voxel is exactly the one asked for.
  case torchio
  /// TotalSegmentator: the first and the last voxel stay where they are.
  case totalsegmentator

  /// The interpolation of images that the system uses unless told otherwise.
  public var usualInterpolation: Interpolation { self == .nnunet ? .cubic : .linear }

  /// The interpolation of label maps that the system uses unless told otherwise; ``Interpolation/linear`` is of each label by
  /// itself.
  public var usualLabelInterpolation: Interpolation {
    switch self {
    case .nnunet, .nnunetTorch: .linear
    case .monai, .torchio, .totalsegmentator: .nearest
    }
  }

  /// Whether the system has an interpolation.
  public func has(_ interpolation: Interpolation) -> Bool { self != .nnunetTorch || interpolation != .cubic }

  /// Whether cubic results are kept within the range of the values of the image, so that they never overshoot.
  public var clipsCubic: Bool { self == .nnunet }

  /// The number of voxels along an axis after resampling, at least 1.
  ///
  ///     ResamplingConvention.nnunet.length(of: 512, spacing: 0.8, newSpacing: 1.5)  // 273
  ///     ResamplingConvention.monai.length(of: 512, spacing: 0.8, newSpacing: 1.5)   // 274
  ///
  /// - Parameters:
  ///   - length: voxels before, at least 1.
  ///   - spacing: the size of a voxel before, in mm; finite and positive.
  ///   - newSpacing: the size asked for, in mm; finite and positive.
  /// - Returns: the number, or `nil` where it is larger than a file can say (2^31 - 1).
  public func length(of length: Int, spacing: Double, newSpacing: Double) -> Int? {
    let exact: Double =
      switch self {
      case .nnunet, .nnunetTorch, .totalsegmentator:
        (spacing / newSpacing * Double(length)).rounded(.toNearestOrEven)
      case .monai: (Double(length - 1) * spacing / newSpacing).rounded(.toNearestOrEven) + 1
      case .torchio: length == 1 ? 1 : (Double(length) * spacing / newSpacing).rounded(.down)
      }
    guard exact.isFinite, exact <= Double(Int32.max) else { return nil }
    return max(1, Int(exact))
  }

  /// The axis along which slices are too far apart to be interpolated, by nnU-Net's rule; `nil` where there is none, and in the
  /// other systems.
  ///
  /// It is the one axis whose voxels are largest, where the largest is more than 3 times the smallest: first by the old sizes,
  /// else by the new ones.
  ///
  /// - Parameters:
  ///   - spacing: the size of a voxel, in mm.
  ///   - newSpacing: the size asked for, in mm.
  ///   - isForced: `true` to take the axis of the largest old size whatever the ratio, `false` for no axis, as
  ///     `force_separate_z` in a plan of nnU-Net.
  public func separateAxis(
    spacing: PerAxis<Double>, newSpacing: PerAxis<Double>, isForced: Bool? = nil
  ) -> Axis? {
    guard self == .nnunet || self == .nnunetTorch, isForced != false else { return nil }
    func ratio(_ sizes: PerAxis<Double>) -> Double { (sizes.all.max() ?? 1) / (sizes.all.min() ?? 1) }
    func largest(_ sizes: PerAxis<Double>) -> Axis? {
      let axes = Axis.allCases.filter { sizes[$0] == sizes.all.max() }
      return axes.count == 1 ? axes[0] : nil
    }
    if isForced == true || ratio(spacing) > 3 { return largest(spacing) }
    return ratio(newSpacing) > 3 ? largest(newSpacing) : nil
  }
}
