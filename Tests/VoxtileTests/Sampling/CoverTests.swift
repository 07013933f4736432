import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("Cover of components") struct CoverTests {
  @Test(
    "every component is whole in as many patches as asked for, with its margin, or tiled, or the sampler says what it needs"
  )
  func cover() throws {
    var outcomes = (covered: 0, tiled: 0, tooFew: 0)
    for var random in SplitMix64.cases(150, from: 920) {
      var example = try SamplingCase(using: &random)
      let (times, margin) = (Int.random(in: 1...3, using: &random), Int.random(in: 0...2, using: &random))
      example.plan.cover = .init(times: times, margin: margin, leastVoxels: 1)
      example.plan.negatives = .none
      let index = try example.index()
      let sampler: PatchSampler
      do {
        sampler = try PatchSampler(index, patch: example.patch, plan: example.plan)
      } catch {
        outcomes.tooFew += 1
        #expect(
          "\(error)".contains("the number of places where a patch holds component"),
          "\(example.seed) \(error)")
        continue
      }
      #expect(sampler.uncovered.isEmpty, "\(example.seed)")
      for patch in sampler {
        guard case .cover(let component) = patch.reason else {
          #expect(!patch.relaxed.contains(.margin), "\(example.seed)")
          continue
        }
        let box = index.components[component].region
        func near(_ axis: Axis) -> Range<Int> {
          box[axis].lowerBound - margin..<box[axis].upperBound + margin
        }
        let wanted = Region(x: near(.x), y: near(.y), z: near(.z)).intersection(Region(index.extent))
        let isTiled = Axis.allCases.contains { box.extent[$0] > example.patch[$0] }
        #expect(
          patch.relaxed.contains(.margin) == (!isTiled && patch.region.intersection(wanted) != wanted),
          "\(example.seed) \(patch)")
      }
      for (component, holders) in zip(index.components, sampler.holdersOfComponents) {
        let box = component.region
        let whole = sampler.filter { box.intersection($0.region) == box }
        #expect(holders == whole.count, "\(example.seed)")
        if Axis.allCases.allSatisfy({ box.extent[$0] <= example.patch[$0] }) {
          outcomes.covered += 1
          let withMargin = whole.filter { patch in
            Axis.allCases.allSatisfy {
              holds(box[$0], in: patch.region[$0], margin: margin, of: index.extent[$0])
            }
          }
          let places = index.extent.sizes.map { axis, length in
            (0...length - example.patch[axis]).count {
              holds(box[axis], in: $0..<$0 + example.patch[axis], margin: margin, of: length)
            }
          }
          #expect(withMargin.count >= min(times, places.all.reduce(1, *)), "\(example.seed) \(component)")
          #expect(whole.count >= times, "\(example.seed) \(component)")
        } else {
          outcomes.tiled += 1
        }
      }
      // One patch less than the cover is refused, by a message that names the number.
      guard sampler.coverCount > 0 else { continue }
      example.plan.count = .exactly(sampler.coverCount - 1)
      #expect {
        _ = try PatchSampler(index, patch: example.patch, plan: example.plan)
      } throws: { error in
        "\(error)".contains("\(sampler.coverCount) patches are needed")
      }
    }
    #expect(outcomes.covered > 200 && outcomes.tiled > 20 && outcomes.tooFew < 100, "\(outcomes)")
  }

  /// Whether a patch holds a component along one axis, with a margin where the patch and the scan have room for it.
  private func holds(_ inner: Range<Int>, in outer: Range<Int>, margin: Int, of length: Int) -> Bool {
    let fits =
      inner.count + 2 * margin <= outer.count && inner.lowerBound >= margin
      && inner.upperBound + margin <= length
    let margin = fits ? margin : 0
    return outer.lowerBound <= inner.lowerBound - margin && outer.upperBound >= inner.upperBound + margin
  }

  @Test("where a corner leaves too few places for a margin, places without it make up for them")
  func marginAtCorner() throws {
    var labels = Volume<UInt8>(extent: Extent(12))
    labels[x: 0, y: 0, z: 0] = 1
    let index = try LabelIndex(of: VolumeInMemory(labels))
    // A patch of 4 at the corner holds the voxel with one to its right at 1 place, the origin; without a margin there is no more.
    var plan = SamplingPlan(count: .automatic, cover: .init(times: 2, margin: 1))
    #expect { _ = try PatchSampler(index, patch: Extent(4), plan: plan) } throws: {
      "\($0)".contains(
        "component 1 (label 1, 1x1 at (0, 0, 0)) whole is 1, but 2 patches were asked for; ask for fewer"
      )
    }
    labels[x: 0, y: 0, z: 0] = 0
    labels[x: 1, y: 1, z: 1] = 1
    let inner = try LabelIndex(of: VolumeInMemory(labels))
    // With a margin of 1 only the origin holds the voxel; without it there are 8 places.
    for times in 1...8 {
      plan.cover = .init(times: times, margin: 1)
      let sampler = try PatchSampler(inner, patch: Extent(4), plan: plan)
      #expect(sampler.holdersOfComponents == [times] && sampler[0].region.origin == .zero)
    }
    plan.cover = .init(times: 9, margin: 1)
    #expect { _ = try PatchSampler(inner, patch: Extent(4), plan: plan) } throws: {
      "\($0)".contains("whole is 8, but 9 patches were asked for")
    }
  }
}
