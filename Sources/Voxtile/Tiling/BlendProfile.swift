#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How much a voxel of a patch counts, by its place along one axis.
///
/// The weight of a voxel is the product of the three weights along its axes. Only ratios matter: the
/// merged value is divided by the sum of the weights. For a patch of `p` voxels, `i = 0 ..< p`:
///
/// | profile | weight | source |
/// |---|---|---|
/// | ``uniform`` | 1 | the tutorial |
/// | ``gaussian(sigma:)`` | `exp(-(i - (p-1)/2)^2 / (2 (sigma p)^2))`, at least 1e-12 | as MONAI's, without its floor of 1e-3 on the product |
/// | ``hann`` | `sin^2(pi (i+1) / (p+1))` | TorchIO: a Hann window without its zero ends |
/// | ``triangular`` | `min(i+1, p-i)` | scipy's `triang`, up to a factor |
/// | ``faceDistance`` | as ``triangular``, but faces on the border of the image do not count | votes |
public struct BlendProfile: Sendable {
  /// What the profile is called in messages and manifests.
  public let name: String
  private let rule: Rule

  /// Where the weights come from.
  private enum Rule: Sendable {
    /// All weights are 1.
    case uniform
    /// The length of the patch decides.
    case length(@Sendable (_ length: Int, _ axis: Axis) -> [Double])
    /// The distance to those faces of the patch that lie inside the image.
    case faceDistance
  }

  /// Whether all weights are known to be 1.
  var isUniform: Bool {
    if case .uniform = rule { true } else { false }
  }

  /// Whether this is ``faceDistance``.
  var isFaceDistance: Bool {
    if case .faceDistance = rule { true } else { false }
  }

  /// Creates a profile of the caller's own.
  ///
  ///     let ramp = BlendProfile("ramp") { length, _ in (1...length).map(Double.init) }
  ///
  /// - Parameters:
  ///   - name: what the profile is called in messages.
  ///   - weights: the weights of a patch of `length` voxels along an axis: `length` numbers, finite and at
  ///     least 0. A voxel may weigh 0 where another patch covers it with more.
  public init(
    _ name: String, weights: @escaping @Sendable (_ length: Int, _ axis: Axis) -> [Double]
  ) {
    self.init(name, rule: .length(weights))
  }

  private init(_ name: String, rule: Rule) {
    self.name = name
    self.rule = rule
  }

  /// Every voxel counts the same.
  public static let uniform = BlendProfile("uniform", rule: .uniform)

  /// A Gaussian around the center of the patch.
  ///
  /// - Parameter sigma: the standard deviation as a part of the patch, more than 0. The field's custom is
  ///   1/8, which weighs the middle of a face 3e-4 times the center.
  public static func gaussian(sigma: Double = 0.125) -> BlendProfile {
    precondition(sigma > 0 && sigma.isFinite, "sigma is \(sigma), not above 0 and finite")
    return BlendProfile("gaussian") { length, _ in
      let center = Double(length - 1) / 2
      let deviation = sigma * Double(length)
      return (0..<length).map { index in
        let distance = (Double(index) - center) / deviation
        return max(exp(-distance * distance / 2), 1e-12)
      }
    }
  }

  /// A raised cosine that is nearly 0 at the border.
  public static let hann = BlendProfile("hann") { length, _ in
    (0..<length).map { index in
      let sine = sin(Double.pi * Double(index + 1) / Double(length + 1))
      return sine * sine
    }
  }

  /// A straight ramp up to the center and down again.
  public static let triangular = BlendProfile("triangular") { length, _ in
    (0..<length).map { index in Double(min(index + 1, length - index)) }
  }

  /// The distance to the nearest face of the patch that lies inside the image, in voxels: 1 beside the face.
  ///
  /// A face on the border of the image does not count, since nothing was cut off there. A patch that spans the image weighs
  /// 1. All weights are whole numbers, so sums of them are exact in any order.
  public static let faceDistance = BlendProfile("faceDistance", rule: .faceDistance)

  /// Every profile that has a name on the command line. A new one is added here.
  public static let all: [BlendProfile] = [.uniform, .gaussian(), .hann, .triangular]

  /// The weights of a patch along one axis.
  ///
  /// - Parameters:
  ///   - span: the length of the patch, and which of its two faces lie inside the image.
  ///   - axis: the axis.
  /// - Throws: ``VoxtileError/Code-swift.struct/invalidOption`` where a profile of the caller's gives another number of
  ///   weights, or one that is negative or not finite.
  func weights(of span: PatchSpan, axis: Axis) throws(VoxtileError) -> [Double] {
    switch rule {
    case .uniform: [Double](repeating: 1, count: span.length)
    case .faceDistance: span.faceDistances
    case .length(let weights): try checked(weights(span.length, axis), length: span.length, axis: axis)
    }
  }

  private func checked(_ weights: [Double], length: Int, axis: Axis) throws(VoxtileError) -> [Double] {
    guard weights.count == length else {
      throw VoxtileError(
        .invalidOption,
        "blend profile '\(name)' gave \(weights.count) weights for a patch of \(length) along \(axis)",
        context: .init(axis: axis, expected: "\(length)", found: "\(weights.count)"))
    }
    guard let wrong = weights.first(where: { !($0 >= 0 && $0.isFinite) }) else { return weights }
    throw VoxtileError(
      .invalidOption,
      "blend profile '\(name)' gave the weight \(wrong) along \(axis); weights are finite and at least 0",
      context: .init(axis: axis, expected: ">= 0", found: "\(wrong)"))
  }
}

/// What the weights of a patch along one axis depend on.
struct PatchSpan: Hashable {
  /// The number of voxels.
  let length: Int
  /// Whether the face at the first voxel lies inside the image, not on its border or beyond.
  let hasInnerStart: Bool
  /// Whether the face at the last voxel does.
  let hasInnerEnd: Bool

  /// The span of a patch along an axis.
  init(of patch: Int, in tiling: AxisTiling) {
    let range = tiling.range(at: patch)
    length = range.count
    hasInnerStart = range.lowerBound > 0
    hasInnerEnd = range.upperBound < tiling.length
  }

  /// For each voxel, the distance to the nearest face that lies inside the image; 1 where there is none.
  var faceDistances: [Double] {
    (0..<length).map { index in
      let distances = [hasInnerStart ? index + 1 : nil, hasInnerEnd ? length - index : nil]
      return Double(distances.compactMap(\.self).min() ?? 1)
    }
  }
}
