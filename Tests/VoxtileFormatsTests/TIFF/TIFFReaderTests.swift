import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Reading TIFF", .enabled(if: TIFFLibrary.isThere, "needs libtiff"))
struct TIFFReaderTests {
  @Test("several threads read boxes of one reader at once", arguments: ["lzw-tiles.tif", "tczyx.ome.tif"])
  func threads(name: String) async throws {
    let reader = try ImageFormats.open(TIFFTestFiles.path(name))
    let whole = try reader.readAny()
    func check<Scalar>(_ whole: some AnyVolume<Scalar>) async throws {
      let extent = whole.extent
      try await withThrowingTaskGroup(of: Void.self) { group in
        for seed in 0..<8 {
          group.addTask {
            var random = SplitMix64(seed: UInt64(seed))
            for _ in 0..<50 {
              let ranges = extent.sizes.map { _, size in
                let first = Int.random(in: 0..<size, using: &random)
                return first..<Int.random(in: first + 1...size, using: &random)
              }
              let box = Region(x: ranges.x, y: ranges.y, z: ranges.z)
              let found = try reader.read(box, as: Scalar.self)
              #expect(found == whole.typed[box])
            }
          }
        }
        try await group.waitForAll()
      }
    }
    try await check(whole)
  }

  @Test("blocks that are too large to decode for a few voxels are announced, and small or raw ones are not")
  func randomAccess() throws {
    for name in TIFFTestFiles.read {
      #expect(try ImageFormats.open(TIFFTestFiles.path(name)).isRandomAccess, "\(name)")
    }
    #expect(try ImageFormats.open(TIFFTestFiles.path("uint8.tif")).bufferByteCount == 0)
    #expect(try ImageFormats.open(TIFFTestFiles.path("lzw-tiles.tif")).bufferByteCount > 16 << 20)
  }

  @Test("a file that was written to while it was read is found")
  func changed() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.tif"
      try FileManager.default.copyItem(atPath: TIFFTestFiles.path("uint8.tif"), toPath: path)
      let reader = try ImageFormats.open(path)
      try reader.checkFileUnchanged()
      let handle = try #require(FileHandle(forWritingAtPath: path))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data([0]))
      try handle.close()
      #expect(throws: VoxtileError.self) { try reader.checkFileUnchanged() }
    }
  }

  @Test("a libtiff before 4.5, which has no handlers for each file, gives the same, and prints nothing")
  func oldLibrary() throws {
    let library = try TIFFLibrary(TIFFLibrary.description, isOld: true)
    #expect(library.options == nil)
    let input = try InputFile(TIFFTestFiles.path("tczyx.ome.tif"))
    let file = try TIFFFile(reading: input, with: library)
    let pages = try TIFFPages(file, TIFFDirectory(input))
    #expect(pages.all.count == 12 && OMEImage.isIn(pages.text.description))
    let page = try #require(pages.all[11])
    #expect(page.pixels == pages.all[0]?.pixels && page.rawOffset != nil)
    try withTemporaryFolder { folder in
      try writeFile([0x49, 0x49, 0x2A, 0, 9, 9], to: "\(folder)/a.tif")
      #expect(throws: VoxtileError.self) {
        try TIFFFile(reading: InputFile("\(folder)/a.tif"), with: library)
      }
    }
  }

  @Test("blocks are kept while there is room, and those that are used longer")
  func cache() {
    let cache = TIFFBlockCache(byteCount: 100)
    func key(_ block: Int) -> TIFFBlockCache.Key { .init(reader: 1, page: 0, block: block) }
    for block in 0..<5 { cache.keep([UInt8](repeating: UInt8(block), count: 10), as: key(block)) }
    #expect((0..<5).allSatisfy { cache[key($0)]?.first == UInt8($0) } && cache[key(9)] == nil)
    for block in 5..<40 {
      cache.keep([UInt8](repeating: 0, count: 10), as: key(block))
      #expect(cache[key(0)] != nil, "block 0 is used again and again")
    }
    #expect(cache[key(1)] == nil && cache[key(39)] != nil)
    cache.keep([UInt8](repeating: 1, count: 1000), as: key(50))
    #expect(cache[key(50)]?.count == 1000)
    #expect(TIFFBlockCache.shared.newReader() != TIFFBlockCache.shared.newReader())
  }
}
