import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

/// What `make_numpy_fixtures.py` wrote.
enum NpyFixtures {
  struct Expectation: Decodable {
    let extent: [Int]
    let channels: Int
    let scalarType: ScalarType
    let crc32: UInt32
    let isLabelMap: Bool
    let isRandomAccess: Bool
    let spatialRank: Int
  }

  private struct All: Decodable {
    let read: [String: Expectation]
    let refused: [String: String]
  }

  private static let all = try? Fixture.json("numpy/numpy.json", as: All.self)
  static let read = (all?.read ?? [:]).sorted { $0.key < $1.key }
  static let refused = (all?.refused ?? [:]).sorted { $0.key < $1.key }

  static func path(_ name: String) throws -> String { try Fixture.url("numpy/\(name)").path }
}

@Suite("Arrays that NumPy wrote")
struct NpyFixtureTests {
  @Test("every type, order, version and archive is read as it was written")
  func read() throws {
    #expect(NpyFixtures.read.count == 40)
    for (name, expected) in NpyFixtures.read {
      let reader = try ImageFormats.open(try NpyFixtures.path(name))
      let info = reader.info
      #expect(info.extent.sizes.all == expected.extent && info.channels == expected.channels, "\(name)")
      #expect(info.scalarType == expected.scalarType && info.isLabelMap == expected.isLabelMap, "\(name)")
      #expect(reader.isRandomAccess == expected.isRandomAccess, "\(name)")
      #expect(info.metadata.place == .unknown && info.metadata.spatialRank == expected.spatialRank, "\(name)")
      for _ in 1...2 {
        let sum = try bytes(of: reader, Region(info.extent)).withUnsafeBytes { CRC32($0).value }
        #expect(sum == expected.crc32, "\(name)")
      }
    }
  }

  @Test("any box is that box of the whole, read from the file or from scratch")
  func boxes() throws {
    for (name, _) in NpyFixtures.read {
      let whole = try ImageFormats.open(try NpyFixtures.path(name)).readAny()
      let reader = try ImageFormats.open(try NpyFixtures.path(name))
      for var random in SplitMix64.cases(20, from: 7) {
        let ranges = reader.info.extent.sizes.map { _, size in
          let first = Int.random(in: 0..<size, using: &random)
          return first..<Int.random(in: first + 1...size, using: &random)
        }
        let box = Region(x: ranges.x, y: ranges.y, z: ranges.z)
        let expected = try bytes(of: VolumeInMemory(whole), box)
        #expect(try bytes(of: reader, box) == expected, "\(name) \(box) \(random)")
      }
    }
  }

  @Test("what is no image, and archives of several, are refused with what they hold")
  func refused() throws {
    #expect(NpyFixtures.refused.count == 12)
    for (name, words) in NpyFixtures.refused {
      let path = try NpyFixtures.path(name)
      let error = #expect(throws: VoxtileError.self, "\(name)") { try ImageFormats.open(path) }
      #expect(error?.code == .unsupportedFormat && error?.context.file == path, "\(name)")
      #expect(error?.message.contains(words) == true, "\(name): \(error?.message ?? "")")
    }
  }

  @Test(
    "a color picture, a last axis that may be channels and an axis that is dropped are noted, with the shape")
  func notes() throws {
    func info(_ name: String) throws -> VolumeInfo { try ImageFormats.open(try NpyFixtures.path(name)).info }
    let color = try info("color.npy")
    #expect(NpyFormat.channelsAreColor(color))
    #expect(
      color.notes == [
        "has the shape (4, 5, 3) of uint8, which is taken for a picture of 5x4 pixels in 3 colors; save a volume with an "
          + "axis of channels, as (1, 4, 5, 3)"
      ])
    #expect(
      try info("batch.npy").notes == [
        "has the shape (1, 2, 3, 4, 5), whose first axis of one element is dropped"
      ])
    #expect(try info("channels.npy").notes.isEmpty)
    let details = try info("fortran-channels.npy").details
    #expect(
      details.contains { $0.name == "shape" && $0.value == "(2, 3, 4, 5): channels, depth, height, width" })
    #expect(details.contains { $0.name == "order" && $0.value == "Fortran (first axis fastest)" })
    let last = try NpyShape(NpyHeader(.float32, axes: [64, 32, 32, 3]))
    #expect(
      last.notes.first?.contains("taken for 64 channels of 3x32x32 voxels; channels come first") == true)
  }

  /// The stored bytes of a box.
  private func bytes(of reader: any VolumeReader, _ region: Region) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: reader.info.byteCount(of: region))
    try bytes.withUnsafeMutableBytes { try reader.read(region, into: $0) }
    return bytes
  }
}
