/// Endless random patches of a scan: the patch of a number depends on that, the seed and the name of the scan, and on nothing
/// that was drawn before, so that any worker can make any of them.
///
///     for patch in try index.randomPatches(Extent(96), seed: 1).prefix(1000) { train(scan[patch.region]) }
///
/// There is no cover, no rule about overlap, and a patch may come twice.
public struct RandomPatches: Sequence, Sendable {
  private let index: LabelIndex
  private let patch: Extent
  private let seed: UInt64
  private let nameHash: UInt64
  private let rule: RandomPatchRule

  init(_ index: LabelIndex, patch: Extent, seed: UInt64, rule: RandomPatchRule) {
    (self.index, self.patch, self.seed, self.rule) = (index, patch, seed, rule)
    nameHash = SampleRandom.hash(of: index.name)
  }

  /// The patch of a number.
  ///
  /// - Precondition: the number is not negative.
  public subscript(number: Int) -> SampledPatch {
    let (region, reason) = place(number)
    return SampledPatch(region: region, reason: reason, tries: 1, relaxed: [], in: index)
  }

  /// Where the patch of a number lies, without looking at what it holds.
  func place(_ number: Int) -> (region: Region, reason: SampledPatch.Reason) {
    precondition(number >= 0, "there is no patch \(number)")
    var random = SampleRandom(seed: seed, name: nameHash, number: UInt64(number), stream: .patch)
    let (start, reason) = rule.draw(number, extent: index.extent, &random)
    return (Region(origin: start, extent: patch), reason)
  }

  /// The patches 0, 1, 2 and so on.
  public struct Iterator: IteratorProtocol, Sendable {
    let patches: RandomPatches
    var number = 0

    /// The next patch; there always is one.
    public mutating func next() -> SampledPatch? {
      defer { number += 1 }
      return patches[number]
    }
  }

  /// Starts with patch 0.
  public func makeIterator() -> Iterator { Iterator(patches: self) }
}

extension LabelIndex {
  /// Endless random patches.
  ///
  /// - Parameters:
  ///   - patch: their size.
  ///   - seed: what they are drawn from, such as the number of the epoch.
  ///   - balance: what they hold; by default each label that is there, the background included, as often as the others.
  ///   - placement: where the voxel that was drawn lies in a patch.
  /// - Throws: `VoxtileError.Code.invalidGrid` where a patch does not fit the scan, `VoxtileError.Code.invalidOption` where
  ///   nothing that the balance asks for is there.
  public func randomPatches(
    _ patch: Extent, seed: UInt64, balance: SamplingPlan.Balance = .classes(),
    placement: SamplingPlan.Placement = .anywhere
  ) throws(VoxtileError) -> RandomPatches {
    let legal = try StartBox(of: patch, in: extent, padding: false)
    let rule = try RandomPatchRule(balance, in: self, start: .placed(placement, legal, patch))
    return RandomPatches(self, patch: patch, seed: seed, rule: rule)
  }

  /// Endless random patches with the probabilities of another system.
  ///
  /// - Parameters:
  ///   - patch: their size.
  ///   - seed: what they are drawn from.
  ///   - convention: the system.
  ///   - balance: a ratio of labels; without one, what the system does by itself. nnU-Net has no other.
  /// - Throws: as ``randomPatches(_:seed:balance:placement:)``.
  public func randomPatches(
    _ patch: Extent, seed: UInt64, following convention: SamplingConvention,
    balance: SamplingPlan.Balance = .classes()
  ) throws(VoxtileError) -> RandomPatches {
    RandomPatches(
      self, patch: patch, seed: seed,
      rule: try RandomPatchRule(convention, balance: balance, in: self, patch: patch))
  }
}
