import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileInference

/// A prediction that was stopped goes on after the last layer that it had finished.
@Suite("PatchPipeline: stopped and gone on with") struct ResumedPredictionTests {
  /// What stops a prediction.
  private struct Stopped: Error {}

  /// A model that stops after some patches, as a killed program does.
  private static func model(stoppingAfter count: Int, counting counter: Counter) -> ClosureModel {
    StandIn.model { patch in
      counter.increment()
      if counter.value > count { throw Stopped() }
      return StandIn.byPlace(patch)
    }
  }

  /// The ways of merging and holding that keep different things between layers.
  enum Way: String, CaseIterable, CustomTestStringConvertible {
    case plain, turned, skipping, likeMONAI, discarding, padded, partial, batches, scratch, rows, foreground
    case resampled, slicesApart, inHalf, inHalfTurned
    case inLines, inLinesOfBox, inLinesSliceBySlice

    var testDescription: String { rawValue }

    /// What is written: where it is small, a resampled scan comes back line by line.
    var kinds: Set<PredictionKind> {
      switch self {
      case .inLines, .inLinesOfBox, .inLinesSliceBySlice: [.labels, .disagreement, .confidence]
      default: [.labels, .disagreement, .logits]
      }
    }

    func apply(to settings: inout InferenceSettings) {
      switch self {
      case .plain, .scratch, .rows: break
      case .turned: settings.orientation = Orientation("PIR")
      case .skipping: settings.skipBelow = 400
      case .likeMONAI: settings.compatibility = .monai
      case .inHalf: settings.compatibility = .nnUNetHalf
      case .inHalfTurned: (settings.compatibility, settings.orientation) = (.nnUNetHalf, Orientation("PIR"))
      case .discarding: settings.edge = PerAxis(.discard)
      case .padded: settings.edge = PerAxis(.pad(.both))
      case .partial: settings.edge = PerAxis(.partial)
      case .batches: settings.batch = 5
      case .foreground: settings.foreground = .positive
      case .resampled: settings.resampling = ScanResampling(to: PerAxis(0.7), convention: .monai)
      case .slicesApart: settings.resampling = ScanResampling(to: PerAxis(x: 0.8, y: 0.8, z: 0.9))
      case .inLines: settings.resampling = ScanResampling(to: PerAxis(0.7), convention: .torchio)
      case .inLinesOfBox:
        settings.resampling = ScanResampling(to: PerAxis(x: 0.8, y: 1.3, z: 0.9))
        settings.foreground = .positive
      case .inLinesSliceBySlice:
        // The first layers finish no slice of the scan, before which there is background.
        settings.patch = Extent(width: 16, height: 16, depth: 1)
        settings.overlap = PerAxis(.voxels(0))
        settings.resampling = ScanResampling(to: PerAxis(x: 0.8, y: 0.8, z: 0.3))
        settings.foreground = .positive
      }
    }

    func apply(to memory: inout InferenceMemory) {
      switch self {
      case .scratch:
        memory.carriesInMemory = false
        memory.residentRowBytes = 5000
      case .rows:
        memory.holdsScan = true
        memory.step = .row
      default: break
      }
    }
  }

