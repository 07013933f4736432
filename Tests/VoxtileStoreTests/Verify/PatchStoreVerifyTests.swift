import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Verify")
struct PatchStoreVerifyTests {
  /// Cuts a scan into 12 uncompressed patches and runs a test with them.
  private func withPatches(
    _ ending: String = "nii", type: ScalarType = .int16, _ body: (PatchStore, _ input: String) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let input = "\(folder)/in.\(ending)"
      let planar = ending == "png"
      try TestImage(
        Extent(width: 7, height: 6, depth: planar ? 1 : 8), type,
        affine: planar ? Affine(spacing: PerAxis(1)) : TestImage.affine
      ).write(to: input)
      let store = try PatchStore.crop(
        input, into: "\(folder)/patches",
        settings: .with(Extent(width: 4, height: 4, depth: planar ? 1 : 3), 0))
      try body(store, input)
    }
  }

  /// What is found, as `kind:patch`, with and without the image.
  private func found(_ store: PatchStore, _ input: String? = nil) throws -> [String] {
    try store.verify(against: input).findings.map { "\($0.kind.rawValue):\($0.patch)" }
  }

  /// The same folder with a manifest that has the checksums of the files as they are.
  private func withFixedChecksums(_ store: PatchStore) throws -> PatchStore {
    var manifest = store.manifest
    for patch in manifest.grid {
      manifest.entries[patch.index].checksum = try Checksum(ofFile: store.path(of: patch))
    }
    return PatchStore(folder: store.folder, manifest: manifest)
  }

  @Test("nothing is found in patches as they were written", arguments: ["nii", "nii.gz", "png"])
  func intact(ending: String) throws {
    try withPatches(ending, type: .uint16) { store, input in
      let report = try store.verify()
      #expect(report.findings.isEmpty && report.unlistedFiles.isEmpty)
      #expect(try found(store, input).isEmpty)
    }
  }

  @Test("an image that lies elsewhere is not the one that was cut")
  func elsewhere() throws {
    try withPatches { store, input in
      let reader = try ImageFormats.open(input)
      var info = reader.info
      var affine = info.metadata.affine
      affine.rows[0][3] += 400
      info.metadata = VolumeMetadata(affine: affine)
      let moved = "\(store.folder).moved.nii"
      let writer = try ImageFormats.create(moved, info: info)
      try writer.write(reader.read(as: Int16.self), slices: 0..<info.extent.depth)
      try writer.finish()
      let error = #expect(throws: VoxtileError.self) { try store.verify(against: moved) }
      #expect(error?.code == .shapeMismatch && error?.context.file == moved)
      #expect(error?.message.contains("lies elsewhere than the one that was cut, by up to 400 mm") == true)
    }
  }

  @Test("a flipped bit is found at any place of a file", arguments: ["nii", "nii.gz", "png"])
  func flippedBit(ending: String) throws {
    try withPatches(ending, type: .uint16) { store, input in
      let path = store.path(of: store.manifest.grid[1])
      let bytes = try fileBytes(path)
      for index in stride(from: 0, to: bytes.count, by: 7) {
        var damaged = bytes
        damaged[index] ^= 1 << UInt8(index % 8)
        try writeFile(damaged, to: path)
        #expect(try found(store).contains("corrupt:1"), "byte \(index)")
      }
    }
  }

  @Test("a truncated file is found at any length, an empty one too", arguments: ["nii", "nii.gz", "png"])
  func truncated(ending: String) throws {
    try withPatches(ending, type: .uint16) { store, input in
      let path = store.path(of: store.manifest.grid[0])
      let bytes = try fileBytes(path)
      for count in stride(from: 0, to: bytes.count, by: 13) {
        try writeFile(Array(bytes[..<count]), to: path)
        #expect(try found(store).contains("corrupt:0"), "\(count) bytes")
        #expect(try found(withFixedChecksums(store), input) == ["unreadable:0"], "\(count) bytes")
      }
    }
  }

  @Test("a missing file is reported, with a likely match")
  func missing() throws {
    try withPatches { store, input in
      let path = store.path(of: store.manifest.grid[4])
      try FileManager.default.moveItem(atPath: path, toPath: ImageFormats.registry.stem(of: path) + ".nii.gz")
      let report = try store.verify(against: input)
      #expect(report.findings.map(\.kind) == [.missing] && report.findings.map(\.patch) == [4])
      #expect(report.findings.first?.message.contains(".nii.gz instead") == true)
      #expect(report.unlistedFiles.count == 1)
    }
  }

  @Test("a swapped pair is found, even with the checksums of the swapped files")
  func swapped() throws {
    try withPatches { store, input in
      let (a, b) = (store.path(of: store.manifest.grid[2]), store.path(of: store.manifest.grid[7]))
      let (first, second) = (try fileBytes(a), try fileBytes(b))
      try writeFile(second, to: a)
      try writeFile(first, to: b)
      #expect(try found(store) == ["corrupt:2", "misplaced:2", "corrupt:7", "misplaced:7"])
      let fixed = try withFixedChecksums(store)
      #expect(try found(fixed) == ["misplaced:2", "misplaced:7"])
      #expect(try Set(found(fixed, input)).isSuperset(of: ["different:2", "different:7"]))
    }
  }

  @Test("another shape and another type are found, even with right checksums")
  func wrongShapeAndType() throws {
    try withPatches { store, input in
      let place = { store.manifest.source.metadata.affine.moved(to: store.manifest.grid[$0].region.origin) }
      try TestImage(Extent(width: 4, height: 3, depth: 3), .int16, affine: place(0))
        .write(to: store.path(of: store.manifest.grid[0]))
      try TestImage(Extent(width: 4, height: 4, depth: 3), channels: 2, .int16, affine: place(1))
        .write(to: store.path(of: store.manifest.grid[1]))
      try TestImage(Extent(width: 4, height: 4, depth: 3), .uint16, affine: place(2))
        .write(to: store.path(of: store.manifest.grid[2]))
      #expect(
        try found(store)
          == ["corrupt:0", "wrongShape:0", "corrupt:1", "wrongShape:1", "corrupt:2", "wrongType:2"])
      let fixed = try withFixedChecksums(store)
      #expect(try found(fixed) == ["wrongShape:0", "wrongShape:1", "wrongType:2"])
      #expect(try found(fixed, input) == ["wrongShape:0", "wrongShape:1", "wrongType:2"])
      let messages = try fixed.verify().findings.map(\.message)
      #expect(messages.first == "is 1 x 4x3x3, should be 1 x 4x4x3")
    }
  }

  @Test("a second file for a patch is found, and files of somebody else are noted")
  func duplicateAndUnlisted() throws {
    try withPatches { store, _ in
      let path = store.path(of: store.manifest.grid[3])
      try FileManager.default.copyItem(atPath: path, toPath: ImageFormats.registry.stem(of: path) + ".nii.gz")
      try writeFile([1], to: "\(store.folder)/notes.txt")
      let report = try store.verify()
      #expect(report.findings.map(\.kind) == [.duplicate] && report.findings.map(\.patch) == [3])
      #expect(report.unlistedFiles.count == 2 && report.unlistedFiles.contains("notes.txt"))
    }
  }

  @Test("one changed voxel is found by the image, even with a right checksum", arguments: [0, 17, 47])
  func changedVoxel(index: Int) throws {
    try withPatches { store, input in
      let path = store.path(of: store.manifest.grid[5])
      var bytes = try fileBytes(path)
      bytes[bytes.count - 96 + 2 * index] ^= 0x10
      try writeFile(bytes, to: path)
      let fixed = try withFixedChecksums(store)
      #expect(try found(fixed).isEmpty)
      let report = try fixed.verify(against: input)
      #expect(report.findings.map(\.kind) == [.different] && report.findings.map(\.patch) == [5])
      let place = Position(x: index % 4, y: index / 4 % 4, z: index / 16)
      #expect(
        report.findings.first?.message.contains("1 value is not the image's; the first, at \(place)")
          == true)
    }
  }

  @Test(
    "differences are counted over slabs and channels, and the first is named", arguments: ["nii", "nii.gz"])
  func differencesOverSlabs(ending: String) throws {
    try withTemporaryFolder { folder in
      // A slice has 2 MiB, more than what verifying reads at a time.
      let extent = Extent(width: 1024, height: 1024, depth: 2)
      let image = TestImage(extent, channels: 2, .int16)
      let values = [Int16](repeating: 3, count: extent.voxelCount * 2)
      try image.write(
        try Volume(extent: extent, channels: 2, voxels: values), to: "\(folder)/in.\(ending)")
      let store = try PatchStore.crop(
        "\(folder)/in.\(ending)", into: "\(folder)/patches", settings: .with(extent, 0))
      var changed = values
      let places = [extent.voxelCount + 5, extent.voxelCount - 1, 1024 * 1023 + 7, 2 * extent.voxelCount - 1]
      for place in places { changed[place] = 4 }
      var volume = try Volume(extent: extent, channels: 2, voxels: changed)
      volume.metadata = try ImageFormats.open(store.path(of: store.manifest.grid[0])).info.metadata
      let path = store.path(of: store.manifest.grid[0])
      try FileManager.default.removeItem(atPath: path)
      try volume.write(to: path)
      let report = try withFixedChecksums(store).verify(against: "\(folder)/in.\(ending)")
      #expect(
        report.findings.map(\.message) == [
          "4 values are not the image's; the first, at (7, 1023, 0) of the patch, is 4 instead of 3"
        ])
    }
  }

  @Test("a changed sign of zero and another NaN are differences, and equal NaNs are none")
  func floatingPoint() throws {
    try withTemporaryFolder { folder in
      let image = TestImage(Extent(width: 4, height: 1, depth: 1), .float32)
      let values: [Float] = [0, .nan, .infinity, 1]
      try image.write(try Volume(extent: image.info.extent, voxels: values), to: "\(folder)/in.nii")
      let store = try PatchStore.crop(
        "\(folder)/in.nii", into: "\(folder)/patches", settings: .with(Extent(width: 4, height: 1), 0))
      #expect(try found(store, "\(folder)/in.nii").isEmpty)
      let path = store.path(of: store.manifest.grid[0])
      let bytes = try fileBytes(path)
      for place in [13, 7 + 2] {
        var changed = bytes
        changed[bytes.count - place] ^= place == 13 ? 0x80 : 0x01
        try writeFile(changed, to: path)
        #expect(try found(withFixedChecksums(store), "\(folder)/in.nii") == ["different:0"], "\(place)")
      }
    }
  }

  @Test("an image that cannot be the source is an error that names it")
  func otherImage() throws {
    try withPatches { store, input in
      try TestImage(Extent(width: 7, height: 6, depth: 9), .int16).write(to: input)
      let shape = #expect(throws: VoxtileError.self) { try store.verify(against: input) }
      #expect(shape?.code == .shapeMismatch && shape?.context.file == input)
      try TestImage(Extent(width: 7, height: 6, depth: 8), .uint16).write(to: input)
      let type = #expect(throws: VoxtileError.self) { try store.verify(against: input) }
      #expect(type?.code == .typeMismatch && type?.context.file == input)
      try TestImage(Extent(width: 7, height: 6, depth: 8), .int16).write(to: input, seed: 99)
      #expect(try store.verify(against: input).findings.count == store.manifest.grid.count)
    }
  }
}
