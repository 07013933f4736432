import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

/// What the tests of formats with text headers share.
enum TextHeaderTestFiles {
  /// What a file holds, as the script that made it, or a test that wrote it, says.
  struct Expectation: Codable {
    var path: String?
    var extent: [Int]
    var channels: Int
    var scalarType: ScalarType
    var crc32: UInt32
    var affine: [[Double]]
    var isLabelMap: Bool?
  }

  /// The folder with the fixtures.
  static let fixtures = NiftiTestFiles.fixtures.appending(path: "textheader").path

  static let names: [String] = (try? expectations(in: fixtures).keys.sorted()) ?? []

  static func expectations(in folder: String) throws -> [String: Expectation] {
    try JSONDecoder().decode(
      [String: Expectation].self, from: Data(contentsOf: URL(filePath: "\(folder)/expected.json")))
  }

  /// A Python with SimpleITK and pynrrd, or `nil`.
  static let python = OtherProgram.python(with: "SimpleITK, nrrd")

  /// Compares files with what they should hold.
  static func check(_ path: String, _ expected: Expectation) throws {
    let reader = try ImageFormats.open(path)
    let info = reader.info
    #expect(info.extent.sizes.all == expected.extent, "\(path)")
    #expect(info.channels == expected.channels, "\(path)")
    #expect(info.scalarType == expected.scalarType, "\(path)")
    #expect(info.isLabelMap == (expected.isLabelMap ?? false), "\(path)")
    let distances = zip(info.metadata.affine.rows.joined(), expected.affine.joined()).map { abs($0 - $1) }
    #expect(distances.allSatisfy { $0 < 1e-5 }, "\(path): \(info.metadata.affine.rows)")
    let checksum = try reader.bytes().withUnsafeBytes { CRC32($0).value }
    #expect(checksum == expected.crc32, "\(path)")
  }

  /// The names of the files of an image: its own, and that of its voxels.
  static func files(of name: String, in folder: String) throws -> [String] {
    guard name.hasSuffix("hdr") || name.hasSuffix("mhd") else { return [name] }
    let stem = name.prefix { $0 != "." } + "."
    return try fileNames(in: folder).filter { $0.hasPrefix(stem) }
  }

  /// Writes a box of an image, and says what it should hold.
  static func write(_ region: Region, of reader: any VolumeReader, to path: String) throws -> Expectation {
    var info = reader.info
    info.extent = region.extent
    info.metadata = info.metadata.moved(to: region.origin)
    let bytes = try reader.bytes(region)
    var options = WriteOptions()
    options.isDurable = false
    try ImageFormats.create(path, info: info, options: options).writeInSlabs(bytes, info: info, count: 2)
    return Expectation(
      path: path, extent: region.extent.sizes.all, channels: info.channels, scalarType: info.scalarType,
      crc32: bytes.withUnsafeBytes { CRC32($0).value }, affine: info.metadata.affine.rows,
      isLabelMap: info.isLabelMap)
  }

  /// Opens a file with some text, followed by bytes.
  static func open(
    _ text: String, _ name: String, voxels: Int = 120, others: [String: [UInt8]] = [:]
  ) throws -> VolumeInfo {
    try withTemporaryFolder { folder in
      for (name, bytes) in others { try writeFile(bytes, to: "\(folder)/\(name)") }
      let bytes = (0..<voxels).map { UInt8(truncatingIfNeeded: $0) }
      try writeFile(Array(text.utf8) + bytes, to: "\(folder)/\(name)")
      let reader = try ImageFormats.open("\(folder)/\(name)")
      _ = try reader.bytes()
      return reader.info
    }
  }
}
