import Foundation
import Synchronization
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileInference

/// Predictions that are kept patch by patch and merged later are those of one run.
@Suite("StoredPredictions") struct StoredPredictionsTests {
  /// Keeps predictions in memory.
  final class MemoryStore: PredictionStore {
    private let patches = Mutex<[Int: [Float]?]>([:])
    private let removed = Mutex<Set<Int>>([])

    func holds(_ patch: Int) -> Bool { patches.withLock { $0[patch] != nil } }
    func remove(_ patch: Int) {
      if patches.withLock({ $0.removeValue(forKey: patch) }) != nil {
        removed.withLock { _ = $0.insert(patch) }
      }
    }
    func isRemoved(_ patch: Int) -> Bool { removed.withLock { $0.contains(patch) } }
    func keep(_ values: Span<Float>?, extent: Extent, ofPatch patch: Int) {
      let kept: [Float]? = if let values { values.indices.map { values[$0] } } else { nil }
      patches.withLock { $0[patch] = .some(kept) }
    }
    func prediction(ofPatch patch: Int, extent: Extent) throws -> [Float]? {
      try #require(patches.withLock { $0[patch] })
    }
    var count: Int { patches.withLock { $0.count } }
  }

  /// What decides how patches lie and how they become an image.
  enum Way: String, CaseIterable, CustomTestStringConvertible {
    case plain, turned, skipping, likeMONAI, discarding, padded, partial, batches, foreground, last, resampled
    case slicesApart, resampledBox, flippedSlices, backByTorch
    var testDescription: String { rawValue }

    func apply(to settings: inout InferenceSettings) {
      switch self {
      case .plain: break
      case .turned: settings.orientation = Orientation("PIR")
      case .skipping: settings.skipBelow = 0.5
      case .likeMONAI: settings.compatibility = .monai
      case .discarding: settings.edge = PerAxis(.discard)
      case .padded: settings.edge = PerAxis(.pad(.both))
      case .partial: settings.edge = PerAxis(.partial)
      case .batches: settings.batch = 5
      case .foreground: settings.foreground = .positive
      case .last: settings.blend = .last
      case .resampled: settings.resampling = ScanResampling(to: PerAxis(1.3), convention: .monai)
      case .resampledBox:
        settings.foreground = .positive
        settings.resampling = ScanResampling(to: PerAxis(0.6))
      case .flippedSlices:
        settings.orientation = Orientation("RAI")
        settings.resampling = ScanResampling(to: PerAxis(x: 1, y: 1, z: 10))
      case .backByTorch:
        settings.resampling = ScanResampling(to: PerAxis(2.5))
        settings.resampling?.back = .init(convention: .nnunetTorch, separatesSlices: true)
      case .slicesApart: settings.resampling = ScanResampling(to: PerAxis(x: 1, y: 1, z: 4))
      }
    }
  }

  private func scan() throws -> Volume<Float> {
    var random = SplitMix64(seed: 91)
    let extent = Extent(width: 11, height: 9, depth: 23)
    // Nothing at both ends, so that a foreground is a part.
    let voxels = (0..<extent.voxelCount).map { index in
      (8..<15).contains(index / 99) && !(20..<60).contains(index % 99)
        ? Float.random(in: -2...2, using: &random) : -3
    }
    return try Volume(
      extent: extent, voxels: voxels, metadata: VolumeMetadata(affine: NaiveInference.affine("LPS")))
  }

  private func pipeline(_ way: Way, model: ClosureModel = StandIn.placed()) -> PatchPipeline {
    var settings = InferenceSettings.patches(Extent(width: 6, height: 5, depth: 7), overlap: .voxels(3))
    settings.limits.jobs = Jobs(2)
    way.apply(to: &settings)
    return PatchPipeline(model: model, settings: settings)
  }

  private static let kinds: [PredictionKind] = [.labels, .logits, .probabilities, .confidence, .disagreement]

  /// The bytes of each kind of output of one run.
  private func predicted(_ pipeline: PatchPipeline, _ scan: Volume<Float>) async throws -> [PredictionKind:
    [UInt8]]
  {
    let plan = try await pipeline.plan([VolumeInMemory(scan)], kinds: Set(Self.kinds))
    let writers = Dictionary(uniqueKeysWithValues: Self.kinds.map { ($0, ByteCollector(plan.info(of: $0))) })
    try await pipeline.run(plan, to: writers)
    return writers.mapValues(\.bytes)
  }

