import Synchronization
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileInference

/// How often a model is asked.
@Suite("ModelProbe") struct ModelProbeTests {
  /// Two patches.
  private static let extent = Extent(width: 8, height: 4, depth: 4)

  private func scan() throws -> Volume<Float> {
    try Volume(extent: Self.extent, voxels: (0..<Self.extent.voxelCount).map { Float($0 % 13) - 5 })
  }

  private func counted(_ counter: Counter) -> ClosureModel {
    StandIn.model { patch in
      counter.increment()
      return StandIn.byPlace(patch)
    }
  }

  private func settings() -> InferenceSettings { .patches(Extent(4), overlap: .voxels(0)) }

  @Test("a scan of two patches costs two predictions, however its intensities are normalized")
  func two() async throws {
    for normalization in [Normalization.none, .zScore(of: .all), .maximum] {
      let counter = Counter()
      var settings = settings()
      settings.normalization = normalization
      _ = try await PatchPipeline(model: counted(counter), settings: settings).labels(of: scan())
      #expect(counter.value == 2, "\(normalization)")
    }
  }

  @Test("each way of mirroring is predicted once")
  func mirrored() async throws {
    let counter = Counter()
    var settings = settings()
    settings.mirrors = [.x, .y]
    _ = try await PatchPipeline(model: counted(counter), settings: settings).labels(of: scan())
    #expect(counter.value == 8)
  }

  @Test("a plan predicts once, its run the rest, and another run of it everything, with the same bits")
  func again() async throws {
    let counter = Counter()
    var settings = settings()
    settings.normalization = .zScore(of: .all)
    settings.mirrors = [.y]
    let pipeline = PatchPipeline(model: counted(counter), settings: settings)
    let plan = try await pipeline.plan([VolumeInMemory(scan())], kinds: [.logits])
    #expect(counter.value == 1)
    var results: [[Float]] = []
    for count in [4, 8] {
      let collector = try VolumeCollector<Float>(plan.info(of: .logits))
      let report = try await pipeline.run(plan, to: [.logits: collector])
      #expect(counter.value == count && report.predictedPatches == 2)
      #expect(report.modelSeconds > 0 && report.seconds >= report.modelSeconds)
      results.append(try collector.volume.voxels)
    }
    #expect(results[0] == results[1])
  }

  @Test("a probe is all that planning with other patches needs")
  func probed() async throws {
    let counter = Counter()
    let reader = VolumeInMemory(try scan())
    let probe = try await PatchPipeline(model: counted(counter), settings: settings()).probe([reader])
    let asked = counter.value
    #expect(probe.channels == 2 && probe.patch == Extent(4))
    let other = PatchPipeline(model: counted(counter), settings: .patches(Extent(2)))
    let plan = try other.plan([reader], probe: probe)
    #expect(counter.value == asked && plan.channels == 2)
    #expect(abs(plan.secondsPerBatch * 8 / probe.secondsPerBatch - 1) < 1e-9)
  }

