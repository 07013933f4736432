import Synchronization
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

/// What planning reads and predicts before the run.
@Suite("PatchPipeline: the first batch") struct FirstBatchTests {
  /// A compressed file: it counts how often it has to start again from the beginning.
  private final class Compressed: VolumeReader {
    let base: VolumeInMemory
    private let state = Mutex((next: 0, passes: 0, reads: 0))
    var info: VolumeInfo { base.info }
    var isRandomAccess: Bool { false }
    var passes: Int { state.withLock { $0.passes } }
    var reads: Int { state.withLock { $0.reads } }

    init(_ volume: Volume<Float>) { base = VolumeInMemory(volume) }

    func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
      state.withLock { state in
        if state.reads == 0 || region.z.lowerBound < state.next { state.passes += 1 }
        state.next = region.z.upperBound
        state.reads += 1
      }
      try base.read(region, into: destination)
    }
  }

  private func scan() throws -> Volume<Float> {
    var random = SplitMix64(seed: 560)
    return try StandIn.scan(Extent(width: 12, height: 12, depth: 12), using: &random)
  }

  @Test(
    "the first batch of a compressed scan is cut in one pass, and its patches are the same",
    arguments: [1, 2, 9, 40, 200])
  func onePass(batch: Int) async throws {
    let reader = Compressed(try scan())
    var settings = InferenceSettings.patches(Extent(4), overlap: .voxels(2))
    settings.batch = batch
    let pipeline = PatchPipeline(model: StandIn.placed(), settings: settings)
    let plan = try await pipeline.plan([reader], kinds: [.logits])
    #expect(reader.passes == 1)
    let collector = try VolumeCollector<Float>(plan.info(of: .logits))
    try await pipeline.run(plan, to: [.logits: collector])
    // The run is one more pass.
    #expect(reader.passes == 2)
    settings.batch = 1
    let expected = try await PatchPipeline(model: StandIn.placed(), settings: settings).values(
      .logits, of: scan())
    let isSame = try collector.volume.voxels == expected.voxels
    #expect(isSame)
  }

  @Test("a limit that leaves no room for more is kept, patch by patch")
  func limited() async throws {
    let volume = try Volume<Float>(
      extent: Extent(width: 512, height: 64, depth: 4), voxels: [Float](repeating: 1, count: 512 * 64 * 4))
    let reader = Compressed(volume)
    var settings = InferenceSettings.patches(Extent(width: 8, height: 8, depth: 4), overlap: .voxels(2))
    settings.batch = 900
    let pipeline = PatchPipeline(model: StandIn.identity, settings: settings)
    var limited = settings
    limited.limits.memory = try await pipeline.plan([reader]).peakBytes
    let plan = try await PatchPipeline(model: StandIn.identity, settings: limited).plan([reader])
    #expect(plan.peakBytes <= limited.limits.memory ?? 0)
  }

  @Test("what a scan needs is known from its header, where the model was asked with another one")
  func fromHeader() async throws {
    var settings = InferenceSettings.patches(Extent(8), overlap: .voxels(2))
    let small = try Compressed(scan())
    let known = try await PatchPipeline(model: StandIn.identity, settings: settings).plan([small]).probe
    let large = try Compressed(
      Volume<Float>(
        extent: Extent(width: 600, height: 500, depth: 40),
        voxels: [Float](repeating: 1, count: 600 * 500 * 40)))
    let unlimited = try #require(
      try PatchPipeline(model: StandIn.identity, settings: settings).memory(
        of: [large], kinds: [.labels], knowing: known))
    #expect(unlimited.scratch == 0)
    for limit in [unlimited.peak, unlimited.peak - 1, (unlimited.peak + 200 << 20) / 2] {
      settings.limits.memory = limit
      let pipeline = PatchPipeline(model: StandIn.identity, settings: settings)
      let readsBefore = large.reads
      let needed = Result { try pipeline.memory(of: [large], kinds: [.labels], knowing: known) }
      #expect(large.reads == readsBefore)
      do {
        let plan = try await pipeline.plan([large])
        let (peak, scratch) = try #require(try needed.get())
        #expect((peak, scratch) == (plan.peakBytes, plan.scratchBytes))
      } catch let error as VoxtileError {
        let known = #expect(throws: VoxtileError.self) { _ = try needed.get() }
        #expect(known?.context.neededBytes == error.context.neededBytes)
      }
    }
    settings.patch = Extent(4)
    #expect(
      try PatchPipeline(model: StandIn.identity, settings: settings).memory(
        of: [large], kinds: [.labels], knowing: known) == nil)
  }

  @Test("a limit that cannot be enough is refused before anything is read or predicted")
  func tooLow() async throws {
    let reader = Compressed(try scan())
    let counter = Counter()
    let model = StandIn.model { patch in
      counter.increment()
      return patch
    }
    var settings = InferenceSettings.patches(Extent(8))
    settings.normalization = .zScore(of: .all)
    settings.limits.memory = 64 << 20
    let error = try await OnnxTestModels.error {
      try await PatchPipeline(model: model, settings: settings).plan([reader])
    }
    #expect(error.code == .memoryTooLow && reader.reads == 0 && counter.value == 0)
    // What is needed at the least does not reach, and says what would.
    settings.limits.memory = error.context.neededBytes
    let second = try await OnnxTestModels.error {
      try await PatchPipeline(model: model, settings: settings).plan([reader])
    }
    #expect(second.code == .memoryTooLow && counter.value > 0)
    settings.limits.memory = second.context.neededBytes
    _ = try await PatchPipeline(model: model, settings: settings).plan([reader])
  }
}