  /// Keeps predictions in some parts, in any order, and takes them up with what a file says of them.
  private func kept(
    _ pipeline: PatchPipeline, _ scan: Volume<Float>, parts: Int, using random: inout SplitMix64
  ) async throws -> StoredPredictions {
    let store = MemoryStore()
    let whole = try await pipeline.plan([VolumeInMemory(scan)], kinds: [])
    for part in (0..<parts).shuffled(using: &random) {
      let plan = try await pipeline.plan(
        [VolumeInMemory(scan)], mask: nil, kinds: [], knowing: nil, tryingBatch: { $0 * part / parts })
      let count = plan.grid.count
      let own = count * part / parts..<count * (part + 1) / parts
      let report = try await pipeline.keep(plan, patches: Array(own), in: store)
      #expect(report.predictedPatches + report.skippedPatches == own.count)
    }
    #expect(store.count == whole.grid.count)
    let json = try JSONEncoder().encode(PredictionLayoutDocument(whole.layout))
    let document = try JSONDecoder().decode(PredictionLayoutDocument.self, from: json)
    let layout = try document.layout(denseWeights: whole.layout.denseWeights)
    #expect(PredictionLayoutDocument(layout) == document)
    return StoredPredictions(layout, in: store)
  }

  @Test("have the bits of one run, kept in parts, in any order", arguments: Way.allCases)
  func sameBits(way: Way) async throws {
    var random = SplitMix64(seed: 92)
    let (scan, pipeline) = (try scan(), pipeline(way))
    let expected = try await predicted(pipeline, scan)
    for parts in [1, 4] {
      let stored = try await kept(pipeline, scan, parts: parts, using: &random)
      for memory in [Int?.none, 180 << 20] {
        let limits = JobLimits(jobs: Jobs(3), memory: memory)
        let plan = try stored.plan(Set(Self.kinds), limits: limits, writerByteCount: 0)
        let writers = Dictionary(
          uniqueKeysWithValues: Self.kinds.map { ($0, ByteCollector(stored.layout.info(of: $0))) })
        let report = try await stored.merge(plan, to: writers)
        #expect(report.mergedPatches + report.skippedPatches == stored.layout.grid.count)
        #expect((report.skippedPatches > 0) == (way == .skipping))
        for kind in Self.kinds {
          let isSame = writers[kind]?.bytes == expected[kind]
          #expect(isSame, "\(kind) in \(parts) parts")
        }
      }
    }
  }

  @Test("slices that are merged by themselves are those of the whole", arguments: Way.allCases)
  func slices(way: Way) async throws {
    var random = SplitMix64(seed: 93)
    let (scan, pipeline) = (try scan(), pipeline(way))
    let expected = try await predicted(pipeline, scan)
    let stored = try await kept(pipeline, scan, parts: 1, using: &random)
    let depth = scan.extent.depth
    let last = stored.patches(forSlices: depth - 1..<depth)
    #expect(!last.isEmpty && (last.lowerBound > 0) == ![.foreground, .resampledBox].contains(way))
    let plan = try stored.plan(Set(Self.kinds), limits: JobLimits(jobs: .one), writerByteCount: 0)
    for step in [1, 4, 10] {
      let writers = Dictionary(
        uniqueKeysWithValues: Self.kinds.map { ($0, ByteCollector(stored.layout.info(of: $0))) })
      for first in stride(from: 0, to: depth, by: step).shuffled(using: &random) {
        _ = try await stored.merge(plan, to: writers, slices: first..<min(depth, first + step))
      }
      for kind in Self.kinds {
        let isSame = writers[kind]?.bytes == expected[kind]
        #expect(isSame, "\(kind), \(step) slices at a time")
      }
    }
  }

