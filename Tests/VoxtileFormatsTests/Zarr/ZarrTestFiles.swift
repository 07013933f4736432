import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

/// Zarr stores of other programs, and what should be found in them.
enum ZarrTestFiles {
  /// What `make_zarr_fixtures.py` says of a store.
  struct Expected: Decodable {
    let name: String
    let path: String
    let type: String
    let channels: Int
    /// x first.
    let extent: [Int]
    let spacing: [Double]
    let origin: [Double]
    let place: String
    let labels: Bool
  }

  static let hasLibraries = (try? ZstdLibrary.shared()) != nil && (try? BloscLibrary.shared()) != nil

  /// A Python with zarr, or `nil`.
  static let python = OtherProgram.python(with: "zarr, numcodecs", where: "zarr.__version__ >= '3'")

  /// The folder with the stores that are kept.
  static var fixtures: String { get throws { try Fixture.url("zarr").path } }

  /// What should be found in a folder that the script has written.
  static func expected(in folder: String) throws -> [Expected] {
    try JSONDecoder().decode([Expected].self, from: Data(contentsOf: URL(filePath: "\(folder)/stores.json")))
  }

  /// Makes sure that a store is read as it should be: all that is said of it, all voxels, and boxes of them.
  static func check(_ expected: Expected, in folder: String, boxes: Int = 6) throws {
    let reader = try ImageFormats.open("\(folder)/\(expected.path)")
    let info = reader.info
    let comment = Comment(rawValue: expected.name)
    #expect(info.extent.sizes.all == expected.extent, comment)
    #expect(info.channels == expected.channels, comment)
    #expect(info.scalarType.rawValue == expected.type, comment)
    #expect(info.isLabelMap == expected.labels, comment)
    #expect(info.metadata.place.rawValue == expected.place, comment)
    let affine = info.metadata.affine
    for axis in 0..<3 {
      #expect(abs(affine.rows[axis][axis] - expected.spacing[axis]) < 1e-9, comment)
      #expect(abs(affine.rows[axis][3] - expected.origin[axis]) < 1e-9, comment)
    }
    let bytes = try fileBytes("\(folder)/\(expected.name).raw")
    let whole = Region(info.extent)
    try #require(bytes.count == info.byteCount(of: whole), comment)
    #expect(try voxels(of: reader, whole) == bytes, comment)
    var random = SplitMix64(seed: UInt64(bytes.count))
    for _ in 0..<boxes {
      let box = randomBox(info.extent, &random)
      #expect(try voxels(of: reader, box) == part(box, of: bytes, info), "\(expected.name): \(box)")
    }
  }

  /// A random box that is not empty.
  static func randomBox(_ extent: Extent, _ random: inout SplitMix64) -> Region {
    let ranges = extent.sizes.map { _, size in
      let first = Int.random(in: 0..<size, using: &random)
      return first..<Int.random(in: first + 1...size, using: &random)
    }
    return Region(x: ranges.x, y: ranges.y, z: ranges.z)
  }

  /// The bytes of a box as a reader gives them.
  static func voxels(of reader: any VolumeReader, _ box: Region? = nil) throws -> [UInt8] {
    let box = box ?? Region(reader.info.extent)
    var bytes = [UInt8](repeating: 0xAA, count: reader.info.byteCount(of: box))
    try bytes.withUnsafeMutableBytes { try reader.read(box, into: $0) }
    return bytes
  }

  /// The bytes of a box of an image in memory.
  static func part(_ box: Region, of bytes: [UInt8], _ info: VolumeInfo) -> [UInt8] {
    let layout = VoxelLayout(
      extent: info.extent, planes: info.channels, voxelByteCount: info.scalarType.byteCount, offset: 0)
    return layout.runs(of: box).flatMap { bytes[$0] }
  }
}
