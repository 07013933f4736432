/// How an image is resampled: along each axis by itself, by the rules of another system.
///
///     let resampling = try Resampling(
///       of: Extent(width: 512, height: 512, depth: 300), spacing: PerAxis(x: 0.8, y: 0.8, z: 1.5), to: PerAxis(1.5))
///     resampling.newExtent   // 273x273x300
///
/// Resample a volume in memory with ``Volume/resampled(_:as:notFinite:jobs:)``, a file with ``ResampledReader``, and planes that come
/// one after another with ``PlaneResampler``.
public struct Resampling: Hashable, Sendable {
  /// The three axes.
  public private(set) var axes: PerAxis<AxisResampling>
  /// The axis along which slices are too far apart to be interpolated (``ResamplingConvention/separateAxis(spacing:newSpacing:isForced:)``),
  /// so that each new one is made from the nearest old one; `nil` where there is none.
  public let separateAxis: Axis?
  /// The value of new voxels that lie outside of the image; `nil` where its outermost values go on.
  public var fill: Double?
  /// Whether values are labels: none is made that is not there, and ``Interpolation/linear`` is of each label by itself.
  public let isOfLabels: Bool

  /// The system whose rules hold.
  public var convention: ResamplingConvention { axes.x.convention }
  /// The size of the image before.
  public var extent: Extent { Extent(axes.map { $1.length }) }
  /// The size of the image after.
  public var newExtent: Extent { Extent(axes.map { $1.newLength }) }
  /// The new voxels that lie inside of the image, along each axis: no further than its outer faces.
  var inside: PerAxis<Range<Int>> {
    axes.map { _, axis in
      let inner = (0..<axis.newLength).filter { index in
        // Faces that should meet may be apart by what affines are rounded to.
        (-0.501...Double(axis.length) - 0.499).contains(axis.position(of: index))
      }
      return (inner.first ?? 0)..<(inner.last.map { $0 + 1 } ?? 0)
    }
  }
  /// Whether every value stays as it is.
  public var isIdentity: Bool { axes.all.allSatisfy(\.isIdentity) }

  /// Resamples to voxels of a size.
  ///
  /// - Parameters:
  ///   - extent: the size of the image, at least one voxel.
  ///   - spacing: the size of a voxel in mm.
  ///   - newSpacing: the size asked for, in mm. ``newAffine(of:)`` tells what the size really is, since the image is covered
  ///     by a whole number of voxels.
  ///   - convention: the system whose rules hold.
  ///   - interpolation: how values between voxels are made; `nil` for what the system usually does.
  ///   - isOfLabels: whether values are labels.
  ///   - separatesSlices: whether slices along the axis of the largest voxels are not interpolated; `nil` for nnU-Net's rule.
  /// - Throws: `VoxtileError.Code.invalidOption` where a size is not a finite number above 0, the system does not have the
  ///   interpolation, labels would be cubic, or there would be more voxels than can be counted.
  public init(
    of extent: Extent, spacing: PerAxis<Double>, to newSpacing: PerAxis<Double>,
    convention: ResamplingConvention = .nnunet, interpolation: Interpolation? = nil, isOfLabels: Bool = false,
    separatesSlices: Bool? = nil
  ) throws(VoxtileError) {
    for axis in Axis.allCases {
      for size in [spacing[axis], newSpacing[axis]] where !(size > 0 && size.isFinite) {
        throw VoxtileError(
          .invalidOption,
          "the size of a voxel along \(axis) is \(size) mm, so the image cannot be resampled; it has to be above 0",
          context: .init(axis: axis, expected: "a number above 0", found: "\(size)"))
      }
    }
    let lengths = try extent.sizes.map { axis, length throws(VoxtileError) in
      guard let new = convention.length(of: length, spacing: spacing[axis], newSpacing: newSpacing[axis])
      else {
        throw Self.tooLarge(
          "\(length) voxels of \(spacing[axis]) mm would become more than \(Int32.max)", axis)
      }
      return new
    }
    try self.init(
      of: extent, to: Extent(lengths), steps: spacing.map { newSpacing[$0] / $1 }, convention: convention,
      interpolation: interpolation, isOfLabels: isOfLabels,
      separateAxis: convention.separateAxis(
        spacing: spacing, newSpacing: newSpacing, isForced: separatesSlices))
  }

