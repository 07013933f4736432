/// How the patches that hold a voxel become one value.
///
/// | blend | value | for |
/// |---|---|---|
/// | ``average`` | the mean | reading back what was cut; the tutorial's merge |
/// | ``gaussian``, ``hann``, ``triangular`` | the mean, weighted toward the center of a patch | predictions that are poorer at patch borders |
/// | ``center`` | the value of the patch whose center is nearest | no averaging at all |
/// | ``last`` | the value of the patch with the highest index | tools that overwrite |
/// | ``maximum`` | the largest value | detections |
/// | ``vote`` | the label with the most votes; those from the middle of a patch count more | label maps |
/// | ``plainVote`` | the label that most patches have, the lowest one of equals | label maps, as in version 0.1 |
///
/// With two patches over a voxel, every disagreement is a tie of plain votes. ``vote`` then follows the patch in which the
/// voxel lies farther from a cut; the lowest label would shrink all other structures.
///
/// A mean of labels is another label altogether (the mean of 1 and 3 is 2): merge label maps with
/// ``vote``, or ``center``.
@nonexhaustive
public enum Blend: Sendable {
  /// The mean, weighted by a profile.
  case mean(BlendProfile)
  /// The label with the largest sum of weights.
  ///
  /// Of labels with equal sums, the one of the patch whose center is nearest to the voxel wins; of equally near patches
  /// the one with the lowest index. With ``BlendProfile/uniform``, the lowest label wins.
  case majority(BlendProfile)
  /// The value of the patch whose center is nearest along each axis; the earlier one of equals.
  case center
  /// The value of the patch that comes last along each axis, which in either ``PatchOrder`` is the one with the highest
  /// number.
  case last
  /// The largest value; NaN where one is NaN.
  case maximum

  /// The mean of all patches that hold a voxel.
  public static let average = Blend.mean(.uniform)
  /// The mean, weighted by a Gaussian of an eighth of the patch.
  public static let gaussian = Blend.mean(.gaussian())
  /// The mean, weighted by a Hann window.
  public static let hann = Blend.mean(.hann)
  /// The mean, weighted by a triangle.
  public static let triangular = Blend.mean(.triangular)
  /// A majority vote in which a patch counts more in its middle: by ``BlendProfile/faceDistance``.
  public static let vote = Blend.majority(.faceDistance)
  /// A majority vote in which every patch has one vote; the lowest label of equals wins.
  public static let plainVote = Blend.majority(.uniform)

  /// The mean, weighted by a Gaussian.
  ///
  /// - Parameter sigma: the standard deviation as a part of the patch, more than 0.
  public static func gaussian(sigma: Double) -> Blend { .mean(.gaussian(sigma: sigma)) }

  /// Every blend that has a name, in the order in which people are shown them.
  public static let all: [Blend] =
    BlendProfile.all.map(Blend.mean) + [.center, .last, .maximum, .vote]
    + BlendProfile.all.map(Blend.majority)

  /// The blend of a name, or `nil` where there is none.
  public init?(name: String) {
    guard let blend = Self.all.first(where: { $0.name == name }) else { return nil }
    self = blend
  }

  /// The name on the command line; a mean by a profile of the caller's has the profile's name.
  public var name: String {
    switch self {
    case .mean(let profile): profile.isUniform ? "average" : profile.name
    case .majority(let profile) where profile.isFaceDistance: "vote"
    case .majority(let profile): "vote:\(profile.isUniform ? "plain" : profile.name)"
    case .center: "center"
    case .last: "last"
    case .maximum: "maximum"
    }
  }

  /// Whether the value of a voxel is a mean of its patches' values, and so perhaps one that none of them has.
  public var isMean: Bool {
    if case .mean = self { true } else { false }
  }

  /// Whether values are labels, which are counted and never averaged.
  public var isVote: Bool {
    if case .majority = self { true } else { false }
  }

  /// Whether each patch has a weight in the value of a voxel that does not depend on the values, as ``PatchWeights`` needs.
  public var hasWeights: Bool { isMean || isChoice }

  /// Whether each voxel is taken from one patch, whatever the values.
  var isChoice: Bool {
    switch self {
    case .center, .last: true
    case .mean, .majority, .maximum: false
    }
  }

  /// The profile of a blend that weighs its patches.
  var profile: BlendProfile? {
    switch self {
    case .mean(let profile), .majority(let profile): profile
    case .center, .last, .maximum: nil
    }
  }
}

extension Blend: CustomStringConvertible {
  /// The ``name``.
  public var description: String { name }
}