  private func scan(in folder: String) throws -> any VolumeReader {
    var random = SplitMix64(seed: 7)
    let extent = Extent(width: 10, height: 9, depth: 23)
    var volume = try Volume<Int16>(
      extent: extent, channels: 2,
      voxels: (0..<extent.voxelCount * 2).map { index in
        // Nothing at both ends, so that a foreground is a part.
        (3..<20).contains(index / 90 % 23) ? Int16.random(in: -500...500, using: &random) : 0
      })
    volume.metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(1)))
    try volume.write(to: "\(folder)/a.nii.gz", options: WriteOptions(isReplacing: true))
    return try ImageFormats.open("\(folder)/a.nii.gz")
  }

  private func predict(
    _ reader: any VolumeReader, _ way: Way, model: ClosureModel, state: (any JobState)?
  ) async throws -> (bytes: [UInt8], values: [Float], report: PatchPipeline.Report) {
    var settings = InferenceSettings.patches(Extent(width: 6, height: 5, depth: 7), overlap: .voxels(4))
    settings.normalization = .zScore(of: .all)
    way.apply(to: &settings)
    // Planning asks the model once more, which must not stop it.
    var plan = try await PatchPipeline(model: StandIn.placed(), settings: settings).plan(
      [reader], kinds: way.kinds)
    way.apply(to: &plan.memory)
    let labels = try VolumeCollector<UInt8>(plan.info(of: .labels))
    let real = way.kinds.subtracting([.labels, .disagreement]).first ?? .logits
    let values = try VolumeCollector<Float>(plan.info(of: real))
    let disagreement = try VolumeCollector<UInt8>(plan.info(of: .disagreement))
    let report = try await PatchPipeline(model: model, settings: settings).run(
      plan, to: [.labels: labels, real: values, .disagreement: disagreement], state: state)
    return (try labels.volume.voxels + disagreement.volume.voxels, try values.volume.voxels, report)
  }

  @Test(
    "has the bits of one that was never stopped, and predicts at most one layer twice",
    arguments: Way.allCases)
  func bits(way: Way) async throws {
    try await withTemporaryFolder { folder in
      let reader = try scan(in: folder)
      let expected = try await predict(reader, way, model: StandIn.placed(), state: nil)
      let all = expected.report.predictedPatches
      // The first batch is predicted while the run is planned.
      let stops = Array(stride(from: 1, to: all - (way == .batches ? 5 : 1), by: max(1, all / 9)))
      for stop in way == .inLinesSliceBySlice ? [2, 3, 4] + stops : stops {
        let counter = Counter()
        let result = "\(folder)/\(stop).nii"
        do {
          let state = try JobStateFolder(for: result, identity: "job")
          await #expect(throws: (any Error).self) {
            try await predict(
              reader, way, model: Self.model(stoppingAfter: stop, counting: counter), state: state)
          }
        }
        let state = try JobStateFolder(for: result, identity: "job")
        let resumed = try await predict(
          reader, way, model: Self.model(stoppingAfter: .max, counting: counter), state: state)
        let isSame = resumed.bytes == expected.bytes && resumed.values == expected.values
        #expect(isSame, "stopped after \(stop) of \(all) patches")
        let layer = resumed.report.resumedPatches / max(1, state.savedSteps)
        let batch = way == .batches ? 5 : 1
        #expect(
          counter.value <= all + max(layer, all) / 3 + batch, "\(counter.value) predictions of \(all) patches"
        )
        if state.savedSteps > 0 { #expect(resumed.report.predictedPatches < all) }
      }
    }
  }

  @Test("begins again where what was kept is of another job, is damaged, or has lost a file")
  func unusable() async throws {
    try await withTemporaryFolder { folder in
      let reader = try scan(in: folder)
      let expected = try await predict(reader, .plain, model: StandIn.placed(), state: nil)
      let result = "\(folder)/a.nii"
      let path = JobStateFolder.path(for: result)
      func stop() async throws {
        JobStateFolder.remove(for: result)
        let state = try JobStateFolder(for: result, identity: "job")
        await #expect(throws: (any Error).self) {
          try await predict(
            reader, .plain,
            model: Self.model(stoppingAfter: expected.report.predictedPatches - 2, counting: Counter()),
            state: state)
        }
        #expect(state.isSaved)
      }
      for damage in ["identity", "labels", "logits", "state.json", "missing"] {
        try await stop()
        switch damage {
        case "identity": break
        case "missing":
          let sums = try fileNames(in: path).first { $0.hasPrefix("sums") }
          try FileManager.default.removeItem(atPath: "\(path)/\(try #require(sums))")
        default:
          var bytes = try fileBytes("\(path)/\(damage)")
          bytes[bytes.count / 2] ^= 1
          try writeFile(bytes, to: "\(path)/\(damage)")
        }
        let state = try JobStateFolder(for: result, identity: damage == "identity" ? "another" : "job")
        if damage != "state.json" || state.savedSteps == 0 {
          #expect(state.savedSteps == 0, "\(damage)")
          guard case .unusable = state.finding else {
            Issue.record("\(damage): \(state.finding)")
            continue
          }
        }
        let again = try await predict(reader, .plain, model: StandIn.placed(), state: state)
        let isSame = again.bytes == expected.bytes && again.values == expected.values
        #expect(isSame, "\(damage)")
      }
    }
  }
}
