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
}