  @Test("values that look like probabilities or labels are remarked on, others are not")
  func outputRemarks() async throws {
    func remarks(
      _ activation: Activation = .automatic, kinds: Set<PredictionKind> = [.labels], channels: Int,
      _ value: @escaping @Sendable (_ channel: Int, _ index: Int) -> Float
    ) async throws -> [PredictionRemark] {
      var settings = settings()
      settings.activation = activation
      let model = StandIn.model { patch in
        NetworkPatch(
          channels: channels, spatial: patch.spatial,
          values: (0..<channels).flatMap { channel in (0..<patch.count).map { value(channel, $0) } })
      }
      return try await PatchPipeline(model: model, settings: settings)
        .plan([VolumeInMemory(scan())], kinds: kinds).remarks
    }
    @Sendable func part(_ index: Int) -> Float { Float(index % 7 + 1) / 8 }
    let sigmoid = try await remarks(channels: 1) { _, index in part(index) }
    #expect(sigmoid.count == 1 && sigmoid[0].message.contains("sigmoid is applied to them once more"))
    #expect(sigmoid.first?.remedy == .takeAsProbabilities)
    let softmax = try await remarks(channels: 2) { $0 == 0 ? part($1) : 1 - part($1) }
    #expect(softmax.count == 1 && softmax[0].message.contains("add up to 1, as if"))
    let labels = try await remarks(channels: 1) { _, index in Float(index % 3) }
    #expect(labels.count == 1 && labels[0].message.contains("whole numbers alone, from 0 to 2"))
    // Taken as probabilities; nothing but logits is made; logits.
    #expect(try await remarks(.none, channels: 1) { _, index in part(index) }.isEmpty)
    #expect(try await remarks(kinds: [.logits], channels: 1) { _, index in part(index) }.isEmpty)
    #expect(try await remarks(channels: 1) { _, index in part(index) - 0.5 }.isEmpty)
    #expect(try await remarks(channels: 2) { _, index in part(index) }.isEmpty)
    #expect(try await remarks(channels: 1) { _, index in 4 * part(index) }.isEmpty)
    #expect(try await remarks(channels: 1) { _, _ in 0 }.isEmpty)
  }

  @Test("a plan for patches that may be skipped tries the model on zeros")
  func skipping() async throws {
    let counter = Counter()
    var settings = settings()
    settings.skipBelow = 100
    let pipeline = PatchPipeline(model: counted(counter), settings: settings)
    let labels = try await pipeline.labels(of: scan())
    #expect(counter.value == 1)
    #expect(labels.voxels.allSatisfy { $0 == 0 })
  }

  @Test("a patch that is no multiple of what the model needs, or a batch that is too large, is refused")
  func capabilities() async throws {
    let model = ClosureModel(
      signature: ModelSignature(input: StandIn.volume, outputs: [StandIn.volume]),
      capabilities: ModelCapabilities(largestBatch: 2, multipleOf: [1, 2, 4])
    ) { [$0] }
    for (patch, axis) in [
      (Extent(width: 6, height: 4, depth: 3), Axis.x), (Extent(width: 4, height: 3, depth: 3), .y),
    ] {
      let error = try await OnnxTestModels.error {
        try await PatchPipeline(model: model, settings: .patches(patch)).plan([VolumeInMemory(scan())])
      }
      #expect(
        error.code == .modelNotUsable && error.context.axis == axis && error.context.found == "\(patch[axis])"
      )
    }
    var settings = InferenceSettings.patches(Extent(width: 4, height: 2, depth: 3))
    let fine = PatchPipeline(model: model, settings: settings)
    #expect(try await fine.plan([VolumeInMemory(scan())]).batch == 1)
    #expect(fine.patchMultiple == PerAxis(x: 4, y: 2, z: 1))
    settings.batch = 3
    let error = try await OnnxTestModels.error { [settings] in
      try await PatchPipeline(model: model, settings: settings).plan([VolumeInMemory(scan())])
    }
    #expect(error.code == .modelNotUsable && error.context.expected == "<= 2" && error.context.found == "3")
  }

  @Test("a task that is canceled stops after its batch, and leaves nothing half-written")
  func canceled() async throws {
    try await withTemporaryFolder { folder in
      let counter = Counter()
      let (started, model) = (AsyncStream<Void>.makeStream(), counted(counter))
      let slow = ClosureModel(signature: model.signature) { batch in
        let result = try await model.predict(batch)
        if counter.value == 3 {
          started.continuation.finish()
          while !Task.isCancelled { await Task.yield() }
        }
        return result
      }
      let scan = try Volume<Float>(extent: Extent(16), voxels: [Float](repeating: 1, count: 4096))
      let pipeline = PatchPipeline(model: slow, settings: settings())
      let task = Task {
        try await pipeline.predict([VolumeInMemory(scan)]) { _, info in
          try ImageFormats.create("\(folder)/a.nii.gz", info: info)
        }
      }
      for await _ in started.stream {}
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(counter.value == 3)
      #expect(try fileNames(in: folder).isEmpty)
    }
  }
}
