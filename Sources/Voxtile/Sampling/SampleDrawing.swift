/// Chooses the patches of one scan, one after another.
struct SampleDrawing {
  let index: LabelIndex
  let patch: Extent
  let plan: SamplingPlan
  /// Where patches may start.
  let legal: StartBox
  private let nameHash: UInt64
  private(set) var chosen: ChosenStarts
  private(set) var patches: [SampledPatch] = []
  /// How many patches were drawn for the one that is being chosen.
  private var tries = 0

  /// How many patches are drawn before a rule is relaxed.
  private static let triesPerRule = 64

  init(_ index: LabelIndex, patch: Extent, plan: SamplingPlan) throws(VoxtileError) {
    (self.index, self.patch, self.plan) = (index, patch, plan)
    legal = try StartBox(of: patch, in: index.extent, padding: plan.padsSmallScans)
    if case .exactly(let count) = plan.count, count > legal.count {
      throw .tooFewStarts(legal.count, asked: count, in: index.extent)
    }
    nameHash = SampleRandom.hash(of: index.name)
    chosen = ChosenStarts(patch: patch)
  }

  /// Chooses patches until every component is seen.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where a component cannot lie in as many patches.
  mutating func addCover(_ cover: SamplingPlan.Cover) throws(VoxtileError) {
    for need in index.needs(of: cover, patch: patch, legal: legal) {
      // No component has 2^20 tiles: there are not as many patches.
      var random = random(UInt64(need.component) << 20 | UInt64(need.tile ?? 0), .cover)
      try add(need, in: need.starts, upTo: min(need.times, need.starts.count), &random)
      // Near a corner there may be too few places with the margin; those without it make up for them.
      try add(need, in: need.startsWithoutMargin, upTo: need.times, &random)
    }
  }

  /// Chooses patches that start in a box until there are enough.
  private mutating func add(
    _ need: CoverNeed, in box: StartBox, upTo times: Int, _ random: inout SampleRandom
  ) throws(VoxtileError) {
    while chosen.starts(in: box).count < times {
      guard patches.count < SamplingPlan.maxCount else { throw .tooManySamples(patches.count + 1) }
      tries = 0
      var start: Position?
      repeat {
        start = box.draw(without: chosen.starts(in: box), &random)
        tries += 1
      } while tries < Self.triesPerRule
        && start.map { chosen.overlap($0, byMoreThan: plan.maximumOverlap) } ?? false
      guard let start else {
        throw .tooFewPlaces(
          box.count, of: index.components[need.component], number: need.component, asked: need.times)
      }
      let lacksMargin: [SampledPatch.Relaxation] = holdsMargin(of: need, at: start) ? [] : [.margin]
      take(
        start, .cover(component: need.component), relaxed: broken([.overlap], at: start) + lacksMargin)
    }
  }

  /// Whether a patch holds the margin around a component, as far as it lies in the scan. Tiles need none.
  private func holdsMargin(of need: CoverNeed, at start: Position) -> Bool {
    guard need.tile == nil, let margin = plan.cover?.margin else { return true }
    let (box, region) = (index.components[need.component].region, region(at: start))
    return Axis.allCases.allSatisfy { axis in
      // A margin of more than the scan adds nothing, and could overflow.
      let margin = min(margin, index.extent[axis])
      let wanted =
        max(0, box[axis].lowerBound - margin)..<min(index.extent[axis], box[axis].upperBound + margin)
      return wanted.clamped(to: region[axis]) == wanted
    }
  }

  /// Chooses the patches after the cover: negatives, hard places, and what the balance says.
  ///
  /// - Parameter count: how many there are then, those of the cover included.
  mutating func addRest(upTo count: Int) throws(VoxtileError) {
    var source = try BalanceSource(plan.balance, in: index)
    let hasForeground = index.classes[0].voxelCount < index.extent.voxelCount
    let hasWeights = (index.weights?.total ?? 0) > 0
    var (negatives, hard) = (0, 0)
    let first = patches.count
    guard count <= legal.count else { throw .tooFewStarts(legal.count, asked: count, in: index.extent) }
    while patches.count < count {
      var random = random(UInt64(patches.count - first), .patch)
      let total = patches.count + 1
      tries = 0
      var failed: [SampledPatch.Relaxation] = []
      if !hasForeground || negatives < plan.negatives.rounded(of: total) {
        negatives += 1
        if addNegative(&random) { continue }
        failed = [.negative]
      } else if hasWeights, hard < plan.hard.rounded(of: total) {
        hard += 1
        if addHard(&random) { continue }
        failed = [.reason]
      }
      add(source.nextTurn(), &random, failed: failed)
    }
  }

