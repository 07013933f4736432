import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Checksums of files that are being written")
struct WrittenChecksumTests {
  private func image(_ type: ScalarType, channels: Int, ending: String) -> TestImage {
    // 2 MiB or more, so that a compressed file has several blocks.
    let extent =
      ending == "png" ? Extent(width: 300, height: 200) : Extent(width: 128, height: 128, depth: 70)
    return TestImage(
      extent, channels: channels, type,
      affine: ending == "png" ? Affine(spacing: PerAxis(1)) : TestImage.affine)
  }

  @Test(
    "a writer knows the checksum of its file without reading it",
    arguments: ImageFormats.registry.patchEndings.filter {
      ImageFormats.registry.format(forName: "a.\($0)")?.isFolder == false
    })
  func everyFormat(ending: String) throws {
    try withTemporaryFolder { folder in
      let types: [ScalarType] =
        ending == "png" ? [.uint8, .uint16] : [.uint8, .int16] + (ending == "seg.nrrd" ? [] : [.float64])
      for (type, channels) in types.flatMap({ type in [(type, 1), (type, 2)] }) {
        let image = image(type, channels: ending == "png" ? channels : 1, ending: ending)
        let path = "\(folder)/\(type)-\(channels).\(ending)"
        let sum = try write(image, to: path)
        #expect(try sum == Checksum(ofFile: path).value, "\(type) \(channels)")
      }
    }
  }

  /// Writes an image in two slabs where it has several slices, and gives the checksum that its writer knows.
  private func write(_ image: TestImage, to path: String, isSummed: Bool = true) throws -> UInt32? {
    var options = WriteOptions()
    options.isSummed = isSummed
    let writer = try ImageFormats.create(path, info: image.info, options: options)
    func run<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
      let (volume, extent) = (try image.volume(seed: 3, as: type), image.info.extent)
      let middle = extent.depth / 2
      for slices in [0..<middle, middle..<extent.depth] where !slices.isEmpty {
        let values =
          extent.depth == 1
          ? volume.voxels[...]
          : volume.voxels[
            extent.width * extent.height * slices.lowerBound..<extent.width * extent.height
              * slices.upperBound]
        try writer.write(
          Volume(
            extent: Extent(width: extent.width, height: extent.height, depth: slices.count),
            channels: image.info.channels, voxels: Array(values)), slices: slices)
      }
    }
    try run(image.info.scalarType.type)
    try writer.finish()
    return try #require(writer as? any SummedFileWriter).fileChecksum
  }

  @Test("a file written out of order, in two files, or without being asked has no checksum of its own")
  func unknown() throws {
    try withTemporaryFolder { folder in
      #expect(try write(TestImage(Extent(4), .uint8), to: "\(folder)/pair.hdr") == nil)
      #expect(try write(TestImage(Extent(4), .uint8), to: "\(folder)/unasked.nii", isSummed: false) == nil)
      let file = try AtomicFile("\(folder)/a", summed: true)
      try file.write([1, 2], at: 0)
      #expect(file.checksum != nil)
      try file.write([3], at: 5)
      #expect(file.checksum == nil)
      try file.write([4], at: 2)
      #expect(file.checksum == nil)
    }
  }

  @Test(
    "the manifest of a crop has the checksums of its files", arguments: ImageFormats.registry.patchEndings)
  func manifest(ending: String) throws {
    try withTemporaryFolder { folder in
      let isPNG = ending == "png"
      try TestImage(
        Extent(width: 9, height: 7, depth: isPNG ? 1 : 5), channels: isPNG ? 1 : 3, .uint16,
        affine: isPNG ? Affine(spacing: PerAxis(1)) : TestImage.affine
      ).write(to: "\(folder)/in.\(ending)")
      let store = try PatchStore.crop(
        "\(folder)/in.\(ending)", into: "\(folder)/patches",
        settings: .with(Extent(width: 4, height: 4, depth: isPNG ? 1 : 3), 1))
      for patch in store.manifest.grid {
        #expect(try store.manifest.entries[patch.index].checksum == Checksum(ofImage: store.path(of: patch)))
      }
    }
  }
}
