import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileInference

/// Whether ONNX Runtime is there.
private let canRun = (try? OnnxRuntime.open()) != nil

/// A small nnU-Net of random weights: CT and masked z-score channels, regions, two folds, mirroring, turned axes, slices far apart.
@Suite("NnUNetFolder") struct NnUNetFolderTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/nnunet").path
  private static var folder: String { "\(fixtures)/regions" }

  private func scan() throws -> [any VolumeReader] {
    try (0...1).map { try ImageFormats.open("\(Self.fixtures)/B_000\($0).nii.gz") }
  }

  @Test(
    "at most one label in a thousand of the foreground is not nnU-Net's own",
    .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
  func labels() async throws {
    let folder = try NnUNetFolder(Self.folder)
    var models: [any PatchModel] = []
    for path in folder.models { models.append(try await EngineRegistry.load(path)) }
    #expect(models.count == 2)
    let scan = try scan()
    let pipeline = PatchPipeline(
      model: try EnsembleModel(models), settings: try folder.settings(over: scan[0].info))
    let plan = try await pipeline.plan(scan)
    let collector = try VolumeCollector<UInt8>(plan.info(of: .labels))
    try await pipeline.run(plan, to: [.labels: collector])
    let found = try collector.volume
    let expected = Volume<UInt8>(
      converting: try ImageFormats.open("\(Self.fixtures)/B_labels.nii.gz").readReal(as: Float.self))
    #expect(found.extent == expected.extent && found.metadata.affine == scan[0].info.metadata.affine)
    let foreground = expected.voxels.count { $0 != 0 }
    let differing = zip(found.voxels, expected.voxels).count { $0 != $1 }
    #expect(foreground > 1000 && differing * 1000 <= foreground, "\(differing) of \(foreground)")
    #expect(Set(expected.voxels) == [0, 2] && foreground < expected.voxels.count)
  }

  @Test("axes, patch, spacing, mirroring and labels are those of the plan")
  func settings() throws {
    let folder = try NnUNetFolder(Self.folder, folds: [1])
    let info = try scan()[0].info
    let settings = try folder.settings(over: info)
    #expect(folder.models == ["\(Self.folder)/fold_1.onnx"] && folder.configuration == "3d_fullres")
    // The file's x is the slowest axis of the network.
    let letters = Array(info.metadata.affine.orientation)
    #expect(settings.orientation?.letters == String([letters[1], letters[2], letters[0]]))
    #expect(settings.patch == Extent(width: 32, height: 32, depth: 8))
    #expect(settings.resampling?.spacing == PerAxis(x: 1, y: 1, z: 3.6))
    #expect(settings.resampling?.interpolation == .cubic && settings.resampling?.convention == .nnunet)
    #expect(settings.mirrors == [.x, .y, .z] && settings.activation == .sigmoid)
    #expect(settings.labels.values == [1, 2] && settings.labels.names == ["whole", "core"])
    #expect(
      settings.resampling?.schemes == [
        .ct(low: -100, high: 150, mean: 60, deviation: 25), .zScore(masked: true),
      ])
    #expect(try folder.settings(over: info, mirrors: false).mirrors.isEmpty)
  }

  /// A change of a text in a file, and what the refusal names.
  private static let changes: [(file: String, text: String, other: String, named: String)] = [
    ("plans.json", "\"DefaultPreprocessor\"", "\"MyPreprocessor\"", "MyPreprocessor"),
    ("plans.json", "\"LabelManager\"", "\"MyLabels\"", "MyLabels"),
    ("plans.json", "\"CTNormalization\"", "\"MyNormalization\"", "MyNormalization"),
    ("plans.json", "\"SimpleITKIO\"", "\"Tiff3DIO\"", "Tiff3DIO"),
    ("plans.json", "\"batch_dice\"", "\"previous_stage\": \"3d_lowres\", \"batch_dice\"", "3d_lowres"),
    (
      "plans.json", "\"resampling_fn_data\": \"resample_data_or_seg_to_shape\"",
      "\"resampling_fn_data\": \"my_resampling\"", "my_resampling"
    ),
    (
      "plans.json", "\"resampling_fn_data\": \"resample_data_or_seg_to_shape\"",
      "\"resampling_fn_data\": \"no_resampling_hack\"", "only one way"
    ),
    ("voxtile-nnunet.json", "voxtile-nnunet-1", "voxtile-nnunet-9", "voxtile-nnunet-9"),
    ("voxtile-nnunet.json", "fold_0.onnx", "../fold_0.onnx", "../fold_0.onnx"),
    ("voxtile-nnunet.json", "3d_fullres", "3d_other", "3d_other"),
    ("voxtile-nnunet.json", "\"heads\": 2", "\"heads\": 3", "3"),
    ("voxtile-nnunet.json", "\"heads\"", "\"hats\"", "heads"),
  ]

  @Test("what is not known is refused by its name", arguments: changes.indices)
  func refusals(number: Int) throws {
    let change = Self.changes[number]
    try withTemporaryFolder { folder in
      for name in ["plans.json", "dataset.json", "voxtile-nnunet.json"] {
        var text = try String(contentsOfFile: "\(Self.folder)/\(name)", encoding: .utf8)
        if name == change.file {
          #expect(text.contains(change.text))
          text = text.replacingOccurrences(of: change.text, with: change.other)
        }
        try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
      }
      do {
        _ = try NnUNetFolder(folder)
        Issue.record("nothing was refused")
      } catch let error as VoxtileError {
        #expect(error.message.contains(change.named), "\(error.message)")
        #expect(error.context.file?.hasPrefix(folder) == true)
      }
    }
  }

  @Test("a single slice that a 2D network would see from another side is refused")
  func singleSlice() throws {
    let folder = try NnUNetFolder("\(Self.fixtures)/slices")
    let metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(x: 1, y: 2, z: 3)))
    func info(_ depth: Int) -> VolumeInfo {
      VolumeInfo(
        extent: Extent(width: 8, height: 8, depth: depth), channels: 2, scalarType: .uint8, metadata: metadata
      )
    }
    let error = #expect(throws: VoxtileError.self) { try folder.settings(over: info(1)) }
    #expect(error?.code == .unsupportedFormat && error?.message.contains("single slice") == true)
    #expect(try folder.settings(over: info(2)).resampling?.spacing == PerAxis(x: 1.3, y: 1.1, z: 2))
  }

  @Test("a fold that is not there is refused")
  func folds() {
    #expect(throws: VoxtileError.self) { try NnUNetFolder(Self.folder, folds: [2]) }
    #expect(throws: VoxtileError.self) { try NnUNetFolder(Self.folder, folds: [0, 0]) }
  }

  @Test("a folder that is no exported one says what writes it")
  func notExported() {
    let error = #expect(throws: VoxtileError.self) { try NnUNetFolder(Self.fixtures) }
    #expect(error?.code == .fileAccess && error?.message.contains("Examples/FromNnUNet/export.py") == true)
  }
}
