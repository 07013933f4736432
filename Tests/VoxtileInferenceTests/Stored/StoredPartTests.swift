import Synchronization
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileInference

/// What predicting a part of a scan costs.
@Suite("A part of the predictions of a scan") struct StoredPartTests {
  @Test(
    "predicts each of its patches once, with the first of which the model is tried", arguments: [1, 2, 5])
  func once(batch: Int) async throws {
    var random = SplitMix64(seed: 95)
    let scan = VolumeInMemory(try StandIn.scan(Extent(width: 11, height: 9, depth: 13), using: &random))
    for (part, parts) in [(0, 3), (1, 3), (2, 3), (6, 7)] {
      let counter = Counter()
      let model = StandIn.model { patch in
        counter.increment()
        return StandIn.byPlace(patch)
      }
      var settings = InferenceSettings.patches(Extent(4), overlap: .voxels(2))
      settings.batch = batch
      settings.normalization = .zScore(of: .all)
      let pipeline = PatchPipeline(model: model, settings: settings)
      let plan = try await pipeline.plan(
        [scan], mask: nil, kinds: [], knowing: nil, tryingBatch: { $0 * part / parts })
      let count = plan.grid.count
      let batches = (count + batch - 1) / batch
      let own = min(count, batches * part / parts * batch)..<min(count, batches * (part + 1) / parts * batch)
      let store = StoredPredictionsTests.MemoryStore()
      _ = try await pipeline.keep(plan, patches: Array(own), in: store)
      #expect(counter.value == own.count && store.count == own.count, "part \(part) of \(parts)")
    }
  }

  @Test("a part without patches tries the model with the last batch")
  func empty() async throws {
    var random = SplitMix64(seed: 96)
    let scan = VolumeInMemory(try StandIn.scan(Extent(8), using: &random))
    let pipeline = PatchPipeline(model: StandIn.placed(), settings: .patches(Extent(4), overlap: .voxels(0)))
    let plan = try await pipeline.plan([scan], mask: nil, kinds: [], knowing: nil, tryingBatch: { $0 })
    let store = StoredPredictionsTests.MemoryStore()
    let report = try await pipeline.keep(plan, patches: [], in: store)
    #expect(plan.grid.count == 8 && report.predictedPatches == 0 && store.count == 0)
  }

  /// Remembers which slices were read.
  private final class WatchedReader: VolumeReader {
    let inner: VolumeInMemory
    let slices = Mutex<Set<Int>>([])

    init(_ volume: some AnyVolume) { inner = VolumeInMemory(volume) }

    var info: VolumeInfo { inner.info }
    var isRandomAccess: Bool { true }

    func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
      slices.withLock { $0.formUnion(region.z) }
      try inner.read(region, into: destination)
    }
  }

  @Test("a part that knows the intensities reads its own slices alone, and predicts the same")
  func knownIntensities() async throws {
    var random = SplitMix64(seed: 97)
    let volume = try StandIn.scan(Extent(width: 9, height: 8, depth: 40), using: &random)
    var settings = InferenceSettings.patches(Extent(4), overlap: .voxels(2))
    settings.normalization = .zScore(of: .all)
    var pipeline = PatchPipeline(model: StandIn.placed(), settings: settings)

    func predictEnd(_ scan: WatchedReader) async throws -> (StoredPredictionsTests.MemoryStore, InferencePlan)
    {
      let plan = try await pipeline.plan([scan], mask: nil, kinds: [], knowing: nil, tryingBatch: { $0 - 1 })
      let store = StoredPredictionsTests.MemoryStore()
      _ = try await pipeline.keep(plan, patches: Array(plan.grid.count - 5..<plan.grid.count), in: store)
      return (store, plan)
    }
    let first = WatchedReader(volume)
    let (expected, plan) = try await predictEnd(first)
    #expect(first.slices.withLock { $0 } == Set(0..<40))
    let intensities = try #require(try pipeline.intensities(of: plan))
    #expect(abs(intensities[0].divisor - 1) > 1e-6 || abs(intensities[0].offset) > 1e-6)

    pipeline.knownIntensities = intensities
    let second = WatchedReader(volume)
    let (found, _) = try await predictEnd(second)
    #expect(second.slices.withLock { $0 } == Set(36..<40))
    for patch in plan.grid.count - 5..<plan.grid.count {
      #expect(
        try found.prediction(ofPatch: patch, extent: Extent(4))
          == expected.prediction(ofPatch: patch, extent: Extent(4)))
    }
  }
}
