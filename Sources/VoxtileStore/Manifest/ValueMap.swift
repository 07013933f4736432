import Voxtile

/// What was done to the values of an image before they were written to patch files.
///
/// For each value: the real value of the image (its scaling applied) goes through the steps of its channel, in double
/// precision, and the result is stored in ``scalarType`` by the inverse of ``scaling``: rounded to the nearest (ties to even)
/// and saturated where that is an integer, NaN becoming 0 there. Padding voxels are made first and go through the same steps.
public struct ValueMap: Hashable, Sendable {
  /// One step.
  @nonexhaustive
  public enum Step: Hashable, Sendable {
    /// Values below `low` become `low`, those above `high` become `high`; NaN stays.
    case clip(low: Double, high: Double)
    /// `slope * value + intercept`, rounded after the product and after the sum, without a fused multiply-add.
    case scale(slope: Double, intercept: Double)
  }

  /// The most steps of a channel.
  public static let maxSteps = 64

  /// The type of a stored value of a patch file.
  public var scalarType: ScalarType
  /// How stored values of a patch file become real ones; `nil` where they are the same.
  public var scaling: VolumeInfo.Scaling?
  /// The steps: one list for all channels, or one for each channel.
  public var steps: [[Step]]
  /// Whether real values that are 0 stay 0, whatever the steps are. A manifest cannot say so.
  package var keepsZero = false

  /// Creates a map; one without steps converts the scalar type only.
  public init(scalarType: ScalarType, scaling: VolumeInfo.Scaling? = nil, steps: [[Step]] = [[]]) {
    self.scalarType = scalarType
    self.scaling = scaling
    self.steps = steps
  }

  /// What is wrong with the map for an image with `channels` channels, or `nil`.
  func fault(channels: Int) -> String? {
    guard steps.count == 1 || steps.count == channels else {
      return "\(steps.count) lists of steps; one, or one for each of \(channels) channels"
    }
    guard steps.allSatisfy({ $0.count <= Self.maxSteps }) else {
      return "a list of more than \(Self.maxSteps) steps"
    }
    guard steps.joined().allSatisfy(\.isUsable) else {
      return "a number that is not finite, or low above high"
    }
    guard scaling?.isUsable ?? true else { return "a scaling without a finite slope that is not 0" }
    return nil
  }
}

extension ValueMap.Step {
  func applied(to value: Double) -> Double {
    switch self {
    case .clip(let low, let high): value < low ? low : value > high ? high : value
    case .scale(let slope, let intercept): slope * value + intercept
    }
  }

  fileprivate var isUsable: Bool {
    switch self {
    case .clip(let low, let high): low.isFinite && high.isFinite && low <= high
    case .scale(let slope, let intercept): slope.isFinite && intercept.isFinite
    }
  }
}

extension VolumeInfo.Scaling {
  /// Whether stored values have real ones, and the other way around.
  var isUsable: Bool { slope.isFinite && slope != 0 && intercept.isFinite }
}