  @Test("labels that a network gives itself are put together as in one run")
  func labels() async throws {
    var random = SplitMix64(seed: 94)
    let scan = try scan()
    let model = StandIn.model(
      output: TensorShape(name: "labels", channels: 1, spatial: [nil, nil, nil], labelRange: 0...300)
    ) { patch in
      NetworkPatch(
        channels: 1, spatial: patch.spatial,
        values: patch.values.enumerated().map { $1 > 0 ? Float(300 - $0 % 2) : 0 })
    }
    let pipeline = pipeline(.plain, model: model)
    let stored = try await kept(pipeline, scan, parts: 3, using: &random)
    let once = try await pipeline.plan([VolumeInMemory(scan)], kinds: [.labels])
    let expected = ByteCollector(once.info(of: .labels))
    try await pipeline.run(once, to: [.labels: expected])
    let plan = try stored.plan([.labels], limits: JobLimits(), writerByteCount: 0)
    let found = ByteCollector(stored.layout.info(of: .labels))
    _ = try await stored.merge(plan, to: [.labels: found])
    #expect(found.info.scalarType == .uint16 && found.bytes == expected.bytes)
    #expect(throws: VoxtileError.self) {
      try stored.plan([.logits], limits: JobLimits(), writerByteCount: 0)
    }
  }

  @Test("what is not predicted yet is an error that says so, and only where it is needed")
  func missing() async throws {
    let (scan, pipeline) = (try scan(), pipeline(.plain))
    let store = MemoryStore()
    let plan = try await pipeline.plan([VolumeInMemory(scan)], kinds: [])
    let layer = plan.grid.counts.x * plan.grid.counts.y
    _ = try await pipeline.keep(plan, patches: Array(0..<2 * layer), in: store)
    let stored = StoredPredictions(plan.layout, in: store)
    let merging = try stored.plan([.labels], limits: JobLimits(), writerByteCount: 0)
    let collector = ByteCollector(stored.layout.info(of: .labels))
    await #expect {
      _ = try await stored.merge(merging, to: [.labels: collector])
    } throws: { error in
      let error = error as? VoxtileError
      return error?.code == .missingPatch
        && error?.message.contains("\(plan.grid.count - 2 * layer) of \(plan.grid.count) patches") == true
    }
    _ = try await stored.merge(merging, to: [.labels: collector], slices: 0..<7)
    #expect(try stored.missingPatches(forSlices: 0..<7).isEmpty)
    #expect(try stored.missingPatches(forSlices: 0..<12) == Array(2 * layer..<3 * layer))
  }

  @Test("a place outside of what the network saw, and a step that has no inverse, are errors")
  func impossibleDocuments() async throws {
    let plan = try await pipeline(.resampled).plan([VolumeInMemory(try scan())], kinds: [])
    var document = PredictionLayoutDocument(plan.layout)
    _ = try document.layout(denseWeights: nil)
    for origin in [[-1, 0, 0], [0, 0, 1], [1_000_000, 0, 0], [0, 1 << 62, 0]] {
      document.origin = origin
      #expect { _ = try document.layout(denseWeights: nil) } throws: { "\($0)".contains("field origin") }
    }
    document.origin = [0, 0, 0]
    for step in [0x1p-1060, 1e300, 0] {
      document.resampled?.axes.x.step = step
      #expect { _ = try document.layout(denseWeights: nil) } throws: { "\($0)".contains("resampled.axes.x") }
    }
  }

  @Test("a document that was changed describes a layout that can be used, or is an error")
  func changedDocuments() async throws {
    for way in [Way.plain, .foreground, .partial, .skipping, .resampled] {
      let plan = try await pipeline(way).plan([VolumeInMemory(try scan())], kinds: [])
      let json = try JSONSerialization.jsonObject(
        with: JSONEncoder().encode(PredictionLayoutDocument(plan.layout)))
      var refused = 0
      for var random in SplitMix64.cases(300, from: 95) {
        let changed = try JSONSerialization.data(withJSONObject: Self.changed(json, using: &random))
        guard let document = try? JSONDecoder().decode(PredictionLayoutDocument.self, from: changed) else {
          continue
        }
        do throws(VoxtileError) {
          let layout = try document.layout(denseWeights: nil)
          // What it needs can be counted; with a limit that nothing large keeps, it can also be merged.
          let stored = StoredPredictions(layout, in: MemoryStore())
          _ = try stored.plan(
            [.labels, .disagreement], limits: JobLimits(memory: 512 << 20), writerByteCount: 0)
        } catch {
          #expect([.malformedFile, .memoryTooLow, .invalidOption].contains(error.code), "\(error)")
          if error.code == .malformedFile { refused += 1 }
        }
      }
      #expect(refused > 50)
    }
  }

  /// A document of which one value is another.
  private static func changed(_ json: Any, using random: inout SplitMix64) throws -> Any {
    if var object = json as? [String: Any], let key = object.keys.sorted().randomElement(using: &random) {
      object[key] = try changed(object[key] ?? 0, using: &random)
      return object
    }
    if var values = json as? [Any], !values.isEmpty, Int.random(in: 0..<8, using: &random) > 0 {
      let index = Int.random(in: values.indices, using: &random)
      values[index] = try changed(values[index], using: &random)
      return values
    }
    if let text = json as? String {
      return ["", "x", "none", "faces", text + text].randomElement(using: &random) ?? ""
    }
    if json is [Any] { return [Any]() }
    let number = (json as? NSNumber)?.doubleValue ?? 0
    return [0, -1, 1, 2, number + 1, -number, 1e9, 2_147_483_647, 4e18].randomElement(using: &random) ?? 0
  }
}

/// Collects slices in any order, as they lie in the whole.
final class ByteCollector: VolumeWriter {
  let info: VolumeInfo
  private let content: Mutex<[UInt8]>

  init(_ info: VolumeInfo) {
    self.info = info
    content = Mutex([UInt8](repeating: 0xAA, count: info.byteCount(of: Region(info.extent))))
  }

  var bytes: [UInt8] { content.withLock { $0 } }

  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) {
    let slice = info.extent.width * info.extent.height * info.scalarType.byteCount
    content.withLock { content in
      for channel in 0..<info.channels {
        let source = channel * slices.count * slice..<(channel + 1) * slices.count * slice
        let target = (channel * info.extent.depth + slices.lowerBound) * slice
        content.replaceSubrange(target..<target + source.count, with: slab[source])
      }
    }
  }

  func finish() {}
}
