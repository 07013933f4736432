import Synchronization
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

/// Several networks over one scan give the labels that each of them gives by itself.
@Suite("TaskPipeline") struct TaskPipelineTests {
  /// A compressed file, which counts the voxels that are read.
  private final class Compressed: VolumeReader {
    let base: VolumeInMemory
    private let count = Mutex(0)
    var info: VolumeInfo { base.info }
    var isRandomAccess: Bool { false }
    var readVoxels: Int { count.withLock { $0 } }

    init(_ volume: some AnyVolume) { base = VolumeInMemory(volume) }

    func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
      count.withLock { $0 += region.voxelCount }
      try base.read(region, into: destination)
    }
  }

  private static let extent = Extent(width: 13, height: 11, depth: 17)

  private func settings(
    _ patch: Extent, resampledTo spacing: Double? = nil, convention: ResamplingConvention = .monai,
    _ change: (inout InferenceSettings) -> Void = { _ in }
  ) -> InferenceSettings {
    var settings = InferenceSettings.patches(patch, overlap: .voxels(2))
    settings.resampling = spacing.map { ScanResampling(to: PerAxis($0), convention: convention) }
    change(&settings)
    return settings
  }

  private func scan() throws -> Volume<Float> {
    var random = SplitMix64(seed: 19)
    return try StandIn.scan(Self.extent, channels: 1, affine: Affine(spacing: PerAxis(0.9)), using: &random)
  }

  /// Three tasks of different patches, voxels and intensities.
  private var members: [TaskPipeline.Member] {
    [
      .init("a", PatchPipeline(model: StandIn.placed(), settings: settings(Extent(6)))),
      .init(
        "b",
        PatchPipeline(
          model: StandIn.placed(),
          settings: settings(Extent(5), resampledTo: 1.2) { $0.normalization = .zScore(of: .all) })),
      .init(
        "c",
        PatchPipeline(
          model: StandIn.placed(),
          settings: settings(Extent(7), resampledTo: 1.2) { $0.normalization = .minMax })),
    ]
  }

  private func collected(
    _ pipeline: TaskPipeline, _ scan: any VolumeReader
  ) async throws -> (labels: [Int32], report: TaskPipeline.Report, plan: TaskPlan) {
    let plan = try await pipeline.plan([scan])
    func collect<Label: VoxelScalar>(_ type: Label.Type) async throws -> ([Int32], TaskPipeline.Report) {
      let collector = try VolumeCollector<Label>(plan.info)
      let report = try await pipeline.run(plan, to: collector)
      return (Array(Volume<Int32>(converting: try collector.volume).voxels), report)
    }
    let (labels, report) = try await collect(plan.info.scalarType.type)
    return (labels, report, plan)
  }

  /// The labels of the tasks over each other, from what each gives by itself.
  private func expected(
    _ scan: Volume<Float>, values: [String: [Int32: Int32]]
  ) async throws -> (labels: [Int32], replaced: [Int]) {
    var labels = [Int32](repeating: 0, count: scan.extent.voxelCount)
    var replaced: [Int] = []
    for member in members {
      let own = try await member.pipeline.labels(of: scan).voxels
      var count = 0
      for index in labels.indices {
        guard let value = values[member.name]?[own[index]], value != 0 else { continue }
        if labels[index] != 0, labels[index] != value { count += 1 }
        labels[index] = value
      }
      replaced.append(count)
    }
    return (labels, replaced)
  }

  @Test("the labels are those of each network by itself, the last task above the others")
  func overlaid() async throws {
    let scan = try scan()
    let table = try TaskLabels([
      .init(task: "a", label: 1, value: 70_000, name: "far"), .init(task: "b", label: 1, value: 300),
      .init(task: "c", label: 1, value: 2, name: "near"),
    ])
    let pipeline = try TaskPipeline(members, labels: table)
    let wanted = try await expected(scan, values: ["a": [1: 70_000], "b": [1: 300], "c": [1: 2]])
    let found = try await collected(pipeline, VolumeInMemory(scan))
    #expect(found.labels == wanted.labels)
    #expect(Set(found.labels).isSuperset(of: [0, 300, 2]))
    #expect(found.report.replacedVoxels == wanted.replaced && wanted.replaced[1] > 0)
    #expect(found.report.unlistedVoxels == [0, 0, 0])
    #expect(found.plan.info.scalarType == .int32 && found.plan.info.isLabelMap)
    #expect(found.plan.info.metadata.affine == scan.metadata.affine)
    #expect(
      found.plan.labels.names == [LabelName(label: 2, name: "near"), LabelName(label: 70_000, name: "far")])
  }

  @Test("without a table, labels are counted on from task to task, and get the names of their networks")
  func counted() async throws {
    let scan = try scan()
    var named = members
    var settings = named[1].pipeline.settings
    settings.labels.names = ["nothing", "rib"]
    named[1] = .init("b", PatchPipeline(model: StandIn.placed(), settings: settings))
    let found = try await collected(try TaskPipeline(named), VolumeInMemory(scan))
    #expect(
      found.labels == (try await expected(scan, values: ["a": [1: 1], "b": [1: 2], "c": [1: 3]])).labels)
    #expect(found.plan.labels.names.map(\.name) == ["a 1", "rib", "c 1"])
    #expect(found.plan.info.scalarType == .uint8)
  }

  @Test("a compressed scan is read once, and resampled once for the tasks that see the same voxels")
  func readOnce() async throws {
    let scan = try scan()
    let file = Compressed(scan)
    let one = try await collected(try TaskPipeline(members), file)
    #expect(file.readVoxels == Self.extent.voxelCount)
    #expect(one.labels == (try await collected(try TaskPipeline(members), VolumeInMemory(scan))).labels)
    // The scan, and one of two tasks that are resampled alike.
    let resampled = try Resampling(
      of: Self.extent, spacing: PerAxis(0.9), to: PerAxis(1.2), convention: .monai)
    #expect(one.plan.scratchBytes == 4 * (Self.extent.voxelCount + resampled.newExtent.voxelCount))
  }

  @Test("in nnU-Net's order intensities come first, so only tasks that change them alike share a copy")
  func normalizedFirst() async throws {
    let scan = try scan()
    func member(_ name: String, _ normalization: Normalization) -> TaskPipeline.Member {
      .init(
        name,
        PatchPipeline(
          model: StandIn.placed(),
          settings: settings(Extent(6), resampledTo: 1.2, convention: .nnunet) {
            $0.normalization = normalization
          }))
    }
    let size = try Resampling(
      of: Self.extent, spacing: PerAxis(0.9), to: PerAxis(1.2), convention: .nnunet
    ).newExtent.voxelCount
    for (second, copies) in [(Normalization.minMax, 1), (.zScore(of: .all), 2)] {
      let tasks = [member("a", .minMax), member("b", second)]
      let found = try await collected(try TaskPipeline(tasks), VolumeInMemory(scan))
      #expect(found.plan.scratchBytes == 4 * copies * size)
      let own = try await tasks[1].pipeline.labels(of: scan).voxels
      #expect(zip(found.labels, own).allSatisfy { ($0 == 2) == ($1 == 1) })
    }
  }

  @Test("labels that the table does not name become background, and are told before")
  func unlisted() async throws {
    let scan = try scan()
    let found = try await collected(
      try TaskPipeline(members, labels: try TaskLabels([.init(task: "c", label: 1, value: 9)])),
      VolumeInMemory(scan))
    #expect(found.plan.unlisted == [[1], [1], []])
    #expect(found.plan.steps.map { $0.plan.first == nil } == [false, true, true])
    #expect(Set(found.labels) == [0, 9])
    let own = try await members[0].pipeline.labels(of: scan).voxels
    #expect(found.report.unlistedVoxels[0] == own.count { $0 == 1 })
    #expect(found.report.replacedVoxels == [0, 0, 0])
  }

  @Test("a map of which little may be in memory is the same")
  func scratch() throws {
    let info = VolumeInfo(extent: Self.extent, scalarType: .uint16)
    let map = try OverlaidLabels(info, residentBytes: 1)
    let collector = try VolumeCollector<UInt16>(info)
    var random = SplitMix64(seed: 3)
    let first = (0..<Self.extent.voxelCount).map { _ in Int16.random(in: -1...2, using: &random) }
    let second = (0..<Self.extent.voxelCount).map { _ in UInt8.random(in: 0...1, using: &random) }
    func write<Label: VoxelScalar>(_ labels: [Label], _ values: [Int: Int], _ next: (any VolumeWriter)?)
      throws
    {
      let overlay = LabelOverlay(
        VolumeInfo(extent: Self.extent, scalarType: Label.scalarType), values: values, over: map,
        passingTo: next
      ) {}
      let volume = try Volume(extent: Self.extent, voxels: labels)
      for slices in [0..<5, 5..<17] {
        try overlay.write(
          volume[Region(x: 0..<Self.extent.width, y: 0..<Self.extent.height, z: slices)], slices: slices)
      }
      try overlay.finish()
    }
    try write(first, [-1: 40_000, 1: 5], nil)
    try write(second, [1: 7], collector)
    let wanted = zip(first, second).map { one, two -> UInt16 in
      two == 1 ? 7 : one == -1 ? 40_000 : one == 1 ? 5 : 0
    }
    #expect(try collector.volume.voxels == wanted)
  }

  @Test("what does not fit together is an error that names the task")
  func errors() async throws {
    func message(_ body: () async throws -> Void) async -> String {
      do { try await body() } catch { return "\(error)" }
      return "no error"
    }
    #expect(await message { _ = try TaskPipeline([]) }.contains("the tasks are none"))
    #expect(
      await message { _ = try TaskPipeline([members[0], members[0]]) }.contains(
        "give at least one, and each another name"))
    let other = try TaskLabels([.init(task: "d", label: 1, value: 1)])
    #expect(
      await message { _ = try TaskPipeline(members, labels: other) }.contains(
        "has a task 'd', but the tasks are 'a', 'b', 'c'"))
    let absent = try TaskLabels([.init(task: "b", label: 2, value: 1)])
    let scan = try scan()
    #expect(
      await message { _ = try await TaskPipeline(members, labels: absent).plan([VolumeInMemory(scan)]) }
        .contains(
          "label 2 of the task 'b' becomes, but its network gives 0, 1"))
    var wrong = members
    wrong[1] = .init(
      "b", PatchPipeline(model: StandIn.placed(), settings: settings(Extent(5)) { $0.labels.values = [1] }))
    #expect(
      await message { _ = try await TaskPipeline(wrong).plan([VolumeInMemory(scan)]) }.hasPrefix("task 'b': ")
    )
  }
}
