import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

/// What tests of merging share.
protocol MergeTests {}

extension MergeTests {
  /// Cuts an image and runs a test with the patches and a second, empty folder for another tool's.
  func withPatches(
    of image: TestImage, _ ending: String = "nii.gz", _ settings: GridSettings? = nil,
    _ body: (_ store: PatchStore, _ folder: String, _ other: PatchStore) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let input = "\(folder)/in.\(ending)"
      try image.write(to: input)
      let store = try PatchStore.crop(
        input, into: "\(folder)/patches",
        settings: settings ?? .with(Extent(width: 4, height: 4, depth: 3), 1))
      try FileManager.default.createDirectory(atPath: "\(folder)/other", withIntermediateDirectories: false)
      let other = try PatchStore(
        contentsOf: "\(folder)/other", manifest: "\(folder)/patches/\(Manifest.fileName)")
      try body(store, folder, other)
    }
  }

  static var scan: TestImage { TestImage(Extent(width: 7, height: 6, depth: 5), .uint8) }

  /// The error of a merge, which must leave no file.
  func mergeError(
    _ store: PatchStore, _ folder: String, _ options: PatchStore.MergeOptions = .init(),
    output: String = "out.nii.gz"
  ) throws -> VoxtileError? {
    let before = try fileNames(in: folder)
    let error = #expect(throws: VoxtileError.self) {
      try store.merge(to: "\(folder)/\(output)", options: options)
    }
    #expect(try fileNames(in: folder) == before)
    return error
  }

  /// Two patches of 8 voxels over 12, which overlap in 4.
  func withTwoPatches(
    channels: Int = 1, _ type: ScalarType = .int16, scaling: VolumeInfo.Scaling? = nil,
    first: [Double], second: [Double],
    _ body: (_ other: PatchStore, _ folder: String) throws -> Void
  ) throws {
    let image = TestImage(Extent(width: 12, height: 1, depth: 1), .int16)
    try withPatches(of: image, "nii", .with(Extent(width: 8, height: 1), 4)) { store, folder, other in
      for (patch, values) in zip(store.manifest.grid, [first, second]) {
        try write(values, channels: channels, type, scaling: scaling, of: patch, in: other)
      }
      try body(other, folder)
    }
  }

  /// Writes real values to the file of a patch.
  func write(
    _ values: [Double], channels: Int = 1, _ type: ScalarType, scaling: VolumeInfo.Scaling? = nil,
    of patch: Patch, in store: PatchStore
  ) throws {
    let info = VolumeInfo(
      extent: patch.region.extent, channels: channels, scalarType: type, scaling: scaling,
      metadata: store.manifest.source.metadata.moved(to: patch.region.origin))
    func run<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
      let stored = values.map {
        Scalar(nearest: ($0 - (scaling?.intercept ?? 0)) / (scaling?.slope ?? 1))
      }
      let writer = try ImageFormats.create(store.path(of: patch), info: info)
      try writer.write(
        Volume(extent: info.extent, channels: channels, voxels: stored), slices: 0..<info.extent.depth)
      try writer.finish()
    }
    let scalar: any VoxelScalar.Type = type.type
    try run(scalar)
  }
}
