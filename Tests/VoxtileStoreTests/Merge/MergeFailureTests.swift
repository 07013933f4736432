import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Merges that fail or are stopped")
struct MergeFailureTests: MergeTests {
  @Test("a patch of another shape, type or channel count is named with both values")
  func mixedPatches() throws {
    typealias Case = (VoxtileError.Code, [String], Extent, Int, ScalarType)
    let size = Extent(width: 4, height: 4, depth: 3)
    let cases: [Case] = [
      (.shapeMismatch, ["4x4x2", "4x4x3"], Extent(width: 4, height: 4, depth: 2), 1, .uint8),
      (.shapeMismatch, ["2 channels", "has 1"], size, 2, .uint8),
      (.typeMismatch, ["holds int16", "holds uint8"], size, 1, .int16),
    ]
    for (code, words, extent, channels, type) in cases {
      try withPatches(of: Self.scan) { store, folder, _ in
        let patch = store.manifest.grid[3]
        try TestImage(extent, channels: channels, type).write(to: store.path(of: patch))
        let error = try mergeError(store, folder)
        #expect(error?.code == code && error?.context.file == store.path(of: patch))
        #expect(words.allSatisfy { error?.message.contains($0) == true }, "\(String(describing: error))")
      }
    }
  }

  @Test("a missing patch and one with two files are named")
  func missingAndDouble() throws {
    try withPatches(of: Self.scan) { store, folder, _ in
      let path = store.path(of: store.manifest.grid[2])
      let name = store.manifest.entries[2].file
      let other = "\(ImageFormats.registry.stem(of: path)).nii"
      let region = store.manifest.grid[2].region
      try TestImage(region.extent, .uint8, affine: TestImage.affine.moved(to: region.origin)).write(to: other)
      let double = try mergeError(store, folder)
      #expect(double?.code == .duplicatePatch && double?.message.contains("2 files for patch 2") == true)
      try FileManager.default.removeItem(atPath: path)
      #expect(throws: Never.self) { try store.merge(to: "\(folder)/out.nii") }
      try FileManager.default.removeItem(atPath: other)
      let missing = try mergeError(store, folder)
      #expect(missing?.code == .missingPatch && missing?.message.contains(name) == true)
    }
  }

  @Test("a damaged patch stops the merge, and nothing is left")
  func damagedPatch() throws {
    try withPatches(of: Self.scan) { store, folder, _ in
      let path = store.path(of: store.manifest.grid[store.manifest.grid.count - 1])
      let bytes = try fileBytes(path)
      for damaged in [Array(bytes.dropLast(20)), [], [UInt8](repeating: 7, count: 500)] {
        try writeFile(damaged, to: path)
        #expect(try mergeError(store, folder)?.context.file == path)
      }
    }
  }

  @Test(
    "a patch that is written to after its header was read stops the merge, and nothing is left",
    arguments: ["nii", "nii.gz"])
  func changedPatch(ending: String) throws {
    try withPatches(of: Self.scan, ending) { store, folder, _ in
      let path = store.path(of: store.manifest.grid[store.manifest.grid.count - 1])
      let options = PatchStore.MergeOptions(
        blend: .average,
        progress: JobProgress { done, _ in
          // The progress begins when all headers have been read.
          if done == 0 { try rewriteByte(of: path) }
        })
      let error = try mergeError(store, folder, options)
      #expect(error?.context.file == path, "\(String(describing: error))")
      #expect(error?.message.contains("written to while it was read") == true)
    }
  }

  @Test(
    "an output that cannot be written leaves nothing",
    arguments: ["out.png", "out.txt", "none/out.nii", "in.nii.gz"])
  func impossibleOutput(name: String) throws {
    try withPatches(of: TestImage(Extent(5), .int16)) { store, folder, _ in
      let before = try fileBytes("\(folder)/in.nii.gz")
      _ = try mergeError(store, folder, output: name)
      #expect(try fileBytes("\(folder)/in.nii.gz") == before)
    }
  }

  @Test("an older output is replaced where that is asked for, but never a patch")
  func replacing() throws {
    try withPatches(of: Self.scan) { store, folder, _ in
      try writeFile([1, 2, 3], to: "\(folder)/out.nii.gz")
      let replacing = PatchStore.MergeOptions(write: WriteOptions(isReplacing: true))
      try store.merge(to: "\(folder)/out.nii.gz", options: replacing)
      #expect(try storedBytes("\(folder)/out.nii.gz") == storedBytes("\(folder)/in.nii.gz"))
      let patch = store.path(of: store.manifest.grid[0])
      let bytes = try fileBytes(patch)
      let error = try mergeError(
        store, folder, replacing, output: "patches/../patches/\(store.manifest.entries[0].file)")
      #expect(error?.code == .targetExists)
      #expect(try fileBytes(patch) == bytes)
    }
  }

  @Test("a job that is stopped leaves nothing", arguments: [0, 1, 5])
  func stopped(after patches: Int) throws {
    try withPatches(of: Self.scan) { store, folder, _ in
      let progress = JobProgress { done, _ in if done >= patches { throw CancellationError() } }
      let before = try fileNames(in: folder)
      #expect(throws: CancellationError.self) {
        try store.merge(to: "\(folder)/out.nii", options: .init(progress: progress))
      }
      #expect(throws: CancellationError.self) {
        try PatchStore.crop(
          "\(folder)/in.nii.gz", into: "\(folder)/a/b/c", settings: .with(Extent(3), 0),
          options: .init(progress: progress))
      }
      #expect(throws: CancellationError.self) { try store.verify(progress: progress) }
      #expect(try fileNames(in: folder) == before)
    }
  }
}
