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
}
