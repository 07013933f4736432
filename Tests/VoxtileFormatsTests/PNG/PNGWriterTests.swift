import Foundation
import Testing
import Voxtile
import VoxtileFormats

@Suite("Writing PNG")
struct PNGWriterTests {
  /// Writes a volume and gives the bytes of the file with a reader of it.
  private func written<Scalar>(
    _ volume: Volume<Scalar>, options: WriteOptions = WriteOptions()
  ) throws -> (bytes: [UInt8], volume: any AnyVolume, info: VolumeInfo) {
    try PNGTestFiles.withFolder { folder in
      let file = folder.appending(path: "image.png")
      try volume.write(to: file.path, options: options)
      let reader = try ImageFormats.open(file.path)
      return (try [UInt8](Data(contentsOf: file)), try reader.readAny(), reader.info)
    }
  }

  private func expectIdentity<Scalar: FixedWidthInteger>(_ volume: Volume<Scalar>) throws {
    for compression in WriteOptions.CompressionLevel.allCases {
      let result = try written(volume, options: WriteOptions(compression: compression))
      #expect(result.volume as? Volume<Scalar> == volume, "\(volume.channels) channels, \(compression)")
      let colorTypes: [UInt8] = [0, 4, 2, 6]
      #expect(result.bytes[24] == UInt8(Scalar.bitWidth))
      #expect(result.bytes[25] == colorTypes[volume.channels - 1])
    }
  }

  @Test("what is written is read back", arguments: [1, 2, 3, 4])
  func identity(channels: Int) throws {
    for extent in [Extent(width: 1, height: 1), Extent(width: 37, height: 5), Extent(width: 2, height: 90)] {
      try expectIdentity(PNGTestFiles.pattern(extent, channels: channels, as: UInt8.self))
      try expectIdentity(PNGTestFiles.pattern(extent, channels: channels, as: UInt16.self))
    }
  }

  @Test("an image is written with the depth and header that it had", arguments: PNGTestFiles.names)
  func copies(name: String) throws {
    let path = PNGTestFiles.path(name)
    let source = try ImageFormats.open(path)
    func copy<Scalar>(_ volume: some AnyVolume<Scalar>) throws {
      let copy = try written(volume.typed)
      #expect(PNGTestFiles.samples(copy.volume) == PNGTestFiles.samples(volume))
      #expect(copy.volume.metadata == volume.metadata)
      let original = try PNGTestFiles.bytes(name)
      #expect(copy.bytes[24] == original[24] && copy.bytes[25] == original[25])
      #expect(copy.info.palette == source.info.palette)
      let skipped = ["interlace"]
      let details = [source.info.details, copy.info.details].map {
        $0.filter { !skipped.contains($0.name) }.map { "\($0.name): \($0.value)" }
      }
      #expect(details[0] == details[1])
    }
    try copy(try source.readAny())
  }

