/// The patches of a scan that a plan chooses, in a fixed order.
///
///     let sampler = try PatchSampler(index, patch: Extent(96), plan: plan)
///     for patch in sampler { let x = scan[patch.region]; let y = labels[patch.region] }
///     sampler.uncovered   // places of components that no patches hold; empty where the plan covers all
public struct PatchSampler: Sendable {
  /// What was chosen from.
  public let index: LabelIndex
  /// The size of a patch.
  public let patch: Extent
  /// What was asked for.
  public let plan: SamplingPlan
  /// How many of the patches, the first ones, are there for the cover.
  public let coverCount: Int
  private let patches: [SampledPatch]

  /// Chooses all patches.
  ///
  /// - Throws: `VoxtileError.Code.invalidGrid` where a patch does not fit the scan, `VoxtileError.Code.invalidOption` where
  ///   the plan contradicts itself, the cover needs more patches than it allows (the message says how many), or there are
  ///   not as many different patches; `VoxtileError.Code.malformedFile` where a scan has neither labels nor tissue.
  /// - Complexity: O(patches · rows of a patch), and more where rules turn many down.
  public init(_ index: LabelIndex, patch: Extent, plan: SamplingPlan) throws(VoxtileError) {
    (self.index, self.patch, self.plan) = (index, patch, plan)
    try plan.check()
    if let convention = plan.convention {
      let count = plan.count(covering: 0, patch: patch, extent: index.extent)
      let draws = try index.randomPatches(
        patch, seed: plan.seed, following: convention, balance: plan.balance)
      patches = (0..<count).map { draws[$0] }
      coverCount = 0
      return
    }
    guard !index.isEmpty(for: plan) else {
      throw VoxtileError(
        .malformedFile,
        "has neither labels nor tissue, so that there is nothing to choose patches by; leave it out")
    }
    var drawing = try SampleDrawing(index, patch: patch, plan: plan)
    if let cover = plan.cover { try drawing.addCover(cover) }
    coverCount = drawing.patches.count
    let count = plan.count(covering: coverCount, patch: patch, extent: index.extent)
    guard coverCount <= count else {
      throw .coverNeedsMore(coverCount, allowed: count, components: index.components.count)
    }
    guard count <= SamplingPlan.maxCount else { throw .tooManySamples(count) }
    try drawing.addRest(upTo: count)
    patches = drawing.patches
  }
}

extension PatchSampler: RandomAccessCollection {
  /// The place of the first patch.
  public var startIndex: Int { 0 }
  /// The number of patches.
  public var endIndex: Int { patches.count }
  /// The patch at a place.
  public subscript(place: Int) -> SampledPatch { patches[place] }
}

extension PatchSampler {
  /// For each component how many patches hold it whole.
  ///
  /// - Complexity: O(components · patches near one).
  public var holdersOfComponents: [Int] {
    Self.holders(of: index.components.map(\.region), startingAt: patches.map(\.region.origin), patch: patch)
  }

  /// For each of some boxes how many patches hold it whole.
  ///
  /// - Complexity: O(boxes · patches near one).
  package static func holders(of boxes: [Region], startingAt starts: [Position], patch: Extent) -> [Int] {
    var chosen = ChosenStarts(patch: patch)
    for start in starts { chosen.insert(start) }
    return boxes.map { box in
      let whole = patch.sizes.map { axis, length in
        box[axis].upperBound - length..<Swift.max(box[axis].upperBound - length, box[axis].lowerBound + 1)
      }
      return chosen.starts(in: StartBox(whole)).count
    }
  }

  /// The components that no patch holds whole, and that have a voxel which is in no patch; all that the cover may leave out
  /// included.
  ///
  /// - Complexity: O(components · patches near one), and more for those that are not whole.
  public var uncovered: [Int] {
    zip(index.components.indices, holdersOfComponents).compactMap { place, holders in
      holders == 0 && !isTiled(place) ? place : nil
    }
  }

  /// The labels that the balance asks for and that are not there; their share went to the others.
  public var absentLabels: [Int] {
    guard case .classes(let ratio?) = plan.balance else { return [] }
    let present = Set(index.classes.filter { $0.voxelCount > 0 }.map(\.value))
    return ratio.filter { $0.value > 0 && !present.contains($0.key) }.keys.sorted()
  }

  /// Whether each voxel of a component is in a patch.
  private func isTiled(_ component: Int) -> Bool {
    let box = index.components[component].region
    let near = patches.map(\.region).filter { region in
      Axis.allCases.allSatisfy { region[$0].overlaps(box[$0]) }
    }
    for z in box.z {
      for y in box.y {
        let columns = near.filter { $0.z.contains(z) && $0.y.contains(y) }.map(\.x)
          .sorted { $0.lowerBound < $1.lowerBound }
        var isCovered = true
        index.components.runs?.forEach(inRow: z * index.extent.height + y) { run, number in
          guard Int(number) == component + 1, isCovered else { return }
          var end = run.x.lowerBound
          for range in columns where range.lowerBound <= end { end = Swift.max(end, range.upperBound) }
          isCovered = end >= run.x.upperBound
        }
        if !isCovered { return false }
      }
    }
    return true
  }
}

extension LabelIndex {
  /// Whether a plan that asks for tissue finds neither that nor labels.
  fileprivate func isEmpty(for plan: SamplingPlan) -> Bool {
    guard classes[0].voxelCount == extent.voxelCount, plan.minimumTissue > .none, let tissue else {
      return false
    }
    return !tissue.hasAtLeast(1, in: Region(extent))
  }
}
