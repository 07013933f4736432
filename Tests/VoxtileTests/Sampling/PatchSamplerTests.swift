import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("Patch sampler") struct PatchSamplerTests {
  @Test(
    "patches lie in the scan, hold what they say, differ, and keep each rule that they do not say they break")
  func rules() throws {
    for var random in SplitMix64.cases(40, from: 900) {
      let example = try SamplingCase(using: &random)
      let index = try example.index()
      let sampler: PatchSampler
      do {
        sampler = try PatchSampler(index, patch: example.patch, plan: example.plan)
      } catch {
        #expect("\(error)".contains("different patches"), "\(random) \(error)")
        continue
      }
      for (number, patch) in sampler.enumerated() {
        #expect(
          patch.region.isInside(index.extent) && patch.region.extent == example.patch, "\(example.seed)")
        let voxels = index.extent.positions.filter(patch.region.contains)
        let counts = index.classes.map { label in
          voxels.count { Int(example.labels[x: $0.x, y: $0.y, z: $0.z]) == label.value }
        }
        #expect(patch.classVoxels == counts, "\(example.seed)")
        let tissue = voxels.count { example.scan[x: $0.x, y: $0.y, z: $0.z] > 128 }
        #expect(patch.tissueVoxels == tissue, "\(example.seed)")
        #expect(!sampler[..<number].contains { $0.region == patch.region }, "\(example.seed)")
        let overlaps = sampler[..<number].map { sharedPart($0.region, patch.region) }
        let plan = example.plan
        func broken(_ relaxation: SampledPatch.Relaxation, _ isBroken: Bool) {
          #expect(isBroken == patch.relaxed.contains(relaxation), "\(relaxation) \(patch), \(example.seed)")
        }
        let most = Double(plan.maximumOverlap.millionths) / 1e6
        broken(.overlap, (overlaps.max() ?? 0) > most + 1e-9)
        guard number >= sampler.coverCount else { continue }
        let share = { (count: Int) in Double(count) / Double(voxels.count) }
        broken(.tissue, share(tissue) < Double(plan.minimumTissue.millionths) / 1e6)
        let foreground = counts.dropFirst().reduce(0, +)
        if patch.reason != .negative {
          broken(.foreground, share(foreground) < Double(plan.minimumForeground.millionths) / 1e6)
        }
        checkReason(of: patch, in: example, index: index)
      }
    }
  }

  @Test("more patches than a scan has are refused before any is drawn, and another system needs a number")
  func impossibleCounts() throws {
    var labels = Volume<UInt8>(extent: Extent(40))
    labels[x: 3, y: 3, z: 3] = 1
    let index = try LabelIndex(of: VolumeInMemory(labels))
    #expect {
      _ = try PatchSampler(index, patch: Extent(8), plan: SamplingPlan(count: 40_000))
    } throws: { "\($0)".contains("has 35937 different patches of this size, but 40000 were asked for") }
    var plan = SamplingPlan(count: .automatic)
    plan.convention = .monai
    #expect { _ = try PatchSampler(index, patch: Extent(8), plan: plan) } throws: {
      "\($0)".contains("need a number of patches")
    }
  }

  private func checkReason(of patch: SampledPatch, in example: SamplingCase, index: LabelIndex) {
    func label(_ voxel: Position) -> Int {
      patch.region.contains(voxel) ? Int(example.labels[x: voxel.x, y: voxel.y, z: voxel.z]) : -1
    }
    switch patch.reason {
    case .label(let value, let voxel): #expect(label(voxel) == value, "\(example.seed)")
    case .foreground(let voxel): #expect(label(voxel) > 0, "\(example.seed)")
    case .component(let number, let voxel):
      #expect(label(voxel) == index.components[number].value, "\(example.seed)")
      #expect(index.components[number].region.contains(voxel), "\(example.seed)")
    case .negative: #expect(patch.classVoxels.dropFirst().allSatisfy { $0 == 0 }, "\(example.seed)")
    case .anywhere: #expect(patch.relaxed.contains(.reason), "\(example.seed)")
    default: Issue.record("\(patch.reason) is no reason here, \(example.seed)")
    }
  }

  @Test("a patch does not depend on how many there are, nor on how the labels come in")
  func prefix() throws {
    for var random in SplitMix64.cases(16, from: 940) {
      var example = try SamplingCase(using: &random)
      let index = try example.index()
      guard let all = try? PatchSampler(index, patch: example.patch, plan: example.plan) else { continue }
      let more = min(all.coverCount + 25, StartCount.of(example) / 2)
      guard more > all.coverCount else { continue }
      example.plan.count = .exactly(more)
      guard let larger = try? PatchSampler(index, patch: example.patch, plan: example.plan) else { continue }
      example.plan.count = .exactly(Int.random(in: all.coverCount...more, using: &random))
      let smaller = try PatchSampler(index, patch: example.patch, plan: example.plan)
      #expect(Array(smaller) == Array(larger.prefix(smaller.count)), "\(example.seed)")
      let double = try Volume(extent: example.labels.extent, voxels: example.labels.voxels.map(\.double))
      let again = try LabelIndex(
        of: VolumeInMemory(double), name: "case",
        options: .init(tissue: (VolumeInMemory(example.scan), 128)))
      #expect(try Array(PatchSampler(again, patch: example.patch, plan: example.plan)) == Array(smaller))
      let other = try PatchSampler(example.index(named: "other"), patch: example.patch, plan: example.plan)
      #expect(
        smaller.count < smaller.coverCount + 5 || other.map(\.region) != smaller.map(\.region),
        "\(example.seed)")
    }
  }

  @Test("the patches of a plan are the same on every machine and in every version")
  func recorded() throws {
    var random = SplitMix64(seed: 77)
    let labels = try LabelCase.random(sides: 24...30, using: &random)
    let index = try LabelIndex(of: VolumeInMemory(labels), name: "recorded")
    var plan = SamplingPlan(count: 400, seed: 5, cover: .init(margin: 1), negatives: .fraction(0.1))
    plan.placement = .inner(.fraction(0.5))
    let sampler = try PatchSampler(index, patch: Extent(width: 9, height: 8, depth: 7), plan: plan)
    #expect(SampleRandom.hash(of: sampler.map { "\($0.region)" }.joined()) == 11_331_186_004_065_893_264)
  }

  private enum StartCount {
    static func of(_ example: SamplingCase) -> Int {
      example.labels.extent.sizes.map { axis, size in size - example.patch[axis] + 1 }.all.reduce(1, *)
    }
  }

  @Test("negatives and labels are as many as the plan says")
  func quotas() throws {
    var labels = Volume<UInt8>(extent: Extent(40))
    for x in 10..<14 { labels[x: x, y: 20, z: 20] = 1 }
    labels[x: 30, y: 30, z: 30] = 2
    let index = try LabelIndex(of: VolumeInMemory(labels), name: "quotas")
    var plan = SamplingPlan(
      count: 40, seed: 3, balance: .classes([1: 1, 2: 2, 7: 9]), negatives: .fraction(0.25))
    plan.maximumOverlap = .all
    let sampler = try PatchSampler(index, patch: Extent(8), plan: plan)
    func count(_ matches: (SampledPatch.Reason) -> Bool) -> Int { sampler.count { matches($0.reason) } }
    #expect(count { $0 == .negative } == 10)
    #expect(count { if case .label(1, _) = $0 { true } else { false } } == 10)
    #expect(count { if case .label(2, _) = $0 { true } else { false } } == 20)
    #expect(sampler.absentLabels == [7])
  }

  @Test("hard places are drawn by their weights")
  func hard() throws {
    let extent = Extent(30)
    var (labels, weights) = (Volume<UInt8>(extent: extent), Volume<Float>(extent: extent))
    labels[x: 2, y: 2, z: 2] = 1
    weights[x: 25, y: 25, z: 25] = 0.5
    let index = try LabelIndex(
      of: VolumeInMemory(labels), options: .init(weights: VolumeInMemory(weights)))
    var plan = SamplingPlan(count: 20, seed: 1)
    plan.hard = .fraction(0.2)
    let hard = try PatchSampler(index, patch: Extent(6), plan: plan).filter {
      $0.reason == .hard(voxel: Position(x: 25, y: 25, z: 25))
    }
    #expect(hard.count == 4)
    #expect(hard.allSatisfy { $0.region.contains(Position(x: 25, y: 25, z: 25)) })
  }

  @Test("a scan without labels gives negatives only, and one without tissue either is refused")
  func noLabels() throws {
    let extent = Extent(20)
    let labels = VolumeInMemory(Volume<UInt8>(extent: extent))
    var plan = SamplingPlan(count: 10, cover: .init(), balance: .classes([1: 1]))
    let index = try LabelIndex(of: labels)
    #expect(try PatchSampler(index, patch: Extent(5), plan: plan).allSatisfy { $0.reason == .negative })
    plan.minimumTissue = .fraction(0.1)
    let air = try LabelIndex(
      of: labels, options: .init(tissue: (VolumeInMemory(Volume<UInt8>(extent: extent)), 0)))
    #expect { _ = try PatchSampler(air, patch: Extent(5), plan: plan) } throws: {
      "\($0)".contains("neither labels nor tissue")
    }
  }

  @Test("a scan as large as the patch has one patch, and a smaller one is padded where that is asked for")
  func small() throws {
    let index = try LabelIndex(of: VolumeInMemory(Volume<UInt8>(extent: Extent(4), repeating: 1)))
    let plan = SamplingPlan(count: 1, cover: .init())
    #expect(try PatchSampler(index, patch: Extent(4), plan: plan).map(\.region) == [Region(Extent(4))])
    #expect { _ = try PatchSampler(index, patch: Extent(4), plan: SamplingPlan(count: 2)) } throws: {
      "\($0)".contains("has 1 different patches of this size, but 2")
    }
    #expect { _ = try PatchSampler(index, patch: Extent(7), plan: plan) } throws: {
      "\($0)".contains("patch width 7 exceeds scan width 4")
    }
    var padding = plan
    padding.padsSmallScans = true
    let padded = try PatchSampler(index, patch: Extent(7), plan: padding)
    #expect(padded.map(\.region) == [Region(origin: Position(x: -1, y: -1, z: -1), extent: Extent(7))])
    #expect(padded[0].classVoxels == [0, 64])
    #expect(try PatchSampler(index, patch: Extent(4), plan: SamplingPlan(count: 0)).isEmpty)
  }

  @Test("what cannot be is refused", arguments: [-1, SamplingPlan.maxCount + 1])
  func counts(count: Int) throws {
    let index = try LabelIndex(of: VolumeInMemory(Volume<UInt8>(extent: Extent(4), repeating: 1)))
    #expect(throws: VoxtileError.self) {
      _ = try PatchSampler(index, patch: Extent(2), plan: SamplingPlan(count: .exactly(count)))
    }
    var plan = SamplingPlan(count: 1, cover: .init(times: 0))
    #expect(throws: VoxtileError.self) { _ = try PatchSampler(index, patch: Extent(2), plan: plan) }
    plan.cover = .init(times: 2)
    #expect { _ = try PatchSampler(index, patch: Extent(4), plan: plan) } throws: {
      "\($0)".contains("whole is 1, but 2 patches were asked for")
    }
    plan = SamplingPlan(count: 4, balance: .classes([1: -1]))
    #expect(throws: VoxtileError.self) { _ = try PatchSampler(index, patch: Extent(2), plan: plan) }
  }

  @Test("turns keep a ratio to within one, whenever they end")
  func turns() {
    for var random in SplitMix64.cases(100, from: 960) {
      let weights = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        Int.random(in: 1...9, using: &random)
      }
      var order = TurnOrder(weights: weights)
      var counts = weights.map { _ in 0 }
      for turn in 1...200 {
        counts[order.next()] += 1
        for (count, weight) in zip(counts, weights) {
          let share = Double(turn * weight) / Double(weights.reduce(0, +))
          #expect(abs(Double(count) - share) <= 1.0 + 1e-9, "\(random) \(weights) \(turn)")
        }
      }
    }
  }
}