  private mutating func addNegative(_ random: inout SampleRandom) -> Bool {
    attempt([.overlap, .tissue], &random) { drawing, random in
      let start = drawing.legal.draw(&random)
      let isNegative = !drawing.index.hasForeground(atLeast: 1, in: drawing.region(at: start))
      return isNegative ? (start, .negative) : nil
    }
  }

  private mutating func addHard(_ random: inout SampleRandom) -> Bool {
    attempt([.overlap, .tissue], &random) { drawing, random in
      guard let weights = drawing.index.weights else { return nil }
      let voxel = weights[random.bounded(weights.total)]
      return (drawing.start(holding: voxel, &random), .hard(voxel: voxel))
    }
  }

  private mutating func add(
    _ turn: BalanceSource.Turn, _ random: inout SampleRandom, failed: [SampledPatch.Relaxation]
  ) {
    let isTaken = attempt([.overlap, .tissue, .foreground], &random, failed: failed) { drawing, random in
      guard let (voxel, reason) = turn.draw(from: drawing.index, &random) else { return nil }
      return (drawing.start(holding: voxel, &random), reason)
    }
    if isTaken { return }
    // Every place that is asked for is taken, so any other place that is left is drawn.
    guard let start = legal.draw(without: chosen.all, &random) else { return }
    tries += 1
    let relaxed = Set(failed + [.reason] + broken([.overlap, .tissue, .foreground], at: start))
    take(start, .anywhere, relaxed: SampledPatch.Relaxation.allCases.filter(relaxed.contains))
  }

  /// Draws patches until one keeps the rules; each time that many do not, the next rule need not be kept.
  private mutating func attempt(
    _ rules: [SampledPatch.Relaxation], _ random: inout SampleRandom, failed: [SampledPatch.Relaxation] = [],
    draw: (SampleDrawing, inout SampleRandom) -> (start: Position, reason: SampledPatch.Reason)?
  ) -> Bool {
    let rules = rules.filter(counts)
    for attempt in 0..<Self.triesPerRule * (rules.count + 1) {
      tries += 1
      guard let (start, reason) = draw(self, &random), !chosen.contains(start) else { continue }
      let relaxedCount = attempt / Self.triesPerRule
      guard broken(Array(rules[relaxedCount...]), at: start).isEmpty else { continue }
      let relaxed = Set(failed + broken(rules, at: start))
      take(start, reason, relaxed: SampledPatch.Relaxation.allCases.filter(relaxed.contains))
      return true
    }
    return false
  }

  /// Whether the plan has a rule at all.
  private func counts(_ rule: SampledPatch.Relaxation) -> Bool {
    switch rule {
    case .overlap: plan.maximumOverlap < .all
    case .tissue: plan.minimumTissue > .none && index.tissue != nil
    case .foreground: plan.minimumForeground > .none
    case .negative, .reason, .margin: false
    }
  }

  /// Those of some rules that a patch would not keep.
  private func broken(_ rules: [SampledPatch.Relaxation], at start: Position) -> [SampledPatch.Relaxation] {
    let region = region(at: start)
    return rules.filter { rule in
      guard counts(rule) else { return false }
      switch rule {
      case .overlap: return chosen.overlap(start, byMoreThan: plan.maximumOverlap)
      case .tissue:
        return index.tissue?.hasAtLeast(plan.minimumTissue.least(of: patch.voxelCount), in: region) == false
      case .foreground:
        return !index.hasForeground(atLeast: plan.minimumForeground.least(of: patch.voxelCount), in: region)
      case .negative, .reason, .margin: return false
      }
    }
  }

  private mutating func take(
    _ start: Position, _ reason: SampledPatch.Reason, relaxed: [SampledPatch.Relaxation]
  ) {
    chosen.insert(start)
    patches.append(
      SampledPatch(region: region(at: start), reason: reason, tries: tries, relaxed: relaxed, in: index))
  }

  private func start(holding voxel: Position, _ random: inout SampleRandom) -> Position {
    plan.placement.starts(holding: voxel, patch: patch, among: legal).draw(&random)
  }

  private func region(at start: Position) -> Region { Region(origin: start, extent: patch) }

  private func random(_ number: UInt64, _ stream: SampleRandom.Stream) -> SampleRandom {
    SampleRandom(seed: plan.seed, name: nameHash, number: number, stream: stream)
  }
}

extension SampledPatch {
  /// A patch with what it holds.
  init(region: Region, reason: Reason, tries: Int, relaxed: [Relaxation], in index: LabelIndex) {
    self.init(
      region: region, reason: reason, classVoxels: index.voxelCounts(in: region),
      tissueVoxels: index.tissue?.count(in: region), tries: tries, relaxed: relaxed)
  }
}
