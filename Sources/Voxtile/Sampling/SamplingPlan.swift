/// Which patches of a scan a network is trained with.
///
///     let plan = SamplingPlan(count: 64, seed: 1, cover: .init(margin: 4), balance: .classes([1: 1, 2: 2]))
///     let sampler = try PatchSampler(index, patch: Extent(96), plan: plan)
///
/// First come the patches that hold components whole, then negatives, hard places and classes in turn, each as often as the plan
/// says. The same plan gives the same patches of a scan, whatever else is sampled.
public struct SamplingPlan: Hashable, Sendable {
  /// How many patches of a scan are chosen.
  public enum Count: Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// So many.
    case exactly(Int)
    /// As many as the cover needs besides negatives and hard places; without a cover, as many as the scan could be tiled with.
    case automatic

    /// So many.
    public init(integerLiteral value: Int) { self = .exactly(value) }
  }

  /// That every component is seen: each lies whole in some patches, and one that is larger than a patch is tiled by several.
  public struct Cover: Hashable, Sendable {
    /// In how many patches each component lies whole.
    public var times: Int
    /// How many voxels around a component are in its patch too, on axes where these fit.
    public var margin: Int
    /// Smaller components need not be seen.
    public var leastVoxels: Int

    /// Creates a cover. By default each component is seen once, however small.
    public init(times: Int = 1, margin: Int = 0, leastVoxels: Int = 1) {
      self.times = times
      self.margin = margin
      self.leastVoxels = leastVoxels
    }
  }

  /// What the patches that are neither cover, nor negative, nor hard are balanced by. Each holds a voxel that was drawn.
  @nonexhaustive
  public enum Balance: Hashable, Sendable {
    /// Labels in a ratio, the background 0 among them; all that are there in equal parts where there is no ratio. Each voxel of
    /// a label is as likely as the others.
    case classes(_ ratio: [Int: Int]? = nil)
    /// Each voxel that is not background is as likely as the others.
    case voxels
    /// Each component is as likely as the others, and then each of its voxels.
    case components
  }

  /// Where the voxel that was drawn lies in its patch.
  @nonexhaustive
  public enum Placement: Hashable, Sendable {
    /// Anywhere: each place is as likely as the others.
    case anywhere
    /// In the middle, as far as the border of the scan allows.
    case center
    /// Anywhere in the middle part of the patch along each axis.
    case inner(Share)
  }

  /// How many patches there are.
  public var count: Count
  /// What patches are drawn from, beside the name of the scan.
  public var seed: UInt64
  /// Whether every component is seen; `nil` where that is left to chance.
  public var cover: Cover?
  /// What the other patches are balanced by.
  public var balance: Balance
  /// Where drawn voxels lie.
  public var placement: Placement
  /// How many of all patches have no voxel but background.
  public var negatives: Share
  /// How many of all patches are drawn by the weights of the index.
  public var hard: Share
  /// The least part of the other patches that is not background; patches of the cover are free of it.
  public var minimumForeground: Share
  /// The least part of a patch that is tissue; patches of the cover are free of it.
  public var minimumTissue: Share
  /// The largest part of a patch that may also be in another one. No two patches are the same, whatever it is.
  public var maximumOverlap: Share
  /// Whether a scan that is shorter than a patch is padded.
  public var padsSmallScans: Bool
  /// Another system whose probabilities are taken; it knows no cover and no rules of its own, and draws some patches twice.
  public var convention: SamplingConvention?

  /// Creates a plan.
  public init(
    count: Count, seed: UInt64 = 0, cover: Cover? = nil, balance: Balance = .classes(),
    placement: Placement = .anywhere, negatives: Share = .none
  ) {
    self.count = count
    self.seed = seed
    self.cover = cover
    self.balance = balance
    self.placement = placement
    self.negatives = negatives
    hard = .none
    minimumForeground = .none
    minimumTissue = .none
    maximumOverlap = .fraction(0.75)
    padsSmallScans = false
  }
}
