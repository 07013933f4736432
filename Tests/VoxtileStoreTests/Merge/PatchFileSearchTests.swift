import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Under which names patch files are found")
struct PatchFileNamesTests: MergeTests {
  /// Moves all patches of a store into the folder of another one, under other names.
  private func move(_ store: PatchStore, to other: PatchStore, _ name: (String) -> String) throws {
    for patch in store.manifest.grid {
      let stem = ImageFormats.registry.stem(of: store.manifest.entries[patch.index].file)
      let target = "\(other.folder)/\(name(stem))"
      let folder = (target as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try FileManager.default.moveItem(atPath: store.path(of: patch), toPath: target)
    }
  }

  @Test(
    "the names that common tools give are found",
    arguments: [
      "{name}.nii.gz", "{name}_seg.nii.gz", "{name}_pred.nii.gz", "pred_{name}.nii.gz",
      "{name}_0000.nii.gz", "{name}/{name}_trans.nii.gz", "{name}/{name}_seg.nii.gz",
    ])
  func knownNames(pattern: String) throws {
    try withPatches(of: Self.scan) { store, folder, other in
      try move(store, to: other) { pattern.replacing("{name}", with: $0) }
      try other.merge(to: "\(folder)/out.nii.gz")
      #expect(try storedBytes("\(folder)/out.nii.gz") == storedBytes("\(folder)/in.nii.gz"))
      #expect(try other.verify().findings.isEmpty)
      #expect(try other.verify().unlistedFiles.isEmpty)
    }
  }

  @Test("patches with a suffix are found in their folder, and outputs without it")
  func suffix() throws {
    try withTemporaryFolder { folder in
      try Self.scan.write(to: "\(folder)/in.nii.gz")
      let store = try PatchStore.crop(
        "\(folder)/in.nii.gz", into: "\(folder)/p", settings: .with(Extent(width: 4, height: 4, depth: 3), 1),
        options: .init(fileSuffix: "_0000"))
      #expect(store.manifest.entries[0].file == "patch_0000_x000_y000_z000_0000.nii.gz")
      try PatchStore(contentsOf: "\(folder)/p").merge(to: "\(folder)/out.nii.gz")
      #expect(try storedBytes("\(folder)/out.nii.gz") == storedBytes("\(folder)/in.nii.gz"))
      try FileManager.default.createDirectory(atPath: "\(folder)/o", withIntermediateDirectories: false)
      let other = try PatchStore(contentsOf: "\(folder)/o", manifest: "\(folder)/p/\(Manifest.fileName)")
      try move(store, to: other) { "\($0.dropLast(5)).nii.gz" }
      try other.merge(to: "\(folder)/other.nii.gz")
      #expect(try storedBytes("\(folder)/other.nii.gz") == storedBytes("\(folder)/in.nii.gz"))
      let error = #expect(throws: VoxtileError.self) {
        try PatchStore.crop(
          "\(folder)/in.nii.gz", into: "\(folder)/q", settings: .with(Extent(4), 1),
          options: .init(fileSuffix: "/../x"))
      }
      #expect(error?.code == .invalidOption)
    }
  }

  @Test("any other name is found by a pattern, with an ending or without", arguments: [".nii.gz", ""])
  func pattern(ending: String) throws {
    try withPatches(of: Self.scan) { store, folder, other in
      try move(store, to: other) { "out-\($0)-final.nii.gz" }
      let error = try mergeError(other, folder)
      #expect(error?.code == .missingPatch && error?.remedy == .namePatternOrFillMissing)
      #expect(error?.message.contains("out-patch_0000") == true)
      let options = PatchStore.MergeOptions(pattern: "out-{name}-final\(ending)")
      try other.merge(to: "\(folder)/out.nii.gz", options: options)
      #expect(try storedBytes("\(folder)/out.nii.gz") == storedBytes("\(folder)/in.nii.gz"))
      #expect(try other.verify(pattern: options.pattern).findings.isEmpty)
    }
  }

