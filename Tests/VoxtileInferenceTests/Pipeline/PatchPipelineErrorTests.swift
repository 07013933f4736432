import Foundation
import Synchronization
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileInference

/// What goes wrong says so, and leaves nothing.
@Suite("PatchPipeline: errors") struct PatchPipelineErrorTests {
  private struct Broken: Error {}

  private static let extent = Extent(width: 9, height: 8, depth: 12)

  private func reader(channels: Int = 1, extent: Extent = extent) throws -> any VolumeReader {
    VolumeInMemory(
      try Volume<Int16>(
        extent: extent, channels: channels,
        voxels: (0..<extent.voxelCount * channels).map { Int16(truncatingIfNeeded: $0) }))
  }

  /// The error of planning, before a patch is predicted.
  private func planning(
    input: TensorShape = StandIn.volume, scan: (any VolumeReader)? = nil,
    _ settings: InferenceSettings = .patches(Extent(4)),
    _ network: @escaping @Sendable (NetworkPatch) throws -> NetworkPatch = { $0 }
  ) async throws -> VoxtileError {
    let model = StandIn.model(input: input, network)
    let scan = try scan ?? reader()
    return try await OnnxTestModels.error {
      try await PatchPipeline(model: model, settings: settings).plan([scan])
    }
  }

  @Test("a model that does not fit the scan is refused with both numbers")
  func misfits() async throws {
    let three = TensorShape(name: "image", channels: 3, spatial: [nil, nil, nil])
    let channels = try await planning(input: three)
    #expect(channels.code == .modelNotUsable && channels.message.contains("3 channels"))
    #expect(channels.context.expected == "3" && channels.context.found == "1")
    let planar = try await planning(scan: reader(extent: Extent(width: 9, height: 8)))
    #expect(planar.code == .modelNotUsable && planar.message.contains("2D model"))
    let fixed = TensorShape(name: "image", spatial: [4, 5, 6])
    let size = try await planning(input: fixed)
    #expect(size.code == .modelNotUsable && size.context.axis == .y && size.message.contains("5 along y"))
    var settings = InferenceSettings.patches(Extent(4))
    settings.axes = .xyz
    #expect(try await planning(input: fixed, settings).context.axis == .y)
    settings.patch = nil
    let unknown = try await planning(settings)
    #expect(unknown.code == .invalidOption && unknown.remedy == .givePatchSize)
    settings.batch = 3
    let batch = try await planning(
      input: TensorShape(name: "image", batch: 2, spatial: [nil, nil, nil]), settings)
    #expect(batch.code == .modelNotUsable && batch.message.contains("batches of 2"))
    settings.batch = 0
    #expect(try await planning(settings).code == .invalidOption)
  }

  @Test("the patch is the model's where it has one, in its order of axes")
  func fixed() async throws {
    let model = StandIn.model(input: TensorShape(name: "image", spatial: [4, 5, 6])) { patch in
      #expect(patch.spatial == [4, 5, 6])
      return patch
    }
    for (axes, patch) in [
      (AxisOrder.zyx, Extent(width: 6, height: 5, depth: 4)), (.xyz, Extent(width: 4, height: 5, depth: 6)),
    ] {
      var settings = InferenceSettings()
      settings.axes = axes
      let plan = try await PatchPipeline(model: model, settings: settings).plan([reader()])
      #expect(plan.grid.patch == patch)
    }
  }

  @Test("a patch that would be smaller than the only size of a model is refused before the start")
  func partial() async throws {
    var settings = InferenceSettings()
    settings.edge = PerAxis(.partial)
    settings.overlap = PerAxis(.voxels(0))
    let fixed = TensorShape(name: "image", spatial: [4, 4, 4])
    let last = try await planning(input: fixed, settings)
    #expect(last.code == .modelNotUsable && last.context.axis == .x && last.context.found == "1")
    let small = try await planning(input: TensorShape(name: "image", spatial: [20, 20, 20]), settings)
    #expect(small.code == .modelNotUsable && small.context.axis == .z && small.context.found == "12")
  }

