import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Patches that are Zarr stores", .enabled(if: SharedLibraries.hasZstd))
struct ZarrPatchesTests {
  private static let settings = GridSettings.with(Extent(width: 40, height: 30, depth: 20), 7)

  /// Cuts an image into stores and runs a test with them.
  private func withPatches(
    _ type: ScalarType = .int16, channels: Int = 1, _ options: PatchStore.CropOptions = .init(),
    _ body: (_ store: PatchStore, _ input: String, _ folder: String) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let input = "\(folder)/in.nii"
      try TestImage(Extent(width: 70, height: 51, depth: 33), channels: channels, type).write(to: input)
      var options = options
      options.fileExtension = "zarr"
      let store = try PatchStore.crop(
        input, into: "\(folder)/patches", settings: Self.settings, options: options)
      try body(store, input, folder)
    }
  }

  /// What is found, as `kind:patch`.
  private func found(_ store: PatchStore, _ input: String? = nil) throws -> [String] {
    try store.verify(against: input).findings.map { "\($0.kind.rawValue):\($0.patch)" }
  }

  @Test("a merge gives back the image, with room for whole patches or not", arguments: [1, 3])
  func merge(channels: Int) throws {
    for version in [2, 3] {
      let options = PatchStore.CropOptions(
        chunk: Extent(width: 16, height: 11, depth: 9), formatVersion: version)
      try withPatches(.uint16, channels: channels, options) { store, input, folder in
        #expect(store.manifest.entries.allSatisfy { $0.file.hasSuffix(".zarr") })
        let patch = store.path(of: store.manifest.grid[2])
        let document = version == 3 ? "0/zarr.json" : "0/.zarray"
        #expect(FileManager.default.fileExists(atPath: "\(patch)/\(document)"))
        #expect(try ImageFormats.open(patch).info.extent == Extent(width: 40, height: 30, depth: 20))
        #expect(try found(store).isEmpty && found(store, input).isEmpty)

        let whole = try store.merge(to: "\(folder)/whole.nii", options: .init(blend: .average))
        #expect(whole.plan.step == .patches)
        #expect(try storedBytes("\(folder)/whole.nii") == storedBytes(input))
        var limited = PatchStore.MergeOptions(blend: .average)
        limited.limits = JobLimits(jobs: .one, memory: 1)
        let least = #expect(throws: VoxtileError.self) {
          try store.merge(to: "\(folder)/small.nii", options: limited)
        }
        limited.limits.memory = try #require(least?.context.neededBytes)
        let small = try store.merge(to: "\(folder)/small.nii", options: limited)
        #expect(small.plan.step == .slices(1) && small.plan.scratchBytes == 0)
        #expect(try storedBytes("\(folder)/small.nii") == storedBytes(input))
      }
    }
  }

  @Test("damage to any file of a store is found, and so is one that is gone or new")
  func damage() throws {
    try withPatches { store, _, _ in
      let path = store.path(of: store.manifest.grid[1])
      let names = try FileManager.default.subpathsOfDirectory(atPath: path).sorted().filter {
        ReplaceableFolder.isFile("\(path)/\($0)")
      }
      #expect(names.count > 2)
      for name in names {
        let bytes = try fileBytes("\(path)/\(name)")
        var damaged = bytes
        damaged[bytes.count / 2] ^= 1
        try writeFile(damaged, to: "\(path)/\(name)")
        #expect(try found(store).contains("corrupt:1"), "\(name)")
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
        #expect(try found(store).contains("corrupt:1"), "without \(name)")
        try writeFile(bytes, to: "\(path)/\(name)")
      }
      #expect(try found(store).isEmpty)
      try writeFile([1], to: "\(path)/0/c/9")
      #expect(try found(store) == ["corrupt:1"])
      try FileManager.default.removeItem(atPath: path)
      #expect(try found(store) == ["missing:1"])
    }
  }

  @Test("the checksum of a store is that of the list of its files and their checksums")
  func checksum() throws {
    try withPatches { store, _, _ in
      let path = store.path(of: store.manifest.grid[0])
      var lines: [String] = []
      for case let name as String in try #require(FileManager.default.enumerator(atPath: path))
      where ReplaceableFolder.isFile("\(path)/\(name)") {
        let sum = CRC32(of: try fileBytes("\(path)/\(name)")).value
        let digits = String(sum, radix: 16)
        lines.append("\(name)\tcrc32:" + String(repeating: "0", count: 8 - digits.count) + digits)
      }
      let text = lines.sorted().map { line in
        let parts = line.split(separator: "\t")
        return "\(parts[1]) \(parts[0])\n"
      }
      #expect(store.manifest.entries[0].checksum == Checksum(CRC32(of: text.joined().utf8).value))
    }
  }

  @Test("a folder of stores is replaced, but not where a store holds something else")
  func replacing() throws {
    try withPatches { store, input, folder in
      let options = PatchStore.CropOptions(fileExtension: "nii.gz", isReplacing: true)
      let note = store.path(of: store.manifest.grid[3]) + "/0/notes.txt"
      try writeFile([1], to: note)
      let error = #expect(throws: VoxtileError.self) {
        try PatchStore.crop(input, into: store.folder, settings: Self.settings, options: options)
      }
      #expect(error?.code == .targetExists)
      #expect(FileManager.default.fileExists(atPath: note))
      try FileManager.default.removeItem(atPath: note)
      try PatchStore.crop(input, into: store.folder, settings: Self.settings, options: options)
      #expect(!FileManager.default.fileExists(atPath: store.path(of: store.manifest.grid[3])))
      #expect(try fileNames(in: folder) == ["in.nii", "patches"])
    }
  }

  @Test("predictions come back as stores, whatever the patches were, and the other way round")
  func otherFormat() throws {
    for (cut, back) in [("nii", "zarr"), ("zarr", "npy"), ("png", "zarr")] {
      try withTemporaryFolder { folder in
        let isPNG = cut == "png"
        let input = "\(folder)/in.\(isPNG ? "png" : "nii")"
        try TestImage(
          Extent(width: 70, height: 51, depth: isPNG ? 1 : 9), .uint8,
          affine: isPNG ? Affine(spacing: PerAxis(1)) : TestImage.affine
        ).write(to: input)
        let store = try PatchStore.crop(
          input, into: "\(folder)/patches",
          settings: .with(Extent(width: 40, height: 30, depth: isPNG ? 1 : 5), 3),
          options: .init(fileExtension: cut))
        try FileManager.default.createDirectory(
          atPath: "\(folder)/other", withIntermediateDirectories: false)
        for patch in store.manifest.grid {
          let path = store.path(of: patch)
          let name = ImageFormats.registry.stem(of: store.manifest.entries[patch.index].file)
          _ = try ImageConversion().convert(path, to: "\(folder)/other/\(name).\(back)")
        }
        let other = try PatchStore(
          contentsOf: "\(folder)/other", manifest: "\(folder)/patches/\(Manifest.fileName)")
        try other.merge(to: "\(folder)/out.nii", options: .init(blend: .average))
        #expect(try storedBytes("\(folder)/out.nii") == storedBytes(input), "\(cut) \(back)")
      }
    }
  }

  @Test("a merged store has chunks of the stride of the patches, or as asked")
  func chunks() throws {
    try withPatches { store, input, folder in
      func chunk(_ name: String) throws -> [Int]? {
        let data = try Data(contentsOf: URL(filePath: "\(folder)/\(name)/0/zarr.json"))
        let json = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let grid = json?["chunk_grid"] as? [String: Any]
        return (grid?["configuration"] as? [String: Any])?["chunk_shape"] as? [Int]
      }
      try store.merge(to: "\(folder)/stride.zarr")
      #expect(try chunk("stride.zarr") == [13, 23, 33])
      var options = PatchStore.MergeOptions()
      options.write.chunk = Extent(width: 10, height: 20, depth: 30)
      try store.merge(to: "\(folder)/asked.zarr", options: options)
      #expect(try chunk("asked.zarr") == [30, 20, 10])
      for name in ["stride.zarr", "asked.zarr"] {
        #expect(try storedBytes("\(folder)/\(name)") == storedBytes(input))
      }
      options.write.chunk = Extent(1 << 20)
      let huge = VolumeInfo(extent: Extent(1 << 12), channels: 1, scalarType: .int16)
      let error = #expect(throws: VoxtileError.self) {
        try ImageFormats.create("\(folder)/huge.zarr", info: huge, options: options.write)
      }
      #expect(error?.code == .invalidOption && error?.message.contains("2 GiB") == true)
    }
  }
}

/// What the tests need of the machine.
private enum SharedLibraries {
  static let hasZstd: Bool = {
    do {
      try withTemporaryFolder { folder in try TestImage(Extent(2), .uint8).write(to: "\(folder)/a.zarr") }
      return true
    } catch {
      return false
    }
  }()
}
