import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite(
  "Zarr stores that several write", .enabled(if: ZarrTestFiles.hasLibraries, "needs libzstd and libblosc"))
struct SharedZarrStoreTests {
  private static let extent = Extent(width: 150, height: 37, depth: 29)

  private static func info(_ type: ScalarType, channels: Int = 1) -> VolumeInfo {
    VolumeInfo(
      extent: extent, channels: channels, scalarType: type, isLabelMap: type == .uint16,
      metadata: VolumeMetadata(affine: Affine(spacing: PerAxis(x: 0.5, y: 1, z: 2))))
  }

  /// The boxes of an image that have one chunk each, or several.
  private static func boxes(of extent: Extent, chunk: Extent, chunks: PerAxis<Int>) -> [Region] {
    func ranges(_ axis: Axis) -> [Range<Int>] {
      let step = chunk[axis] * chunks[axis]
      return stride(from: 0, to: extent[axis], by: step).map { $0..<min($0 + step, extent[axis]) }
    }
    return ranges(.z).flatMap { z in
      ranges(.y).flatMap { y in ranges(.x).map { x in Region(x: x, y: y, z: z) } }
    }
  }

  /// All files of a folder with what is in them.
  private func files(in folder: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder)
    where ReplaceableFolder.isFile("\(folder)/\(name)") {
      files[name] = try fileBytes("\(folder)/\(name)")
    }
    return files
  }

  private func write(_ region: Region, of bytes: [UInt8], to store: SharedZarrStore) throws {
    try ZarrTestFiles.part(region, of: bytes, store.info).withUnsafeBytes { try store.write($0, at: region) }
  }

  @Test("four that write at once give the files of one", arguments: [2, 3])
  func four(version: Int) async throws {
    for (type, channels) in [(ScalarType.int16, 1), (.uint16, 1), (.float32, 3)] {
      let info = Self.info(type, channels: channels)
      let bytes = ZarrWriterTests.bytes(info, seed: 4)
      let options = WriteOptions(chunk: Extent(width: 16, height: 8, depth: 5), formatVersion: version)
      let boxes = Self.boxes(
        of: info.extent, chunk: Extent(width: 16, height: 8, depth: 5), chunks: PerAxis(x: 2, y: 1, z: 3)
      )
      .shuffled(seed: 9)
      try await withTemporaryFolder { folder in
        try ZarrWriterTests.write(bytes, info, to: "\(folder)/one/a.zarr", options: options)
        try FileManager.default.createDirectory(atPath: "\(folder)/four", withIntermediateDirectories: false)
        let path = "\(folder)/four/a.zarr"
        // Each has a store of its own, as another process would.
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 0..<4 {
            group.addTask {
              let store = try SharedZarrStore(path, info: info, options: options)
              for index in stride(from: number, to: boxes.count, by: 4) {
                try write(boxes[index], of: bytes, to: store)
              }
            }
          }
          try await group.waitForAll()
        }
        #expect(throws: VoxtileError.self) { try ImageFormats.open(path) }
        try SharedZarrStore(path, info: info, options: options).finish()
        #expect(try files(in: path) == files(in: "\(folder)/one/a.zarr"), "\(type)")
        #expect(try files(in: path).keys.contains { $0.hasPrefix("1/") })
        #expect(try ZarrTestFiles.voxels(of: ImageFormats.open(path)) == bytes)
      }
    }
  }

  @Test("a box that is written again replaces the one before, also by nothing but 0")
  func again() throws {
    let info = Self.info(.int16)
    let options = WriteOptions(chunk: Extent(16))
    var bytes = ZarrWriterTests.bytes(info, seed: 5)
    try withTemporaryFolder { folder in
      let store = try SharedZarrStore("\(folder)/a.zarr", info: info, options: options)
      let boxes = Self.boxes(of: info.extent, chunk: Extent(16), chunks: PerAxis(1))
      for box in boxes { try write(box, of: bytes.map { ~$0 }, to: store) }
      bytes.replaceSubrange(0..<bytes.count / 2, with: repeatElement(0, count: bytes.count / 2))
      for box in boxes { try write(box, of: bytes, to: store) }
      // What killed ones have left: a chunk that was not complete, and a level.
      try writeFile([1, 2], to: "\(folder)/a.zarr/0/c/0/\(TemporaryName.new(for: "1"))")
      try FileManager.default.createDirectory(
        atPath: "\(folder)/a.zarr/1", withIntermediateDirectories: false)
      try writeFile([1, 2], to: "\(folder)/a.zarr/1/zarr.json")
      try store.finish()
      try ZarrWriterTests.write(bytes, info, to: "\(folder)/one/a.zarr", options: options)
      #expect(try files(in: "\(folder)/a.zarr") == files(in: "\(folder)/one/a.zarr"))
    }
  }

  @Test("parts of chunks, other images and other folders are refused")
  func refused() throws {
    let info = Self.info(.int16)
    let options = WriteOptions(chunk: Extent(16))
    try withTemporaryFolder { folder in
      func error(_ body: () throws -> Void) -> VoxtileError? {
        #expect(throws: VoxtileError.self) { try body() }
      }
      let path = "\(folder)/a.zarr"
      let store = try SharedZarrStore(path, info: info, options: options)
      func boxError(_ region: Region) throws -> VoxtileError? {
        let bytes = [UInt8](repeating: 1, count: info.byteCount(of: region))
        return error { try bytes.withUnsafeBytes { try store.write($0, at: region) } }
      }
      let part = try boxError(Region(x: 0..<16, y: 8..<24, z: 0..<16))
      #expect(part?.code == .invalidOption && part?.message.contains("chunks of 16 voxels along y") == true)
      #expect(try boxError(Region(x: 0..<16, y: 16..<30, z: 0..<16))?.context.axis == .y)
      #expect(try boxError(Region(x: 144..<160, y: 0..<16, z: 0..<16))?.context.axis == .x)

      var other = info
      other.scalarType = .int32
      #expect(error { _ = try SharedZarrStore(path, info: other, options: options) }?.code == .targetExists)
      #expect(error { _ = try SharedZarrStore(path, info: info) }?.code == .targetExists)
      #expect(error { _ = try SharedZarrStore("\(folder)/none/a.zarr", info: info) }?.code == .fileAccess)
      try writeFile([1], to: "\(folder)/file.zarr")
      #expect(error { _ = try SharedZarrStore("\(folder)/file.zarr", info: info) }?.code == .targetExists)
      let foreign = error { _ = try SharedZarrStore(folder, info: info) }
      #expect(foreign?.code == .targetExists && foreign?.message.contains("a.zarr") == true)

      let temporary = "\(path)/0/\(TemporaryName.new(for: "7"))"
      try writeFile([1], to: temporary)
      let descriptor = open(temporary, O_RDONLY)
      #expect(TemporaryName.lock(descriptor, at: temporary))
      #expect(error { try store.finish() }?.message.contains("being written") == true)
      close(descriptor)
      try store.finish()
      let finished = error { _ = try SharedZarrStore(path, info: info, options: options) }
      #expect(finished?.message.contains("finished") == true)
      #expect(error { try store.finish() }?.code == .targetExists)
    }
  }
}

extension Array {
  fileprivate func shuffled(seed: UInt64) -> [Element] {
    var random = SplitMix64(seed: seed)
    return shuffled(using: &random)
  }
}
