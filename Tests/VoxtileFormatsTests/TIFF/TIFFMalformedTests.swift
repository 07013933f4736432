import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Malformed TIFF", .enabled(if: TIFFLibrary.isThere, "needs libtiff"))
struct TIFFMalformedTests {
  /// Small files of every kind of block, compression, description and byte order.
  static let names = [
    "uint8.tif", "big-tiles-uint16.tif", "lzw-strips.tif", "zstd-tiles.tif", "packbits-strips.tif",
    "predictor-float32.tif", "rgb-planes-tiles.tif", "palette.tif", "four-bits.tif", "imagej-tzcyx.tif",
    "imagej-one-page.tif", "tczyx.ome.tif", "pyramid.ome.tif", "thumbnail.tif",
  ]

  /// Mutations of each file; more where the environment says so.
  static let mutations =
    ProcessInfo.processInfo.environment["VOXTILE_MUTATIONS"].flatMap { Int($0) } ?? Thoroughness.rounds(500)

  /// Reads a file and a box of it, whatever it says.
  private func read(_ path: String) throws -> [UInt8] {
    let reader = try ImageFormats.open(path)
    let extent = reader.info.extent
    _ = try reader.tiffBytes(Region(x: 0..<1, y: extent.height - 1..<extent.height, z: 0..<1))
    return try reader.tiffBytes()
  }

  @Test("each prefix is an error, or has every voxel", arguments: names)
  func prefixes(name: String) throws {
    let bytes = try fileBytes(TIFFTestFiles.path(name))
    let whole = try read(TIFFTestFiles.path(name))
    try withTemporaryFolder { folder in
      let path = "\(folder)/file.tif"
      try writeFile(bytes, to: path)
      // From the end on, the file only has to be cut.
      for count in Thoroughness.prefixes(of: bytes.count).reversed() {
        #expect(truncate(path, off_t(count)) == 0)
        do {
          let found = try read(path)
          #expect(found == whole, "\(count) bytes")
        } catch let error as VoxtileError {
          #expect(error.context.file == path, "\(count) bytes")
        }
      }
    }
  }

  @Test("changed bytes are an error or another image, never more", arguments: names)
  func changes(name: String) throws {
    let bytes = try fileBytes(TIFFTestFiles.path(name))
    var random = SplitMix64(seed: UInt64(bytes.count))
    try withTemporaryFolder { folder in
      var failures = 0
      for _ in 0..<Self.mutations {
        var changed = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let place = Int.random(in: 4..<bytes.count, using: &random)
          // Small numbers are more often legal than others.
          changed[place] =
            Bool.random(using: &random)
            ? .random(in: 0...255, using: &random) : .random(in: 0...8, using: &random)
        }
        try writeFile(changed, to: "\(folder)/file.tif")
        do { _ = try read("\(folder)/file.tif") } catch is VoxtileError { failures += 1 }
      }
      #expect(failures > Self.mutations / 50)
    }
  }

  @Test("pages that go in circles are an error")
  func circles() throws {
    var bytes = try fileBytes(TIFFTestFiles.path("uint8.tif"))
    let first = Array(bytes[4..<8])
    let start = Int(first[0]) | Int(first[1]) << 8
    let count = Int(bytes[start]) | Int(bytes[start + 1]) << 8
    bytes.replaceSubrange(start + 2 + 12 * count..<start + 6 + 12 * count, with: first)
    let error = #expect(throws: VoxtileError.self) { try TIFFTestFiles.withReader(bytes) { _ in } }
    #expect(error?.code == .malformedFile)
  }

  @Test("sizes that a file cannot hold are refused when it is opened")
  func hugeSizes() throws {
    for name in ["uint8.tif", "lzw-strips.tif", "zstd-tiles.tif"] {
      let bytes = try fileBytes(TIFFTestFiles.path(name))
      let start = Int(bytes[4]) | Int(bytes[5]) << 8
      for entry in 0..<Int(bytes[start]) where bytes[start + 2 + 12 * entry] <= 1 {
        let place = start + 2 + 12 * entry
        // ImageWidth and ImageLength, of which the first is 256.
        guard bytes[place + 1] == 1 else { continue }
        var changed = bytes
        changed.replaceSubrange(place + 2..<place + 12, with: [4, 0, 1, 0, 0, 0, 0, 0, 0, 0x70])
        let error = #expect(throws: VoxtileError.self) { try TIFFTestFiles.withReader(changed) { _ in } }
        #expect(error?.code == .malformedFile, "\(error?.message ?? "")")
      }
    }
  }

  @Test("an error carries libtiff's reason, and nothing is printed")
  func reasons() throws {
    var bytes = try fileBytes(TIFFTestFiles.path("zstd-strips.tif"))
    // The mark with which a strip of Zstandard begins.
    let mark: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: mark) })
    bytes[place] = 0
    try TIFFTestFiles.withReader(bytes) { reader in
      let error = #expect(throws: VoxtileError.self) { try reader.tiffBytes() }
      #expect(error?.message.contains("ZSTD") == true, "\(error?.message ?? "")")
      #expect(error?.context.file != nil)
    }
  }

  @Test("a damaged header of a volume is an error or another header, never more")
  func keptHeader() throws {
    let header = try TIFFTestFiles.header(ImageFormats.open(TIFFTestFiles.path("tczyx.ome.tif")).info)
    #expect(try TIFFHeader(bytes: header.bytes) == header)
    for count in header.bytes.indices {
      guard let found = try? TIFFHeader(bytes: Array(header.bytes[..<count])) else { continue }
      #expect(found != header)
    }
    var random = SplitMix64(seed: 5)
    for _ in 0..<Thoroughness.rounds(2000) {
      var changed = header.bytes
      changed[Int.random(in: changed.indices, using: &random)] = .random(in: 0...255, using: &random)
      let metadata = TIFFFormat.metadata(affine: Affine(spacing: PerAxis(1)), header: changed)
      let info = VolumeInfo(extent: Extent(2), channels: 4, scalarType: .int16, metadata: metadata)
      do throws(VoxtileError) { _ = try TIFFPlan(info, compression: .fast).description } catch {
        #expect(error.code == .malformedFile)
      }
    }
  }

  @Test("a missing library is named, and the packages that have it")
  func noLibrary() throws {
    var description = TIFFLibrary.description
    description.files = ["libnothing.so.6"]
    let error = #expect(throws: VoxtileError.self) { try TIFFLibrary(description) }
    #expect(error?.code == .runtimeNotFound)
    let words = "libtiff is needed for TIFF files and is not found; install it with apt install libtiff6"
    #expect(error?.message.hasPrefix(words) == true)
  }
}
