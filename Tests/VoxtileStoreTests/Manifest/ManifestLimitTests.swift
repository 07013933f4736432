import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Limits of a manifest")
struct ManifestLimitTests {
  private func tree() throws -> [String: Any] {
    let bytes = try fileBytes(GoldenFolder.all[0].path() + "/" + Manifest.fileName)
    return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  @Test(
    "channels that overflow a count of bytes are refused, and so are sizes",
    arguments: [1 << 62, Int.max, 1 << 45])
  func channels(_ channels: Int) throws {
    var tree = try tree()
    var source = try #require(tree["source"] as? [String: Any])
    source["channels"] = channels
    tree["source"] = source
    let error = #expect(throws: VoxtileError.self) {
      try Manifest(json: JSONSerialization.data(withJSONObject: tree))
    }
    #expect(error?.message.hasPrefix("has source.channels = \(channels); it should be at most") == true)
  }

  @Test("a sparse file is refused without being read", arguments: [64 << 30, (2 << 30) - 1])
  func sparse(bytes: Int) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/voxtile.json"
      try writeFile([], to: path)
      let file = try #require(FileHandle(forWritingAtPath: path))
      try file.truncate(atOffset: UInt64(bytes))
      try file.close()
      let start = ContinuousClock.now
      let error = #expect(throws: VoxtileError.self) { try PatchStore(contentsOf: folder) }
      #expect(error?.code == .malformedFile && ContinuousClock.now - start < .seconds(1))
    }
  }

  @Test("two fields of one name are refused, and long texts too")
  func duplicates() throws {
    let text = String(decoding: try JSONSerialization.data(withJSONObject: try tree()), as: UTF8.self)
    let twice = "{\"version\":1," + text.dropFirst()
    let error = #expect(throws: VoxtileError.self) { try Manifest(json: Data(twice.utf8)) }
    #expect(error?.message.contains("version = two values; it should be there once") == true)
    var long = try tree()
    long["fileExtension"] = String(repeating: "n", count: 256)
    let tooLong = #expect(throws: VoxtileError.self) {
      try Manifest(json: JSONSerialization.data(withJSONObject: long))
    }
    #expect(
      tooLong?.message.contains(
        "fileExtension = a text that is out of range; it should be a text of at most 255 bytes") == true)
  }

  @Test("100,000 patches are read in less than half a second")
  func many() throws {
    let grid = try PatchGrid(
      over: Extent(width: 500, height: 200, depth: 1), patch: Extent(width: 1, height: 1), overlap: .voxels(0)
    )
    let manifest = Manifest(
      source: Manifest.Source(name: "a.nii", info: TestImage(grid.extent, .uint8).info), grid: grid,
      fileExtension: "nii",
      entries: grid.map {
        Manifest.Entry(
          file: PatchFileName.name(of: $0, in: grid, fileExtension: "nii.gz"),
          checksum: Checksum(UInt32($0.index)))
      })
    try withTemporaryFolder { folder in
      let path = "\(folder)/\(Manifest.fileName)"
      try manifest.json().write(to: URL(filePath: path))
      let start = ContinuousClock.now
      let found = try Manifest(contentsOf: path)
      let time = ContinuousClock.now - start
      #expect(found.entries == manifest.entries)
      // Without optimization it takes ten times as long, and other tests run at the same time.
      #if DEBUG
        #expect(time < .seconds(30))
      #else
        #expect(time < .seconds(1))
        print("100,000 patches: \(time)")
      #endif
    }
  }
}