  @Test("an image smaller than the patch is padded at its end, or on both sides where that is asked for")
  func small() async throws {
    for edge in EdgePolicy.allCases where edge != .partial {
      var settings = InferenceSettings.patches(Extent(width: 20, height: 4, depth: 15))
      settings.edge = PerAxis(edge)
      settings.padding = .constant(-7)
      let model = StandIn.model { patch in
        let corner = patch.values[0]
        if edge == .pad(.both) {
          #expect(corner == -7)
        } else {
          #expect(corner != -7)
        }
        return patch
      }
      let scan = try Volume<Float>(
        extent: Self.extent, voxels: (0..<Self.extent.voxelCount).map { Float($0) })
      let values = try await PatchPipeline(model: model, settings: settings).values(.logits, of: scan)
      #expect(largestDifference(values.voxels, scan.voxels) <= 1e-4, "\(edge)")
    }
  }

  @Test("a model that gives no patches is refused")
  func shapes() async throws {
    for shape in [[1, 4], [2, 1, 4, 4, 4], [1, 1, 4, 4, 4, 1], []] {
      let signature = ModelSignature(input: StandIn.volume, outputs: [StandIn.volume])
      let model = ClosureModel(signature: signature) { _ in
        shape.isEmpty
          ? [] : [PatchTensor(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))]
      }
      let error = try await OnnxTestModels.error {
        try await PatchPipeline(model: model, settings: .patches(Extent(4))).plan([reader()])
      }
      #expect(error.code == .modelNotUsable, "\(shape)")
    }
  }

  @Test("slices cannot be mirrored across")
  func mirrors() async throws {
    var settings = InferenceSettings.patches(Extent(4))
    settings.mirrors = [.x, .z]
    let error = try await planning(input: StandIn.plane, settings)
    #expect(error.code == .invalidOption && error.context.axis == .z)
  }

  @Test("a patch or batch that no machine holds is refused before it is made")
  func huge() async throws {
    for (patch, batch) in [
      (Extent(1 << 20), 1), (Extent(60_000), 1), (Extent(1000), 1_000_000), (Extent(4), .max),
    ] {
      var settings = InferenceSettings.patches(patch)
      settings.batch = batch
      let error = try await planning(settings)
      #expect(
        error.code == .memoryTooLow && error.message.contains("use smaller patches"), "\(error.message)")
    }
    var settings = InferenceSettings.patches(Extent(256))
    settings.limits.memory = 60 << 20
    #expect(try await planning(settings).message.contains("is 64 MiB, more than the 60 MiB"))
  }

  /// The error of a run, with everything that it leaves in the folder.
  private func run(
    _ settings: InferenceSettings = .patches(Extent(4)),
    beforeWriting: @escaping @Sendable (_ folder: String) throws -> Void = { _ in },
    _ network: @escaping @Sendable (NetworkPatch) throws -> NetworkPatch
  ) async throws -> (error: any Error, names: [String]) {
    try await withTemporaryFolder { folder in
      let scan = try Volume<Int16>(
        extent: Self.extent, voxels: (0..<Self.extent.voxelCount).map { Int16($0) })
      try scan.write(to: "\(folder)/a.nii.gz")
      let pipeline = PatchPipeline(model: StandIn.model(network), settings: settings)
      let error = try await #require(throws: (any Error).self) {
        try await pipeline.predict(
          [ImageFormats.open("\(folder)/a.nii.gz")], kinds: [.labels, .probabilities]
        ) {
          kind, info in
          try beforeWriting(folder)
          return try ImageFormats.create(
            kind == .labels ? "\(folder)/b.nii.gz" : "\(folder)/c.nii", info: info)
        }
      }
      return (error, try fileNames(in: folder))
    }
  }

  @Test("a scan that is written to while it is predicted is an error that names it, and nothing is left")
  func changedScan() async throws {
    let (error, names) = try await run(beforeWriting: { try rewriteByte(of: "\($0)/a.nii.gz") }) { $0 }
    let found = try #require(error as? VoxtileError)
    #expect(found.code == .fileAccess && found.message.contains("written to while it was read"))
    #expect(found.context.file?.hasSuffix("/a.nii.gz") == true && names == ["a.nii.gz"])
  }

  @Test(
    "a value that is not a number is an error that names the patch, wherever it is",
    arguments: [Float.nan, .infinity])
  func noNumbers(value: Float) async throws {
    // Patches in the second row: of the first layer, and of the second, where the last voxel is padding.
    for (jobs, index, z, name) in [
      (1, 0, 4, "patch 9: 4x4x4 at (0, 4, 4)"), (2, 63, 4, "patch 9: 4x4x4 at (0, 4, 4)"),
      (1, 0, 0, "patch 3: 4x4x4 at (0, 4, 0)"), (2, 63, 0, "patch 3: 4x4x4 at (0, 4, 0)"),
    ] {
      var settings = InferenceSettings.patches(Extent(4), overlap: .voxels(0))
      settings.edge = PerAxis(.pad(.end))
      settings.limits.jobs = Jobs(jobs)
      settings.batch = 2
      let result = try await run(settings) { patch in
        var patch = patch
        if patch.values[0] == Float(z * 72 + 4 * 9) { patch.values[index] = value }
        return patch
      }
      let error = try #require(result.error as? VoxtileError)
      #expect(error.code == .predictionFailed && error.message.contains(name), "\(error.message)")
      #expect(error.message.contains(value.isNaN ? "NaN" : "infinite"))
      #expect(result.names == ["a.nii.gz"])
    }
  }

  @Test("what a model throws reaches the caller, and nothing is left")
  func throwing() async throws {
    let counter = Counter()
    let result = try await run { patch in
      counter.increment()
      if counter.value > 20 { throw Broken() }
      return patch
    }
    #expect(result.error is Broken && result.names == ["a.nii.gz"])
  }

  @Test("an output whose shape changes is an error that names the patch")
  func anotherShape() async throws {
    let counter = Counter()
    let result = try await run { patch in
      counter.increment()
      guard counter.value > 5 else { return patch }
      return NetworkPatch(channels: 2, spatial: patch.spatial, values: patch.values + patch.values)
    }
    let error = try #require(result.error as? VoxtileError)
    #expect(error.code == .predictionFailed && error.message.contains("patch "))
    #expect(result.names == ["a.nii.gz"])
  }

  @Test("whoever follows can stop at any patch, and nothing is left", arguments: [0, 1, 7, 60])
  func canceled(after count: Int) async throws {
    let asked = Counter()
    var settings = InferenceSettings.patches(Extent(4))
    settings.progress = JobProgress { done, total in
      #expect(done <= total)
      asked.increment()
      if done >= count && asked.value > count { throw CancellationError() }
    }
    let result = try await run(settings) { $0 }
    #expect(result.error is CancellationError && result.names == ["a.nii.gz"])
  }

  /// A writer for which the disk is full after some slices.
  private final class FullDisk: VolumeWriter {
    let info: VolumeInfo
    private let room: Int
    private let finished = Counter()
    var isFinished: Bool { finished.value > 0 }

    init(_ info: VolumeInfo, room: Int) {
      self.info = info
      self.room = room
    }

    func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
      if slices.upperBound > room { throw Broken() }
    }

    func finish() throws { finished.increment() }
  }

  @Test("a full disk ends the run, and no writer is finished", arguments: [0, 3, 11])
  func fullDisk(room: Int) async throws {
    var settings = InferenceSettings.patches(Extent(4))
    settings.limits.jobs = Jobs(2)
    let pipeline = PatchPipeline(model: StandIn.placed(), settings: settings)
    let kinds: Set<PredictionKind> = [.labels, .logits]
    var plan = try await pipeline.plan([reader()], kinds: kinds)
    plan.memory.residentOutputBytes = 100
    let labels = FullDisk(plan.info(of: .labels), room: .max)
    let logits = FullDisk(plan.info(of: .logits), room: room)
    await #expect(throws: Broken.self) {
      try await pipeline.run(plan, to: [.labels: labels, .logits: logits])
    }
    #expect(!labels.isFinished && !logits.isFinished)
  }

  @Test("a run that goes well writes every slice once, in order, and finishes")
  func slices() async throws {
    var settings = InferenceSettings.patches(Extent(4))
    settings.limits.jobs = Jobs(2)
    let done = Mutex<[Int]>([])
    settings.progress = JobProgress { number, total in done.withLock { $0.append(number * 1000 / total) } }
    let pipeline = PatchPipeline(model: StandIn.placed(), settings: settings)
    let plan = try await pipeline.plan([reader()])
    let labels = FullDisk(plan.info(of: .labels), room: .max)
    let report = try await pipeline.run(plan, to: [.labels: labels])
    #expect(labels.isFinished && report.predictedPatches == plan.grid.count)
    #expect(done.withLock { $0 == $0.sorted() && $0.last == 1000 && $0.count > plan.grid.count })
    #expect(report.modelSeconds > 0 && report.seconds >= report.modelSeconds)
  }
}
