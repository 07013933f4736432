/// What happens where the grid does not fit the image along one axis.
///
/// For an axis of 10 voxels, patches of 4 and an overlap of 1 (stride 3) the grid fits by luck; for
/// 11 voxels it does not:
///
///     shift      0...3  3...6  6...9  7...10      the last patch moves inward
///     balance    0...3  2...5  5...8  7...10      all patches are spread evenly
///     pad        0...3  3...6  6...9  9...12      the last two voxels are made up
///     partial    0...3  3...6  6...9  9...10      the last patch is smaller
///     discard    0...3  3...6  6...9              voxel 10 is lost
@nonexhaustive
public enum EdgePolicy: Hashable, Sendable {
  /// The last patch moves inward until it fits, and overlaps its neighbor more. Nothing is lost;
  /// the default.
  case shift
  /// Patches that do not fit are left out, and the voxels after the last one are lost.
  case discard
  /// As many patches as `shift` needs, spread evenly: each overlap is at least the one asked for.
  case balance
  /// The grid runs over the border; ``Padding`` says what the missing voxels are.
  case pad(PaddedSides)
  /// The last patch is as small as what remains.
  case partial

  /// The side on which a padded grid runs over the image.
  public enum PaddedSides: String, Hashable, Sendable {
    /// Only after the last voxel.
    case end
    /// Half before the first voxel, the rest (and an odd voxel) after the last.
    case both
  }
}

extension EdgePolicy: LosslessStringConvertible, CaseIterable {
  /// Every policy.
  public static let allCases: [EdgePolicy] = [
    .shift, .discard, .balance, .pad(.end), .pad(.both), .partial,
  ]

  /// The name on the command line and in the manifest.
  public var description: String {
    switch self {
    case .shift: "shift"
    case .discard: "discard"
    case .balance: "balance"
    case .pad(.end): "pad"
    case .pad(.both): "pad-both"
    case .partial: "partial"
    }
  }

  /// The policy of that name, or `nil`.
  public init?(_ description: String) {
    guard let policy = Self.allCases.first(where: { $0.description == description }) else {
      return nil
    }
    self = policy
  }
}
