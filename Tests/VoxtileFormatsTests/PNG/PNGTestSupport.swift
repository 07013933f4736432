import Foundation
import Voxtile
import VoxtileFormats

/// What the tests of PNG share: the fixtures, and places and ways to make files.
enum PNGTestFiles {
  /// What a fixture holds, as the script that made it says.
  struct Expectation: Decodable {
    let width: Int
    let height: Int
    let channels: Int
    let bitDepth: Int
    let samples: [Int]
    var palette: [[UInt8]]?
    let pixelsPerMeter: [Int]?
    let profileBytes: Int?
    let texts: [String]?
  }

  private struct Content: Decodable {
    let files: [String: Expectation]
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/png")

  static let expectations: [String: Expectation] = {
    guard let data = try? Data(contentsOf: folder.appending(path: "png.json")),
      let content = try? JSONDecoder().decode(Content.self, from: data)
    else { return [:] }
    return content.files
  }()

  static var names: [String] { expectations.keys.sorted() }

  static func path(_ name: String) -> String { folder.appending(path: name).path }

  static func bytes(_ name: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(filePath: path(name))))
  }

  /// Runs a test with a folder of its own, and removes it.
  static func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "voxtile-png-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  /// The names of what a folder holds.
  static func content(of folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
  }

  /// Runs a test with a file of these bytes.
  static func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
    try withFolder { folder in
      let file = folder.appending(path: "file.png")
      try Data(bytes).write(to: file)
      return try body(file.path)
    }
  }

  /// The samples of an image of either type.
  static func samples(_ volume: any AnyVolume) -> [Int] {
    func open<Scalar>(_ volume: some AnyVolume<Scalar>) -> [Int] {
      volume.typed.voxels.map { Int($0.double) }
    }
    return open(volume)
  }

  /// A volume of numbers that differ, up to a maximum.
  static func pattern<Scalar: VoxelScalar & FixedWidthInteger>(
    _ extent: Extent, channels: Int, maximum: Int = Int(Scalar.max), as type: Scalar.Type
  ) throws -> Volume<Scalar> {
    var state: UInt64 = 42
    let voxels = (0..<extent.voxelCount * channels).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Scalar(Int(state >> 33) % (maximum + 1))
    }
    return try Volume(extent: extent, channels: channels, voxels: voxels)
  }

  /// The checksum that PNG puts behind a chunk: CRC-32 with the polynomial of IEEE 802.3.
  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(0xFFFF_FFFF) { $0 >> 8 ^ checksumTable[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
  }

  private static let checksumTable: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
  }

  /// The same file with right checksums, as far as its chunks can be followed.
  static func withRightChecksums(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    var offset = 8
    while offset + 12 <= bytes.count {
      let length = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = offset + 8 + length
      guard end + 4 <= bytes.count else { break }
      let sum = checksum(bytes[(offset + 4)..<end])
      for index in 0..<4 { bytes[end + index] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * index)) }
      offset = end + 4
    }
    return bytes
  }
}

extension VolumeReader {
  /// The value of a detail.
  func detail(_ name: String) -> String? { info.details.first { $0.name == name }?.value }
}
