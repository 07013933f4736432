/// How one axis of an image is resampled: from how many voxels to how many, and where each new one lies among the old ones.
///
///     let axis = AxisResampling(length: 8, newLength: 5, convention: .nnunet, interpolation: .linear)
///     axis.position(of: 0)          // 0.3: between voxel 0 and voxel 1
///     axis.inputs(for: 0..<2)       // 0..<3
///
/// Every position is computed from the whole axis, never by stepping on from another one, so that the result does not depend
/// on how an image is divided into pieces.
public struct AxisResampling: Hashable, Sendable {
  /// Voxels before.
  public let length: Int
  /// Voxels after.
  public let newLength: Int
  /// Whose rules hold for rounding and for what is beyond the border.
  public let convention: ResamplingConvention
  /// How values between voxels are made.
  public let interpolation: Interpolation
  /// Where new voxels lie.
  package let places: Places
  /// Whether the system sees the axis from its other end, which decides where two voxels are as near.
  package var isReversed = false

  /// Where new voxels lie among the old ones.
  package enum Places: Hashable, Sendable {
    /// The outer faces of the first and of the last voxel stay.
    case faces
    /// The same in single precision.
    case singleFaces
    /// The centers of the first and of the last voxel stay.
    case ends
    /// The center of the axis stays; the new size of a voxel in old ones.
    case center(step: Double)
    /// The first new voxel, and from one to the next, in old voxels.
    case steps(from: Double, step: Double)
  }

  /// Resamples to a number of voxels.
  ///
  /// - Parameters:
  ///   - length: voxels before, at least 1.
  ///   - newLength: voxels after, at least 1.
  ///   - convention: the system whose rules hold.
  ///   - interpolation: one that the system has.
  ///   - step: the new size of a voxel divided by the old one, for systems that keep it exactly; `nil` where only the numbers
  ///     of voxels are known.
  public init(
    length: Int, newLength: Int, convention: ResamplingConvention, interpolation: Interpolation,
    step: Double? = nil
  ) {
    self.init(
      length: length, newLength: newLength, convention: convention, interpolation: interpolation, step: step,
      isReversed: false)
  }

  package init(
    length: Int, newLength: Int, convention: ResamplingConvention, interpolation: Interpolation,
    step: Double? = nil, isReversed: Bool
  ) {
    let places: Places =
      switch convention {
      case .nnunet: .faces
      case .nnunetTorch: .singleFaces
      case .totalsegmentator: .ends
      case .monai: .steps(from: 0, step: step ?? Double(length) / Double(newLength))
      case .torchio: .center(step: step ?? Double(length) / Double(newLength))
      }
    self.init(
      length: length, newLength: newLength, convention: convention, interpolation: interpolation,
      places: places)
    self.isReversed = isReversed
  }

  /// Resamples to voxels that lie anywhere.
  ///
  /// - Parameters:
  ///   - length: voxels before, at least 1.
  ///   - newLength: voxels after, at least 1.
  ///   - start: where the first new voxel lies, in old voxels.
  ///   - step: from one new voxel to the next, in old voxels; not 0.
  ///   - convention: the system whose rules hold for rounding and beyond the border.
  ///   - interpolation: one that the system has.
  public init(
    length: Int, newLength: Int, start: Double, step: Double, convention: ResamplingConvention,
    interpolation: Interpolation
  ) {
    self.init(
      length: length, newLength: newLength, convention: convention, interpolation: interpolation,
      places: .steps(from: start, step: step))
  }

  package init(
    length: Int, newLength: Int, convention: ResamplingConvention, interpolation: Interpolation,
    places: Places
  ) {
    precondition(
      length >= 1 && newLength >= 1, "an axis of \(length) voxels cannot become one of \(newLength)")
    precondition(convention.has(interpolation), "\(convention.rawValue) has no \(interpolation.rawValue)")
    self.length = length
    self.newLength = newLength
    self.convention = convention
    self.interpolation = interpolation
    self.places = places
  }

  /// From one new voxel to the next, in old voxels.
  public var step: Double {
    switch places {
    case .faces, .singleFaces: Double(length) / Double(newLength)
    // One voxel stands for the whole axis.
    case .ends:
      newLength > 1 && length > 1
        ? Double(length - 1) / Double(newLength - 1) : Double(length) / Double(newLength)
    case .center(let step), .steps(_, let step): step
    }
  }

  /// Where the first new voxel lies, in old voxels.
  public var start: Double { position(of: 0) }

  /// Where a new voxel lies, in old voxels: 0 is the center of the first one. It may lie outside of the image.
  public func position(of index: Int) -> Double {
    if isReversed { return Double(length - 1) - fromOtherEnd.position(of: newLength - 1 - index) }
    let number = Double(index)
    switch places {
    case .faces: return Double(length) / Double(newLength) * (number + 0.5) - 0.5
    // PyTorch multiplies and subtracts with one rounding.
    case .singleFaces:
      return Double(Float(-0.5).addingProduct(Float(length) / Float(newLength), Float(index) + 0.5))
    case .ends: return newLength > 1 ? number * (Double(length - 1) / Double(newLength - 1)) : 0
    case .center(let step): return (number - Double(newLength - 1) / 2) * step + Double(length - 1) / 2
    case .steps(let start, let step): return start + number * step
    }
  }

  /// The axis as the system sees it, where that is from its other end.
  var fromOtherEnd: AxisResampling {
    var axis = self
    axis.isReversed.toggle()
    return axis
  }

  /// Whether each new voxel is an old one, at the same place.
  public var isIdentity: Bool {
    length == newLength && position(of: 0) == 0 && position(of: length - 1) == Double(length - 1)
  }

  /// The old voxels from which new ones are made.
  ///
  /// A cubic spline goes through all voxels of a line, but those further away than ``splineReach`` change no bit of a `Float`:
  /// they are left out.
  ///
  /// - Parameter outputs: new voxels; not empty.
  public func inputs(for outputs: Range<Int>) -> Range<Int> {
    let taps = AxisTaps(self)
    let reach = taps.spline == nil ? 0 : Self.splineReach
    let padding = taps.spline?.padding ?? 0
    let needed = outputs.map { taps.needed(by: $0) }
    let first = (needed.map(\.lowerBound).min() ?? 0) - padding - reach
    let last = (needed.map(\.upperBound).max() ?? 0) - padding + reach
    func clamped(_ index: Int) -> Int { min(max(index, 0), length - 1) }
    return clamped(first)..<clamped(last) + 1
  }

  /// How many voxels ahead a line is known before its coefficients are: then all that is unknown counts less than 2e-14.
  public static let splineReach = 24
}