  /// Resamples to a number of voxels, which cover what the convention says.
  ///
  /// - Parameters:
  ///   - extent: the size of the image, at least one voxel.
  ///   - newExtent: the size asked for, at least one voxel.
  ///   - convention: the system whose rules hold.
  ///   - interpolation: how values between voxels are made; `nil` for what the system usually does.
  ///   - isOfLabels: whether values are labels.
  ///   - separateAxis: the axis along which slices are not interpolated.
  /// - Throws: `VoxtileError.Code.invalidOption` as for voxels of a size.
  public init(
    of extent: Extent, to newExtent: Extent, convention: ResamplingConvention = .nnunet,
    interpolation: Interpolation? = nil, isOfLabels: Bool = false, separateAxis: Axis? = nil
  ) throws(VoxtileError) {
    try self.init(
      of: extent, to: newExtent, steps: nil, convention: convention, interpolation: interpolation,
      isOfLabels: isOfLabels, separateAxis: separateAxis)
  }

  private init(
    of extent: Extent, to newExtent: Extent, steps: PerAxis<Double>?, convention: ResamplingConvention,
    interpolation: Interpolation?, isOfLabels: Bool, separateAxis: Axis?
  ) throws(VoxtileError) {
    let interpolation =
      interpolation ?? (isOfLabels ? convention.usualLabelInterpolation : convention.usualInterpolation)
    try Self.check(convention, interpolation, isOfLabels: isOfLabels)
    try Self.check(extent, newExtent)
    axes = extent.sizes.map { axis, length in
      AxisResampling(
        length: length, newLength: newExtent[axis], convention: convention,
        interpolation: axis == separateAxis ? .nearest : interpolation, step: steps?[axis])
    }
    self.separateAxis = separateAxis
    self.isOfLabels = isOfLabels
  }

  /// Resamples along axes that are known.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where labels would be cubic, or there would be too many voxels.
  public init(_ axes: PerAxis<AxisResampling>, isOfLabels: Bool = false) throws(VoxtileError) {
    for axis in axes.all { try Self.check(axis.convention, axis.interpolation, isOfLabels: isOfLabels) }
    try Self.check(Extent(axes.map { $1.length }), Extent(axes.map { $1.newLength }))
    self.axes = axes
    separateAxis = nil
    self.isOfLabels = isOfLabels
  }

  /// The same, where the system sees some axes from their other end.
  package func reversed(along isReversed: PerAxis<Bool>) -> Resampling {
    var result = self
    for axis in Axis.allCases where isReversed[axis] { result.axes[axis].isReversed.toggle() }
    return result
  }

  /// The affine of the resampled image: where its voxels really lie, which is not always what the other system writes.
  ///
  /// - Parameter affine: that of the image, from voxels to mm.
  public func newAffine(of affine: Affine) -> Affine {
    let first = affine.world(x: axes.x.start, y: axes.y.start, z: axes.z.start).all
    return Affine(
      rows: zip(affine.rows, first).map { row, origin in
        [row[0] * axes.x.step, row[1] * axes.y.step, row[2] * axes.z.step, origin]
      })
  }

  private static func check(
    _ convention: ResamplingConvention, _ interpolation: Interpolation, isOfLabels: Bool
  ) throws(VoxtileError) {
    guard convention.has(interpolation) else {
      throw VoxtileError(
        .invalidOption,
        "\(convention.rawValue) has no \(interpolation.rawValue) interpolation; use nearest or linear",
        context: .init(expected: "nearest or linear", found: interpolation.rawValue))
    }
    guard !isOfLabels || interpolation != .cubic else {
      throw VoxtileError(
        .invalidOption,
        "labels cannot be made with cubic interpolation, which overshoots; use nearest or linear",
        context: .init(expected: "nearest or linear", found: interpolation.rawValue))
    }
  }

  private static func check(_ extent: Extent, _ newExtent: Extent) throws(VoxtileError) {
    for (size, name) in [(extent, "the image"), (newExtent, "the resampled image")] {
      guard size.sizes.all.allSatisfy({ $0 >= 1 }) else {
        throw VoxtileError(
          .invalidOption, "\(name) would be \(size) voxels; every axis needs at least one",
          context: .init(expected: "at least 1 voxel along each axis", found: "\(size)"))
      }
    }
    // Room for 8 bytes a voxel, with what is added at the ends of lines.
    guard let count = newExtent.voxelCountIfRepresentable, count < Int.max >> 8,
      newExtent.sizes.all.allSatisfy({ $0 <= Int(Int32.max) })
    else { throw tooLarge("it would have \(newExtent) voxels", nil) }
  }

  private static func tooLarge(_ what: String, _ axis: Axis?) -> VoxtileError {
    VoxtileError(
      .invalidOption, "the image cannot be resampled: \(what); use larger voxels",
      context: .init(axis: axis, expected: "at most \(Int32.max) voxels along an axis"))
  }
}
