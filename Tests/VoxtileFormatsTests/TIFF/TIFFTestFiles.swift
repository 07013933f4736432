import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

/// What the tests of TIFF share.
enum TIFFTestFiles {
  /// What a fixture holds, as the script that made it says.
  struct Expectation: Decodable {
    let extent: [Int]?
    let channels: Int?
    let scalarType: ScalarType?
    let crc32: UInt32?
    let spacing: [Double]?
    let isColor: Bool?
    let isLabelMap: Bool?
    let palette: [[UInt8]]?
    let frames: Int?
    let channelNames: [String]?
    let notes: Int?
    let refusal: String?
  }

  static let all: [String: Expectation] =
    (try? Fixture.json("tiff/tiff.json", as: [String: Expectation].self)) ?? [:]
  /// The names of files that are read, and of those that are not.
  static let read = all.filter { $0.value.refusal == nil }.keys.sorted()
  static let refused = all.filter { $0.value.refusal != nil }.keys.sorted()

  static func path(_ name: String) throws -> String { try Fixture.url("tiff/\(name)").path }

  static func header(_ info: VolumeInfo) throws -> TIFFHeader {
    try TIFFHeader(bytes: try #require(info.metadata.header).bytes)
  }

  /// Values that differ from their neighbors.
  static func pattern<Scalar: VoxelScalar>(
    _ extent: Extent, channels: Int = 1, as type: Scalar.Type
  ) throws -> Volume<Scalar> {
    var random = SplitMix64(seed: UInt64(extent.voxelCount))
    let voxels = (0..<extent.voxelCount * channels).map { _ in Scalar(nearest: Double(random.next() % 251)) }
    return try Volume(extent: extent, channels: channels, voxels: voxels)
  }

  /// A TIFF of one page of 8 bits, 2 x 2 pixels, with a description, as bytes.
  static func described(_ text: String) -> [UInt8] {
    func little(_ number: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(number >> (8 * $0) & 255) }
    }
    let text = Array(text.utf8) + [0]
    let start = 8 + 4
    let fields: [(tag: Int, type: Int, count: Int, value: Int)] = [
      (256, 3, 1, 2), (257, 3, 1, 2), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
      (270, 2, text.count, start + 2 + 9 * 12 + 4), (273, 4, 1, 8), (278, 3, 1, 2), (279, 4, 1, 4),
    ]
    var bytes: [UInt8] = [0x49, 0x49, 0x2A, 0] + little(start, 4) + [1, 2, 3, 4] + little(fields.count, 2)
    for field in fields {
      let isShort = field.type == 2 && field.count <= 4
      bytes += little(field.tag, 2) + little(field.type, 2) + little(field.count, 4)
      bytes += isShort ? Array((text + [0, 0, 0]).prefix(4)) : little(field.value, 4)
    }
    return bytes + little(0, 4) + text
  }

  /// Opens a file of some bytes and hands the reader on.
  static func withReader<Result>(_ bytes: [UInt8], _ body: (any VolumeReader) throws -> Result) throws
    -> Result
  {
    try withTemporaryFolder { folder in
      try writeFile(bytes, to: "\(folder)/file.tif")
      return try body(try ImageFormats.open("\(folder)/file.tif"))
    }
  }
}

extension VolumeReader {
  /// The stored bytes of a box, or of the whole image.
  func tiffBytes(_ region: Region? = nil) throws -> [UInt8] {
    let region = region ?? Region(info.extent)
    var bytes = [UInt8](repeating: 0, count: info.byteCount(of: region))
    try bytes.withUnsafeMutableBytes { try read(region, into: $0) }
    return bytes
  }
}