  @Test(
    "a patch keeps depth, spacing and texts of its image, and its place",
    arguments: ["header-pillow.png", "header-gray16.png", "header-own.png", "type0-1.png"])
  func patch(name: String) throws {
    let reader = try ImageFormats.open(PNGTestFiles.path(name))
    func check<Scalar>(_ patch: some AnyVolume<Scalar>) throws {
      let copy = try written(patch.typed)
      #expect(PNGTestFiles.samples(copy.volume) == PNGTestFiles.samples(patch))
      #expect(copy.info.metadata.spacing == reader.info.metadata.spacing)
      let (here, there) = (copy.info.metadata.affine.rows, patch.metadata.affine.rows)
      #expect(zip(here.joined(), there.joined()).allSatisfy { abs($0 - $1) < 1e-9 }, "\(here), \(there)")
      let placed = ["offset", "interlace"]
      #expect(
        copy.info.details.filter { !placed.contains($0.name) }.map(\.value)
          == reader.info.details.filter { !placed.contains($0.name) }.map(\.value))
    }
    try check(try reader.readAny(Region(x: 2..<5, y: 1..<4)))
    try check(try reader.readAny(Region(x: 0..<3, y: 0..<4)))
  }

  @Test("a place that is not a whole pixel is written in micrometers, one that cannot be said not at all")
  func offset() throws {
    var volume = try PNGTestFiles.pattern(Extent(width: 3, height: 2), channels: 1, as: UInt8.self)
    func offset(_ affine: [[Double]]) throws -> String? {
      volume.metadata = VolumeMetadata(affine: Affine(rows: affine))
      return try written(volume).info.details.first { $0.name == "offset" }?.value
    }
    #expect(try offset([[0.5, 0, 0, -4], [0, 0.25, 0, 3], [0, 0, 1, 7]]) == "-8, 12 pixels")
    #expect(try offset([[0.5, 0, 0, -4.3], [0, 0.25, 0, 3], [0, 0, 1, 0]]) == "-4300, 3000 µm")
    #expect(try offset([[0.5, 0, 0, 0], [0, 0.25, 0, 0], [0, 0, 1, 7]]) == nil)
    #expect(try offset([[-0.5, 0, 0, 4], [0, 0.25, 0, 3], [0, 0, 1, 0]]) == nil)
    #expect(try offset([[0, 0.5, 0, 4], [0.25, 0, 0, 3], [0, 0, 1, 0]]) == nil)
    #expect(try offset([[0.5, 0, 0, 1e12], [0, 0.25, 0, 3], [0, 0, 1, 0]]) == nil)
    #expect(try offset([[0.5, 0, 0, .nan], [0, 0.25, 0, 3], [0, 0, 1, 0]]) == nil)
  }

  @Test("a value over the maximum of the source's depth is an error that says where", arguments: [1, 2, 4])
  func tooLarge(bits: Int) throws {
    var volume = try Volume<UInt8>(contentsOf: PNGTestFiles.path("type0-\(bits).png"))
    #expect(throws: Never.self) { try written(volume) }
    volume[x: 3, y: 2] = UInt8(1 << bits)
    try PNGTestFiles.withFolder { folder in
      let error = #expect(throws: VoxtileError.self) {
        try volume.write(to: folder.appending(path: "image.png").path)
      }
      #expect(error?.code == .unsupportedFormat)
      let message = error?.message ?? ""
      #expect(message.contains("value \(1 << bits) at (3, 2) is over \((1 << bits) - 1)"), "\(message)")
      let content = try PNGTestFiles.content(of: folder)
      #expect(content.isEmpty)
    }
  }

  @Test("what a header says of samples is dropped where the samples have changed")
  func changedSamples() throws {
    let source = try Volume<UInt16>(contentsOf: PNGTestFiles.path("header-gray16.png"))
    let same = try written(source)
    #expect(same.info.details.contains { $0.name == "transparent color" && $0.value == "40000" })
    #expect(same.info.details.contains { $0.name == "significant bits" && $0.value == "12" })
    let narrow = try written(Volume<UInt8>(converting: source, slope: 1 / 257))
    #expect(narrow.bytes[24] == 8)
    #expect(narrow.info.metadata.spacing == PerAxis(x: 0.5, y: 0.25, z: 1))
    #expect(!narrow.info.details.contains { ["transparent color", "significant bits"].contains($0.name) })
  }

  @Test("a color profile is dropped where the colors have become gray")
  func grayFromColor() throws {
    let source = try Volume<UInt8>(contentsOf: PNGTestFiles.path("header-pillow.png"))
    let red = try Volume(
      extent: source.extent, voxels: Array(source.voxels.prefix(source.extent.voxelCount)),
      metadata: source.metadata)
    let gray = try written(red)
    #expect(gray.bytes[25] == 0)
    #expect(!gray.info.details.contains { $0.name == "ICC profile" })
    #expect(gray.info.details.contains { $0.name == "Title" })
  }

  @Test("a spacing that comes from elsewhere is written as a resolution")
  func spacing() throws {
    var volume = try PNGTestFiles.pattern(Extent(width: 3, height: 2), channels: 1, as: UInt8.self)
    volume.metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(x: 0.5, y: 0.25, z: 3)))
    #expect(try written(volume).info.metadata.spacing == PerAxis(x: 0.5, y: 0.25, z: 1))
    volume.metadata = VolumeMetadata(
      affine: Affine(spacing: PerAxis(x: 0.1, y: 0.1, z: 1)), header: volume.metadata.header)
    #expect(try written(volume).info.metadata.spacing == PerAxis(x: 0.1, y: 0.1, z: 1))
    for impossible in [0, 1e-9, 1e9, .infinity, .nan] {
      volume.metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(impossible)))
      #expect(try written(volume).info.metadata.spacing == PerAxis(1))
    }
  }

  @Test("what a PNG cannot hold is refused with what to do")
  func refused() throws {
    func message<Scalar>(_ volume: Volume<Scalar>) throws -> String {
      let error = #expect(throws: VoxtileError.self) { try written(volume) }
      #expect(error?.code == .unsupportedFormat)
      return error?.description ?? ""
    }
    #expect(
      try message(Volume<Float>(extent: Extent(width: 2, height: 2))).contains(
        "convert them to uint8 or uint16"))
    #expect(try message(Volume<Int16>(extent: Extent(width: 2, height: 2))).contains("int16"))
    #expect(try message(Volume<UInt8>(extent: Extent(2))).contains("2 slices, only one; write .nii.gz"))
    #expect(
      try message(Volume<UInt8>(extent: Extent(width: 2, height: 2), channels: 5)).contains("5 channels"))
    #expect(try message(Volume<UInt8>(extent: Extent(width: 0, height: 2))).contains("0x2 pixels"))
  }

  @Test("a writer that is not finished leaves nothing, and an existing file is not replaced unasked")
  func atomic() throws {
    let volume = Volume<UInt8>(extent: Extent(width: 2, height: 2), repeating: 7)
    let info = VolumeInfo(extent: volume.extent, scalarType: .uint8)
    try PNGTestFiles.withFolder { folder in
      let path = folder.appending(path: "image.PNG").path
      try PNGFormat.create(path, info: info, options: WriteOptions()).write(volume, slices: 0..<1)
      let content = try PNGTestFiles.content(of: folder)
      #expect(content.isEmpty)
      try volume.write(to: path)
      let error = #expect(throws: VoxtileError.self) { try volume.write(to: path) }
      #expect(error?.code == .targetExists)
      #expect(throws: Never.self) { try volume.write(to: path, options: WriteOptions(isReplacing: true)) }
    }
  }

  @Test("a stronger compression gives no larger file")
  func compression() throws {
    let smooth = try Volume(
      extent: Extent(width: 256, height: 256),
      voxels: (0..<256 * 256).map { UInt8(truncatingIfNeeded: ($0 / 256) * ($0 % 256) / 97) })
    let sizes = try WriteOptions.CompressionLevel.allCases.map {
      try written(smooth, options: WriteOptions(compression: $0)).bytes.count
    }
    #expect(sizes == sizes.sorted(by: >))
    #expect(sizes[2] < smooth.voxels.count / 4)
  }
}
