import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileInference

/// Whether ONNX Runtime is there.
private let canRun = (try? OnnxRuntime.open()) != nil

/// Tiny nnU-Nets of random weights, and what nnU-Net itself makes of a scan: `make_nnunet_toys.py` says which is which.
@Suite("NnUNetFolder: toys") struct NnUNetToyTests {
  static let toys = ["slices", "torch", "unsliced", "turned", "kept", "channels", "reoriented"]

  private static func path(_ toy: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/nnunet/\(toy)").path
  }

  private static func scan(_ toy: String) throws -> [any VolumeReader] {
    try (0..<2).map { "\(path(toy))/scan_000\($0).nii.gz" }
      .filter(FileManager.default.fileExists).map { try ImageFormats.open($0) }
  }

  private static func model(_ toy: String) async throws -> EnsembleModel {
    var models: [any PatchModel] = []
    for path in try NnUNetFolder(path(toy)).models { models.append(try await EngineRegistry.load(path)) }
    return try EnsembleModel(models)
  }

  private static func labels(_ toy: String, named name: String) throws -> [UInt8] {
    Volume<UInt8>(
      converting: try ImageFormats.open("\(path(toy))/\(name).nii.gz").readReal(as: Float.self)
    ).voxels
  }

  @Test(
    "the prepared scan is nnU-Net's within 1e-6 of its range", .enabled(if: canRun), arguments: toys)
  func prepared(toy: String) async throws {
    let scan = try Self.scan(toy)
    let settings = try NnUNetFolder(Self.path(toy)).settings(over: scan[0].info)
    let plan = try await PatchPipeline(model: try await Self.model(toy), settings: settings).plan(scan)
    let seen = plan.cutting.source
    let values = try seen.read(Region(seen.info.extent)).voxels
    let expected = try ImageFormats.open("\(Self.path(toy))/prepared.npy").readReal(as: Float.self).voxels
    let found = stride(from: 0, to: values.count, by: 29).map { values[$0] }
    try #require(found.count == expected.count)
    let size = expected.map(\.magnitude).max() ?? 0
    let largest = zip(found, expected).map { ($0 - $1).magnitude }.max() ?? .infinity
    #expect(size > 0.5 && largest <= 1e-6 * max(1, size), "\(largest) of \(size)")
  }

  @Test(
    "labels are those of nnU-Net with sums of single precision, to the voxel", .enabled(if: canRun),
    arguments: toys)
  func labels(toy: String) async throws { try await check(toy, against: "labels_single") }

  @Test(
    "with sums of half precision, labels are nnU-Net's own, to the voxel", .enabled(if: canRun),
    arguments: toys)
  func halfLabels(toy: String) async throws { try await check(toy, against: "labels", as: .nnUNetHalf) }

  private func check(_ toy: String, against name: String, as mode: Compatibility = .nnUNet) async throws {
    let scan = try Self.scan(toy)
    var settings = try NnUNetFolder(Self.path(toy)).settings(over: scan[0].info)
    settings.compatibility = mode
    let pipeline = PatchPipeline(model: try await Self.model(toy), settings: settings)
    let plan = try await pipeline.plan(scan)
    let collector = try VolumeCollector<UInt8>(plan.info(of: .labels))
    try await pipeline.run(plan, to: [.labels: collector])
    let (found, expected) = (try collector.volume.voxels, try Self.labels(toy, named: name))
    let differing = zip(found, expected).count { $0 != $1 }
    #expect(differing == 0 && found.count == expected.count, "\(differing) of \(found.count)")
    #expect(Set(expected).count >= 2)
  }
}