  @Test("two files that could be meant are an error, unless a pattern says which")
  func ambiguous() throws {
    try withPatches(of: Self.scan) { store, folder, _ in
      let path = store.path(of: store.manifest.grid[3])
      let copy = path.replacing(".nii.gz", with: "_seg.nii.gz")
      try FileManager.default.copyItem(atPath: path, toPath: copy)
      let error = try mergeError(store, folder)
      #expect(error?.code == .duplicatePatch && error?.remedy == .namePattern)
      #expect(throws: Never.self) {
        try store.merge(to: "\(folder)/out.nii.gz", options: .init(pattern: "{name}.nii.gz"))
      }
    }
  }

  @Test(
    "a pattern that names no patch or leads out of the folder is refused",
    arguments: ["seg.nii", "../{name}", "/{name}"])
  func badPattern(pattern: String) throws {
    try withPatches(of: Self.scan) { store, folder, _ in
      let error = try mergeError(store, folder, .init(pattern: pattern))
      #expect(error?.code == .invalidOption)
    }
  }

  @Test("missing patches are an error or get the fill, and both say how many")
  func missing() throws {
    try withPatches(of: Self.scan) { store, folder, _ in
      let grid = store.manifest.grid
      for index in [0, 1, 5] { try FileManager.default.removeItem(atPath: store.path(of: grid[index])) }
      let error = try mergeError(store, folder)
      #expect(error?.message.contains("has no files for 3 of \(grid.count) patches") == true)
      #expect(error?.message.hasSuffix("; those of all others are there") == true, "\(error?.message ?? "")")
      let options = PatchStore.MergeOptions(fill: 9, missing: .fill)
      let report = try store.merge(to: "\(folder)/out.nii.gz", options: options)
      #expect(report.missingPatches == [0, 1, 5])
      let held = grid.extent.positions.map { voxel in
        grid.contains { ![0, 1, 5].contains($0.index) && $0.valid.contains(voxel) }
      }
      #expect(report.uncoveredVoxels == held.count { !$0 } && report.uncoveredVoxels > 0)
      let expected = zip(try storedValues("\(folder)/in.nii.gz"), held).map { $1 ? $0 : 9 }
      #expect(try storedValues("\(folder)/out.nii.gz") == expected)
      let nan = PatchStore.MergeOptions(fill: .nan, scalarType: .float32, missing: .fill)
      try store.merge(to: "\(folder)/nan.nii.gz", options: nan)
      #expect(try storedValues("\(folder)/nan.nii.gz").map(\.isNaN) == held.map { !$0 })
      let whole = PatchStore.MergeOptions(fill: .nan, missing: .fill)
      #expect(try mergeError(store, folder, whole, output: "bad.nii")?.remedy == .chooseFillOrScalarType)
    }
  }

  @Test("a folder without any patch is an error in either case")
  func allMissing() throws {
    try withPatches(of: Self.scan) { _, folder, other in
      let error = try mergeError(other, folder, .init(missing: .fill))
      #expect(error?.code == .missingPatch)
    }
  }

  @Test("patches of several types merge where a type is asked for")
  func mixedTypes() throws {
    try withPatches(of: TestImage(Extent(5), .int16)) { store, folder, _ in
      let patch = store.manifest.grid[0]
      var volume: Volume<Int16> = try ImageFormats.open(store.path(of: patch)).read()
      volume.voxels = volume.voxels.map { $0 & 0xFF }
      let bytes = Volume<UInt8>(converting: volume)
      try bytes.write(to: store.path(of: patch), options: WriteOptions(isReplacing: true))
      let error = try mergeError(store, folder)
      #expect(error?.code == .typeMismatch && error?.remedy == .mergeAsOneScalarType)
      let options = PatchStore.MergeOptions(blend: .last, scalarType: .int32)
      let report = try store.merge(to: "\(folder)/out.nii.gz", options: options)
      #expect(report.scalarType == .int32)
      let scan = try storedValues("\(folder)/in.nii.gz")
      let merged = try storedValues("\(folder)/out.nii.gz")
      #expect(merged.last == scan.last && merged[0] == Double(bytes.voxels[0]))
    }
  }
}
