import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Zarr stores that are written", .enabled(if: ZarrTestFiles.hasLibraries, "needs libzstd and libblosc"))
struct ZarrWriterTests {
  /// What a store should hold, as `check_zarr.py` takes it.
  private struct Entry: Encodable {
    var path: String
    var version: Int
    var shape: [Int]
    var axes: [String]
    var units: [String?]
    var type: String
    var values: String
    var scale: [Double]
    var translation: [Double]
    var labels: Bool
  }

  /// Random values, of which a part is 0.
  static func bytes(_ info: VolumeInfo, seed: UInt64) -> [UInt8] {
    var random = SplitMix64(seed: seed)
    let size = info.scalarType.byteCount
    let count = info.byteCount(of: Region(info.extent)) / size
    return (0..<count).flatMap { index in
      (0..<size).map { _ in index % 40 < 20 ? 0 : UInt8.random(in: 0...127, using: &random) }
    }
  }

  static func write(
    _ bytes: [UInt8], _ info: VolumeInfo, to path: String, slices: Int = .max,
    options: WriteOptions = WriteOptions()
  ) throws {
    var options = options
    options.isDurable = false
    let writer = try ImageFormats.create(path, info: info, options: options)
    for first in stride(from: 0, to: info.extent.depth, by: min(slices, info.extent.depth)) {
      let range = first..<min(first + min(slices, info.extent.depth), info.extent.depth)
      let box = Region(x: 0..<info.extent.width, y: 0..<info.extent.height, z: range)
      try ZarrTestFiles.part(box, of: bytes, info).withUnsafeBytes { try writer.write($0, slices: range) }
    }
    try writer.finish()
  }

  @Test(
    "zarr-python reads every type, shape and version as it was written",
    .enabled(if: ZarrTestFiles.python != nil, "needs a Python with zarr 3"))
  func oracle() throws {
    let python = try #require(ZarrTestFiles.python)
    try withTemporaryFolder { folder in
      var entries: [Entry] = []
      let shapes = [Extent(width: 11, height: 9), Extent(width: 7, height: 11, depth: 9)]
      for (number, type) in ScalarType.allCases.enumerated() {
        for (extent, channels) in zip(shapes + shapes, [1, 3, 2, 1]) {
          let version = (number + channels) % 2 + 2
          let affine = Affine(rows: [
            [0.3, 0, 0, -2], [0, 0.7, 0, 4.5], [0, 0, 2.5, extent.isPlanar ? 0 : 8],
          ])
          let info = VolumeInfo(
            extent: extent, channels: channels, scalarType: type, isLabelMap: type == .uint16,
            metadata: VolumeMetadata(affine: affine, place: .spacing))
          let name = "\(folder)/\(type)-\(channels)-\(extent)"
          let bytes = Self.bytes(info, seed: UInt64(number))
          let options = WriteOptions(
            jobs: 2, chunk: Extent(width: 4, height: 5, depth: 2), formatVersion: version)
          try Self.write(bytes, info, to: "\(name).zarr", slices: 3, options: options)
          try writeFile(bytes, to: name)
          let spaces = extent.isPlanar ? ["y", "x"] : ["z", "y", "x"]
          let sizes = [extent.depth, extent.height, extent.width].suffix(spaces.count)
          let (steps, starts) = ([2.5, 0.7, 0.3].suffix(spaces.count), [8, 4.5, -2].suffix(spaces.count))
          let isMany = channels > 1
          entries.append(
            Entry(
              path: "\(name).zarr", version: version, shape: (isMany ? [channels] : []) + sizes,
              axes: (isMany ? ["c"] : []) + spaces,
              units: (isMany ? [nil] : []) + spaces.map { _ in "millimeter" },
              type: "\(type)", values: name, scale: (isMany ? [1] : []) + steps,
              translation: (isMany ? [0] : []) + starts, labels: type == .uint16))
        }
      }
      try JSONEncoder().encode(entries).write(to: URL(filePath: "\(folder)/list.json"))
      let script = try Fixture.url("check_zarr.py").path
      let output = try OtherProgram.output(of: python, [script, "\(folder)/list.json"])
      #expect(String(decoding: output, as: UTF8.self) == "checked \(entries.count)\n")
    }
  }

