import Synchronization
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

@Suite("StoredPredictions: errors") struct StoredPredictionErrorTests {
  /// Whether a model begins to give NaN.
  private final class Fault: Sendable { let hasBegun = Mutex(false) }

  @Test("a value that is not a number is not kept, and not merged")
  func notFinite() async throws {
    let fault = Fault()
    let extent = Extent(width: 11, height: 9, depth: 8)
    let scan = try Volume<Float>(extent: extent, voxels: (0..<extent.voxelCount).map { Float($0 % 17) })
    let model = StandIn.model { patch in
      var patch = StandIn.byPlace(patch)
      if fault.hasBegun.withLock(\.self) { patch.values[0] = .nan }
      return patch
    }
    let settings = InferenceSettings.patches(Extent(width: 6, height: 5, depth: 7), overlap: .voxels(3))
    let pipeline = PatchPipeline(model: model, settings: settings)
    let store = StoredPredictionsTests.MemoryStore()
    let plan = try await pipeline.plan([VolumeInMemory(scan)], kinds: [])
    _ = try await pipeline.keep(plan, patches: Array(plan.grid.indices), in: store)
    let last = plan.grid.count - 1
    store.remove(last)
    fault.hasBegun.withLock { $0 = true }
    let error = try await #require(throws: VoxtileError.self) {
      _ = try await pipeline.keep(plan, patches: [last], in: store)
    }
    #expect(error.code == .predictionFailed && error.message.contains("NaN") && !store.holds(last))
    let box = plan.layout.grid[last].region.extent
    let values = [Float](repeating: .nan, count: plan.layout.channels * box.voxelCount)
    store.keep(values.span, extent: box, ofPatch: last)
    let stored = StoredPredictions(plan.layout, in: store)
    let merging = try stored.plan([.labels], limits: JobLimits(), writerByteCount: 0)
    let collector = ByteCollector(stored.layout.info(of: .labels))
    let other = try await #require(throws: VoxtileError.self) {
      _ = try await stored.merge(merging, to: [.labels: collector])
    }
    #expect(other.code == .predictionFailed && other.message.contains("patch \(last)"))
  }
}
