import Synchronization
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileInference

/// However a prediction is worked out, it has the same bits.
@Suite("PatchPipeline: the same bits") struct PatchPipelineBitsTests {
  private static let extent = Extent(width: 10, height: 9, depth: 17)

  private func settings(_ change: (inout InferenceSettings) -> Void = { _ in }) -> InferenceSettings {
    var settings = InferenceSettings.patches(Extent(width: 6, height: 5, depth: 7), overlap: .voxels(2))
    settings.normalization = .zScore(of: .all)
    change(&settings)
    return settings
  }

  /// The stored voxels of a scan of two channels.
  private func scan(in folder: String, _ name: String) throws -> any VolumeReader {
    var random = SplitMix64(seed: 99)
    let volume = try Volume<Int16>(
      extent: Self.extent, channels: 2,
      voxels: (0..<Self.extent.voxelCount * 2).map { _ in Int16.random(in: -500...500, using: &random) })
    try volume.write(to: "\(folder)/\(name)", options: WriteOptions(isReplacing: true))
    return try ImageFormats.open("\(folder)/\(name)")
  }

  private func merged(
    _ reader: any VolumeReader, _ settings: InferenceSettings,
    _ memory: (inout InferenceMemory) -> Void = { _ in }
  ) async throws -> [Float] {
    let pipeline = PatchPipeline(model: StandIn.placed(), settings: settings)
    var plan = try await pipeline.plan([reader], kinds: [.logits])
    memory(&plan.memory)
    let collector = try VolumeCollector<Float>(plan.info(of: .logits))
    try await pipeline.run(plan, to: [.logits: collector])
    return try collector.volume.voxels
  }

  /// Frames and weights of every kind of merge: shares, sums beside them, windows that are no product.
  enum Merge: String, CaseIterable, CustomTestStringConvertible {
    case plain, turned, skipping, likeMONAI, discarding, padded, partial, inHalf, inHalfTurned

    var testDescription: String { rawValue }

    func apply(to settings: inout InferenceSettings) {
      switch self {
      case .plain: break
      case .turned: settings.orientation = Orientation("PIR")
      case .skipping: settings.skipBelow = 400
      case .likeMONAI: settings.compatibility = .monai
      case .inHalf: settings.compatibility = .nnUNetHalf
      case .inHalfTurned: (settings.compatibility, settings.orientation) = (.nnUNetHalf, Orientation("PIR"))
      case .discarding: settings.edge = PerAxis(.discard)
      case .padded: settings.edge = PerAxis(.pad(.both))
      case .partial: settings.edge = PerAxis(.partial)
      }
    }
  }

  @Test("for any number of threads and any batch", arguments: Merge.allCases)
  func jobsAndBatches(merge: Merge) async throws {
    try await withTemporaryFolder { folder in
      let reader = try scan(in: folder, "a.nii")
      let expected = try await merged(reader, settings { merge.apply(to: &$0) })
      for jobs in 1...3 {
        for batch in [1, 2, 5] where jobs > 1 || batch > 1 {
          let other = try await merged(
            reader,
            settings {
              merge.apply(to: &$0)
              $0.limits.jobs = Jobs(jobs)
              $0.batch = batch
            })
          let isSame = other == expected
          #expect(isSame, "\(jobs) jobs, \(batch) at once")
        }
      }
    }
  }

  @Test(
    "for anything that is held in memory or not, from plain and compressed files", arguments: Merge.allCases)
  func memory(merge: Merge) async throws {
    try await withTemporaryFolder { folder in
      let settings = settings {
        merge.apply(to: &$0)
        $0.limits.jobs = Jobs(2)
        $0.batch = 3
      }
      let files = try ["a.nii", "a.nii.gz"].map { try scan(in: folder, $0) }
      let expected = try await merged(files[0], settings)
      for reader in files {
        for step in CropStep.allCases {
          for (holdsScan, carries, resident) in [(false, false, 0), (true, true, 5000), (false, false, .max)]
          {
            let other = try await merged(reader, settings) { memory in
              memory.holdsScan = holdsScan
              memory.step = step
              memory.carriesInMemory = carries
              memory.residentRowBytes = resident
              memory.residentOutputBytes = resident
            }
            let isSame = other == expected
            #expect(isSame, "\(step) \(holdsScan) \(carries) \(resident), \(reader.isRandomAccess)")
          }
        }
      }
    }
  }

  @Test("for files and volumes in memory, and one file for each channel")
  func sources() async throws {
    try await withTemporaryFolder { folder in
      let reader = try scan(in: folder, "a.nii.gz")
      let expected = try await merged(reader, settings())
      let whole: Volume<Int16> = try reader.read()
      let inMemory = try await PatchPipeline(model: StandIn.placed(), settings: settings()).values(
        .logits, of: whole)
      let isSame = inMemory.voxels == expected
      #expect(isSame)
      let count = Self.extent.voxelCount
      let channels = try (0..<2).map { channel in
        try VolumeInMemory(
          Volume<Int16>(
            extent: Self.extent, voxels: Array(whole.voxels[channel * count..<(channel + 1) * count])))
      }
      let pipeline = PatchPipeline(model: StandIn.placed(), settings: settings())
      let plan = try await pipeline.plan(channels, kinds: [.logits])
      let collector = try VolumeCollector<Float>(plan.info(of: .logits))
      try await pipeline.run(plan, to: [.logits: collector])
      let isSameOfTwo = try collector.volume.voxels == expected
      #expect(isSameOfTwo)
    }
  }

  @Test(
    "a batch has no more patches than asked for, and fewer only at the end or where the model says how many")
  func batches() async throws {
    var random = SplitMix64(seed: 4)
    let scan = try StandIn.scan(Extent(width: 9, height: 8, depth: 7), using: &random)
    for fixed in [nil, 4] {
      let sizes = Mutex<[Int]>([])
      let model = ClosureModel(
        signature: ModelSignature(
          input: TensorShape(name: "image", batch: fixed, spatial: [nil, nil, nil]),
          outputs: [TensorShape(name: "result", spatial: [nil, nil, nil])])
      ) { batch in
        sizes.withLock { $0.append(batch.shape[0]) }
        return [batch]
      }
      var settings = InferenceSettings.patches(Extent(4), overlap: .voxels(1))
      settings.batch = 4
      let pipeline = PatchPipeline(model: model, settings: settings)
      let plan = try await pipeline.plan([VolumeInMemory(scan)], kinds: [.logits])
      #expect(plan.grid.count == 18 && plan.batches == 5)
      let collector = try VolumeCollector<Float>(plan.info(of: .logits))
      let report = try await pipeline.run(plan, to: [.logits: collector])
      #expect(report.predictedPatches == 18)
      #expect(sizes.withLock { $0 } == [4, 4, 4, 4, fixed ?? 2])
      #expect(try largestDifference(collector.volume.voxels, scan.voxels) <= 1e-5)
    }
  }
}
