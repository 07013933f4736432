import Foundation
import Synchronization
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Boxes of Zarr stores", .enabled(if: ZarrTestFiles.hasLibraries, "needs libzstd and libblosc"))
struct ZarrBoxTests {
  private static let info = VolumeInfo(
    extent: Extent(width: 20, height: 18, depth: 16), channels: 2, scalarType: .uint16)
  private static let options = WriteOptions(chunk: Extent(4))

  /// Values of which no chunk is all 0.
  private static let bytes: [UInt8] = {
    var random = SplitMix64(seed: 1)
    return (0..<info.byteCount(of: Region(info.extent))).map { _ in UInt8.random(in: 1...255, using: &random)
    }
  }()

  private func withStore(_ body: (_ path: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try ZarrWriterTests.write(Self.bytes, Self.info, to: "\(folder)/a.zarr", options: Self.options)
      try body("\(folder)/a.zarr")
    }
  }

  @Test("a box reads the chunks that it touches and no other, and damage is named by the file of its chunk")
  func touched() throws {
    try withStore { path in
      let box = Region(x: 3..<9, y: 8..<12, z: 15..<16)
      let touched = Set(
        (0..<2).flatMap { c in (0..<3).map { x in "0/c/\(c)/3/2/\(x)" } })
      for name in try FileManager.default.subpathsOfDirectory(atPath: path)
      where name.hasPrefix("0/c/") && name.split(separator: "/").count == 6 && !touched.contains(name) {
        try writeFile([1, 2, 3], to: "\(path)/\(name)")
      }
      let reader = try ImageFormats.open(path)
      #expect(try ZarrTestFiles.voxels(of: reader, box) == ZarrTestFiles.part(box, of: Self.bytes, Self.info))
      for name in touched.sorted() {
        let whole = try fileBytes("\(path)/\(name)")
        try writeFile(Array(whole.dropLast()), to: "\(path)/\(name)")
        let error = #expect(throws: VoxtileError.self) {
          try ZarrTestFiles.voxels(of: ImageFormats.open(path), box)
        }
        #expect(error?.context.file == "\(path)/\(name)" && error?.code == .malformedFile)
        try writeFile(whole, to: "\(path)/\(name)")
      }
    }
  }

  @Test("a chunk without a file is 0, and a link that leads nowhere is an error")
  func missing() throws {
    try withStore { path in
      let chunk = Region(x: 8..<12, y: 4..<8, z: 0..<4)
      try FileManager.default.removeItem(atPath: "\(path)/0/c/0/0/1/2")
      let box = try ZarrTestFiles.voxels(of: ImageFormats.open(path), chunk)
      let expected = ZarrTestFiles.part(chunk, of: Self.bytes, Self.info)
      #expect(box == [UInt8](repeating: 0, count: 128) + expected[128...])
      try FileManager.default.createSymbolicLink(
        atPath: "\(path)/0/c/0/0/1/2", withDestinationPath: "nowhere")
      let error = #expect(throws: VoxtileError.self) {
        try ZarrTestFiles.voxels(of: ImageFormats.open(path), chunk)
      }
      #expect(error?.code == .fileAccess && error?.context.file?.hasSuffix("c/0/0/1/2") == true)
    }
  }

  @Test("a store that is removed or replaced while it is read is an error, and not an image of absent chunks")
  func replaced() throws {
    try withStore { path in
      let box = Region(x: 0..<3, y: 0..<3, z: 0..<3)
      let reader = try #require(try ImageFormats.open(path) as? any FileBackedReader)
      try reader.checkUnchanged()
      try ZarrWriterTests.write(
        Self.bytes, Self.info, to: path, options: WriteOptions(isReplacing: true, chunk: Extent(4)))
      #expect(throws: VoxtileError.self) { try reader.checkUnchanged() }
      #expect(throws: VoxtileError.self) { try ZarrTestFiles.voxels(of: reader, box) }
      let other = try ImageFormats.open(path)
      try FileManager.default.removeItem(atPath: path)
      let error = #expect(throws: VoxtileError.self) { try ZarrTestFiles.voxels(of: other, box) }
      #expect(error?.code == .fileAccess)
    }
  }

  @Test("boxes read by many threads at once are what they are alone")
  func concurrent() throws {
    try withStore { path in
      let reader = try ImageFormats.open(path)
      let wrong = Mutex(0)
      Jobs(8).forEach(200) { index in
        var random = SplitMix64(seed: UInt64(index))
        let box = ZarrTestFiles.randomBox(Self.info.extent, &random)
        let found = try? ZarrTestFiles.voxels(of: reader, box)
        if found != ZarrTestFiles.part(box, of: Self.bytes, Self.info) { wrong.withLock { $0 += 1 } }
      }
      #expect(wrong.withLock { $0 } == 0)
    }
  }

  @Test("what is kept of decoded chunks stays within its limit, and what was used last stays")
  func cache() {
    let cache = ChunkCache(byteLimit: 100)
    for number in 0..<1000 {
      cache.keep(.values([UInt8(number % 256)]), of: [number], byteCount: 7)
      #expect(cache.byteCount <= 100)
      guard case .values(let values)? = cache[[number]] else {
        Issue.record("chunk \(number) is not there")
        return
      }
      #expect(values == [UInt8(number % 256)])
      _ = cache[[0]]
    }
    #expect(cache[[0]] != nil && cache[[1]] == nil)
    cache.keep(.values([]), of: [5000], byteCount: 101)
    #expect(cache[[5000]] == nil)
  }

  @Test("a level and a label image are opened by their paths, and a group without an image says what to name")
  func paths() throws {
    try withStore { path in
      #expect(try ImageFormats.open("\(path)/0").info.channels == 2)
      let folder = path.parentFolder
      let names = ["plate": #"{"plate":{}}"#, "series": #"{"bioformats2raw.layout":3}"#, "other": "{}"]
      let words = [
        "plate": "is a plate of many images", "series": "holds several images", "other": "multiscales",
      ]
      for (name, attributes) in names {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/\(name)", withIntermediateDirectories: false)
        let document = #"{"zarr_format":3,"node_type":"group","attributes":\#(attributes)}"#
        try writeFile(Array(document.utf8), to: "\(folder)/\(name)/zarr.json")
        let error = #expect(throws: VoxtileError.self) { try ImageFormats.open("\(folder)/\(name)") }
        #expect(error?.code == .unsupportedFormat && error?.message.contains(words[name] ?? "?") == true)
      }
      try FileManager.default.moveItem(atPath: path, toPath: "\(folder)/series/0")
      let series = try ImageFormats.open("\(folder)/series")
      #expect(
        series.info.extent == Self.info.extent && series.info.notes == ["has one image, 0, which is read"])
    }
  }
}
