import Foundation
import Testing
import Voxtile
import VoxtileFormats

@Suite("Reading PNG")
struct PNGReaderTests {
  @Test("every fixture file exists")
  func fixturesExist() {
    #expect(PNGTestFiles.names.count > 40)
  }

  @Test("every file holds what it was made of", arguments: PNGTestFiles.names)
  func fixture(name: String) throws {
    let expected = try #require(PNGTestFiles.expectations[name])
    let reader = try ImageFormats.open(PNGTestFiles.path(name))
    #expect(reader.info.extent == Extent(width: expected.width, height: expected.height))
    #expect(reader.info.channels == expected.channels)
    #expect(reader.info.scalarType == (expected.bitDepth == 16 ? .uint16 : .uint8))
    #expect(PNGTestFiles.samples(try reader.readAny()) == expected.samples)
    let colors = expected.palette?.map {
      VolumeInfo.Color(red: $0[0], green: $0[1], blue: $0[2], alpha: $0[3])
    }
    #expect(reader.info.palette == colors && reader.info.isLabelMap == (colors != nil))
    #expect(reader.detail("interlace") == (name.contains("adam7") ? "Adam7" : "none"))
  }

  @Test("a box is that part of the image, in whatever order boxes are read", arguments: PNGTestFiles.names)
  func boxes(name: String) throws {
    let whole = try Volume<Int32>(contentsOf: PNGTestFiles.path(name))
    let reader = try ImageFormats.open(PNGTestFiles.path(name))
    let (width, height) = (whole.extent.width, whole.extent.height)
    var boxes = (0..<height).map { Region(x: 0..<width, y: $0..<$0 + 1) }
    boxes += (0..<height).reversed().map { Region(x: $0 % width..<width, y: $0..<height) }
    boxes += (0..<width).map { Region(x: $0..<$0 + 1, y: 0..<height) }
    for box in boxes {
      let part = try reader.readAny(box)
      let expected = (0..<whole.channels).flatMap { channel in
        box.y.flatMap { y in box.x.map { x in Int(whole[x: x, y: y, channel: channel]) } }
      }
      #expect(PNGTestFiles.samples(part) == expected, "\(box)")
      #expect(part.metadata.origin == box.origin)
    }
  }