  @Test("axes, units, sizes, places and attributes come back, also of a crop")
  func kept() throws {
    let folder = try ZarrTestFiles.fixtures
    for expected in try ZarrTestFiles.expected(in: folder) where expected.name.hasPrefix("ome") {
      let reader = try ImageFormats.open("\(folder)/\(expected.path)")
      let old = try OMEHeader(try #require(reader.info.metadata.header).bytes)
      let box = Region(x: 1..<3, y: 2..<4, z: 0..<min(2, reader.info.extent.depth))
      for region in [Region(reader.info.extent), box] {
        try withTemporaryFolder { target in
          var info = reader.info
          info.extent = region.extent
          info.metadata = info.metadata.moved(to: region.origin)
          let bytes = try ZarrTestFiles.voxels(of: reader, region)
          try Self.write(bytes, info, to: "\(target)/a.zarr")
          let found = try ImageFormats.open("\(target)/a.zarr")
          let new = try OMEHeader(try #require(found.info.metadata.header).bytes)
          #expect(new.axes == old.axes && found.info.metadata.place == info.metadata.place)
          if region == Region(reader.info.extent) {
            #expect(new.shape == old.shape && new.transform == old.transform)
          }
          let distance = found.info.metadata.affine.largestDistance(
            to: info.metadata.affine, over: region.extent)
          #expect(distance < 1e-9, "\(expected.name)")
          #expect(try ZarrTestFiles.voxels(of: found) == bytes)
        }
      }
    }
  }

  @Test(
    "labels keep their colors, another image keeps how its channels are shown, and both keep the attributes of others"
  )
  func attributes() throws {
    try withTemporaryFolder { folder in
      var info = VolumeInfo(extent: Extent(4), scalarType: .uint8, isLabelMap: true)
      try Self.write(Self.bytes(info, seed: 1), info, to: "\(folder)/a.zarr")
      var document = try JSONValue(fileBytes("\(folder)/a.zarr/zarr.json"), of: "metadata")
      let colors = try JSONValue(
        Array(#"{"version":"0.5","colors":[{"label-value":1,"rgba":[1,2,3,4]}]}"#.utf8), of: "colors")
      let omero = try JSONValue(Array(#"{"channels":[{"label":"T1"}]}"#.utf8), of: "channels")
      var ome = try #require(document["attributes"]?["ome"])
      #expect(ome.remove("image-label") != nil)
      ome = .object(
        ome.members + [.init(key: "image-label", value: colors), .init(key: "omero", value: omero)])
      _ = document.remove("attributes")
      let own = JSONValue.members(["ome": ome, "mine": .integer(7)])
      document = .object(document.members + [.init(key: "attributes", value: own)])
      try writeFile(document.bytes(), to: "\(folder)/a.zarr/zarr.json")
      let reader = try ImageFormats.open("\(folder)/a.zarr")
      #expect(reader.info.isLabelMap && reader.info.details.contains { $0 == ("channels", "T1") })
      for isLabelMap in [true, false] {
        info = reader.info
        info.isLabelMap = isLabelMap
        try Self.write(
          ZarrTestFiles.voxels(of: reader), info, to: "\(folder)/b.zarr",
          options: WriteOptions(isReplacing: true))
        let found = try JSONValue(fileBytes("\(folder)/b.zarr/zarr.json"), of: "metadata")["attributes"]
        #expect(found?["mine"]?.integer == 7)
        #expect(found?["ome"]?["image-label"] == (isLabelMap ? colors : nil))
        #expect(found?["ome"]?["omero"] == (isLabelMap ? nil : omero))
      }
      // A version that the metadata state is that of the file.
      try Self.write(
        ZarrTestFiles.voxels(of: reader), reader.info, to: "\(folder)/c.zarr",
        options: WriteOptions(formatVersion: 2))
      let old = try JSONValue(fileBytes("\(folder)/c.zarr/.zattrs"), of: "metadata")["image-label"]
      #expect(old?["version"] == .string("0.4") && old?["colors"] == colors["colors"])
    }
  }

  @Test("rows written one by one make the same bytes as slices, whatever the chunks", arguments: [1, 2, 5])
  func rows(depth: Int) throws {
    let info = VolumeInfo(extent: Extent(width: 9, height: 13, depth: 7), channels: 2, scalarType: .int16)
    let bytes = Self.bytes(info, seed: 3)
    let options = WriteOptions(chunk: Extent(width: 4, height: 5, depth: depth))
    try withTemporaryFolder { folder in
      try Self.write(bytes, info, to: "\(folder)/a.zarr", options: options)
      let writer = try ImageFormats.create("\(folder)/b.zarr", info: info, options: options)
      for z in 0..<7 {
        for y in [0..<3, 3..<4, 4..<11, 11..<13] {
          let part = ZarrTestFiles.part(Region(x: 0..<9, y: y, z: z..<z + 1), of: bytes, info)
          try part.withUnsafeBytes { try writer.writeRows($0, y, ofSlice: z) }
        }
      }
      try writer.finish()
      func files(_ name: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/\(name)").sorted()
      }
      let names = try files("a.zarr")
      #expect(try names == files("b.zarr") && names.count > 20)
      for name in names where name.last != "n" {
        let (a, b) = ("\(folder)/a.zarr/\(name)", "\(folder)/b.zarr/\(name)")
        #expect((try? fileBytes(a)) == (try? fileBytes(b)), "\(name)")
      }
      #expect(try ZarrTestFiles.voxels(of: ImageFormats.open("\(folder)/b.zarr")) == bytes)
    }
  }

  @Test("a folder that holds anything but Zarr is never replaced")
  func foreignFolder() throws {
    let info = VolumeInfo(extent: Extent(3), scalarType: .uint8)
    let bytes = Self.bytes(info, seed: 5)
    let names = [
      ("notes.txt", "notes.txt"), ("0/c/0/0/notes", "0/c/0/0/notes"), ("0/1.2.dcm", "0/1.2.dcm"),
      ("labels/a/b.nii", "labels"), ("study/1", "study"), ("0/c/1/2", "0/c/1/2"), ("0/7", "0/7"),
      ("c", "c"),
    ]
    for (name, named) in names {
      try withTemporaryFolder { folder in
        try Self.write(bytes, info, to: "\(folder)/a.zarr")
        let path = "\(folder)/a.zarr/\(name)"
        try FileManager.default.createDirectory(
          atPath: path.parentFolder, withIntermediateDirectories: true)
        try writeFile([1], to: path)
        let error = #expect(throws: VoxtileError.self) {
          try Self.write(bytes, info, to: "\(folder)/a.zarr", options: WriteOptions(isReplacing: true))
        }
        #expect(
          error?.code == .targetExists && error?.message.contains("such as \(named);") == true, "\(name)")
        #expect(try fileBytes(path) == [1] && fileNames(in: folder) == ["a.zarr"])
      }
    }
  }

  @Test("a folder with documents that are not those of one image is never replaced")
  func noImage() throws {
    let info = VolumeInfo(extent: Extent(3), scalarType: .uint8)
    let bytes = Self.bytes(info, seed: 6)
    for (document, text) in [
      ("zarr.json", "my notes"), (".zgroup", "{}"), (".zgroup", "{\"zarr_format\": 2}"),
    ] {
      try withTemporaryFolder { folder in
        let path = "\(folder)/a.zarr/2024/1"
        try FileManager.default.createDirectory(atPath: path.parentFolder, withIntermediateDirectories: true)
        try writeFile([1], to: path)
        try writeFile(Array(text.utf8), to: "\(folder)/a.zarr/\(document)")
        let error = #expect(throws: VoxtileError.self) {
          try Self.write(bytes, info, to: "\(folder)/a.zarr", options: WriteOptions(isReplacing: true))
        }
        #expect(error?.code == .targetExists, "\(text)")
        #expect(try fileBytes(path) == [1], "\(text)")
      }
    }
  }

  @Test("a scaling is refused, since stored values alone would be other values")
  func scaling() {
    var info = VolumeInfo(extent: Extent(3), scalarType: .int16)
    #expect(ZarrFormat.refusal(of: info) == nil)
    info.scaling = .init(slope: 0.5, intercept: -100)
    #expect(ZarrFormat.refusal(of: info)?.remedy == .writeRealValues)
  }

  @Test("a place that is no finite number is refused, and nothing is left")
  func notFinite() throws {
    try withTemporaryFolder { folder in
      for value in [Double.nan, .infinity] {
        for rows in [
          [[value, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]], [[1, 0, 0, value], [0, 1, 0, 0], [0, 0, 1, 0]],
        ] {
          let info = VolumeInfo(
            extent: Extent(3), scalarType: .uint8, metadata: VolumeMetadata(affine: Affine(rows: rows)))
          #expect(throws: VoxtileError.self) {
            _ = try ImageFormats.create("\(folder)/a.zarr", info: info)
          }
        }
      }
      let left = try fileNames(in: folder)
      #expect(left.isEmpty)
    }
  }

  @Test("what waits in memory is at most 64 MiB for any image, and chunks have a useful size")
  func choice() {
    for side in [1, 7, 64, 512, 2048, 4096, 20_000, 60_000] {
      for depth in [1, 40, 3000] {
        for voxelBytes in [1, 4, 16] {
          let extent = Extent(width: side, height: side, depth: depth)
          let choice = ChunkChoice(extent, voxelByteCount: voxelBytes)
          #expect(
            choice.band.voxelCount * voxelBytes <= ChunkChoice.maxBandBytes, "\(extent), \(voxelBytes)")
          #expect(choice.chunk.voxelCount <= 1 << 18 && choice.chunk.sizes.all.allSatisfy { $0 >= 1 })
          if side >= 512, depth > 1 {
            #expect(choice.chunk.voxelCount >= 1 << 12, "\(extent), \(voxelBytes)")
          }
        }
      }
    }
  }
}
