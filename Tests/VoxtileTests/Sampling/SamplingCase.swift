import Voxtile
import VoxtileTestSupport

/// A random scan with labels, and a plan for it.
struct SamplingCase {
  let labels: Volume<Int16>
  let scan: Volume<UInt8>
  let patch: Extent
  var plan: SamplingPlan
  let seed: SplitMix64

  /// A case with every rule in use now and then.
  init(using random: inout SplitMix64) throws {
    seed = random
    labels = try LabelCase.random(sides: 6...22, using: &random)
    scan = try randomVolume(labels.extent, channels: 1, as: UInt8.self, using: &random)
    patch = Extent(
      labels.extent.sizes.map { _, length in Int.random(in: 2...max(2, length / 2), using: &random) })
    var plan = SamplingPlan(count: .automatic, seed: .random(in: 0...99, using: &random))
    plan.cover = .init(
      times: 1, margin: .random(in: 0...3, using: &random), leastVoxels: .random(in: 1...5, using: &random))
    plan.balance =
      [.classes(), .classes([0: 1, 1: 3, 9: 5]), .voxels, .components].randomElement(using: &random)
      ?? .voxels
    plan.placement = [.anywhere, .center, .inner(.fraction(0.5))].randomElement(using: &random) ?? .center
    plan.negatives = [.none, .fraction(0.3)].randomElement(using: &random) ?? .none
    plan.minimumForeground = [.none, .fraction(0.1)].randomElement(using: &random) ?? .none
    plan.minimumTissue = [.none, .fraction(0.5)].randomElement(using: &random) ?? .none
    plan.maximumOverlap = [.all, .fraction(0.75), .fraction(0.2)].randomElement(using: &random) ?? .all
    self.plan = plan
  }

  func index(named name: String = "case") throws -> LabelIndex {
    try LabelIndex(
      of: VolumeInMemory(labels), name: name, options: .init(tissue: (VolumeInMemory(scan), 128)))
  }
}

/// The part of a patch that it shares with another one.
func sharedPart(_ a: Region, _ b: Region) -> Double {
  Double(a.intersection(b).voxelCount) / Double(a.voxelCount)
}