  @Test("one reader serves several threads")
  func threads() async throws {
    let name = "type6-16.png"
    let expected = try #require(PNGTestFiles.expectations[name])
    let reader = try ImageFormats.open(PNGTestFiles.path(name))
    try await withThrowingTaskGroup { group in
      for _ in 0..<20 {
        group.addTask { PNGTestFiles.samples(try reader.readAny()) }
      }
      for try await samples in group { #expect(samples == expected.samples) }
    }
  }

  @Test("the last rows are not decoded for a box at the top")
  func stopsEarly() throws {
    let noise = try PNGTestFiles.pattern(Extent(width: 300, height: 300), channels: 1, as: UInt8.self)
    try PNGTestFiles.withFolder { folder in
      let file = folder.appending(path: "noise.png")
      try noise.write(to: file.path)
      let bytes = try [UInt8](Data(contentsOf: file))
      try PNGTestFiles.withFile(Array(bytes.prefix(bytes.count / 2))) { path in
        let reader = try ImageFormats.open(path)
        let top = try reader.read(Region(x: 0..<300, y: 0..<100), as: UInt8.self)
        #expect(top.voxels == Array(noise.voxels.prefix(300 * 100)))
        let error = #expect(throws: VoxtileError.self) { try reader.readAny() }
        #expect(error?.code == .malformedFile)
        #expect(error?.message.contains("truncated") == true)
      }
    }
  }

  @Test("rows read from top to bottom come from one pass")
  func onePass() throws {
    let noise = try PNGTestFiles.pattern(Extent(width: 300, height: 300), channels: 1, as: UInt8.self)
    try PNGTestFiles.withFolder { folder in
      let file = folder.appending(path: "noise.png")
      try noise.write(to: file.path)
      let reader = try ImageFormats.open(file.path)
      func rows(_ range: Range<Int>) throws -> [UInt8] {
        try reader.read(Region(x: 0..<300, y: range), as: UInt8.self).voxels
      }
      #expect(try rows(10..<100) == Array(noise.voxels[3000..<30000]))
      // Whoever starts again stumbles over what is now the beginning.
      let handle = try FileHandle(forWritingTo: file)
      try handle.write(contentsOf: Data(repeating: 0, count: 200))
      try handle.close()
      #expect(try rows(100..<200) == Array(noise.voxels[30000..<60000]))
      #expect(try rows(220..<300) == Array(noise.voxels[66000..<90000]))
      #expect(throws: VoxtileError.self) { try rows(0..<1) }
    }
  }

  @Test("the header tells resolution, texts and profile")
  func header() throws {
    let name = "header-pillow.png"
    let expected = try #require(PNGTestFiles.expectations[name])
    let reader = try ImageFormats.open(PNGTestFiles.path(name))
    let spacing = reader.info.metadata.spacing
    #expect(spacing == PerAxis(x: 1000.0 / 11811, y: 1000.0 / 5906, z: 1))
    #expect(reader.detail("resolution") == "11811 x 5906 pixels per meter")
    #expect(reader.detail("ICC profile")?.hasSuffix("\(expected.profileBytes ?? 0) bytes") == true)
    let texts = try #require(expected.texts)
    #expect(reader.detail("Title") == texts[0])
    #expect(reader.detail("Comment") == texts[1].prefix(200) + "...")
    #expect(reader.detail("Description") == texts[2])
  }

  @Test("the header tells colors, and a resolution without unit is no spacing")
  func colors() throws {
    let reader = try ImageFormats.open(PNGTestFiles.path("header-own.png"))
    #expect(reader.info.metadata.spacing == PerAxis(1))
    #expect(reader.detail("resolution") == "2 x 1 (only the ratio is known)")
    #expect(reader.detail("gamma") == "0.45455")
    #expect(reader.detail("chromaticities") == "0.3127 0.329 0.64 0.33 0.3 0.6 0.15 0.06")
    #expect(reader.detail("sRGB intent") == "relative colorimetric")
    #expect(reader.detail("transparent color") == "1 2 3")
    #expect(reader.detail("significant bits") == "5 6 5")
    #expect(reader.info.channels == 3, "a transparent color is no alpha")
  }

  @Test("the offset places the image, in pixels or micrometers")
  func offset() throws {
    let pixels = try ImageFormats.open(PNGTestFiles.path("header-gray16.png"))
    #expect(pixels.detail("offset") == "-10, 20 pixels")
    #expect(pixels.info.metadata.affine.world(x: 0, y: 0, z: 0) == PerAxis(x: -5, y: 5, z: 0))
    let micrometers = try ImageFormats.open(PNGTestFiles.path("header-own.png"))
    #expect(micrometers.detail("offset") == "1500, -250 µm")
    #expect(micrometers.info.metadata.affine.world(x: 0, y: 0, z: 0) == PerAxis(x: 1.5, y: -0.25, z: 0))
  }

  @Test("a palette keeps its indices, which count as labels")
  func palette() throws {
    let reader = try ImageFormats.open(PNGTestFiles.path("palette-adam7.png"))
    #expect(reader.detail("color type") == "palette of 5 colors")
    #expect(reader.detail("bit depth") == "4")
    #expect(reader.info.channels == 1 && reader.info.isLabelMap && reader.info.palette?.count == 5)
  }

  @Test("a color that is not in the palette is an error that says where")
  func paletteIndex() throws {
    let reader = try ImageFormats.open(PNGTestFiles.path("palette-index-out-of-range.png"))
    let error = #expect(throws: VoxtileError.self) { try reader.readAny() }
    #expect(error?.code == .malformedFile)
    #expect(error?.message.contains("has color 5 at (") == true, "\(error?.message ?? "")")
  }
}
