import Foundation
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

/// What the tests of NIfTI and gzip share: fixtures, folders, and headers and voxels made here.
enum NiftiTestFiles {
  /// What a fixture holds, as the script that made it says.
  struct Expectation: Decodable {
    let extent: [Int]
    let channels: Int
    let scalarType: ScalarType
    let crc32: UInt32
    let affine: [[Double]]
    let scaling: [Double]?
    let isLabelMap: Bool
  }

  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures")

  static let expectations: [String: Expectation] = {
    guard let data = try? Data(contentsOf: fixtures.appending(path: "nifti/nifti.json")) else { return [:] }
    return (try? JSONDecoder().decode([String: Expectation].self, from: data)) ?? [:]
  }()

  static func path(_ name: String) -> String { fixtures.appending(path: "nifti/\(name)").path }

  static func bytes(_ path: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(filePath: path)))
  }

  /// Runs a test with a folder of its own, whose path ends in a slash, and removes it.
  static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "voxtile-nifti-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path + "/")
  }

  static func write(_ bytes: [UInt8], to path: String) throws {
    // A file that is overwritten in place goes to the disk at once on ext4; a new one does not.
    unlink(path)
    try Data(bytes).write(to: URL(filePath: path))
  }

  /// A Python with nibabel, or `nil`.
  static let python = OtherProgram.python(with: "nibabel, numpy")
}

/// Reproducible random numbers (SplitMix64).
struct TestRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}

/// A kind of file: version, byte order, datatype, dimensions behind the third, and name ending.
struct NiftiVariant: CustomStringConvertible, Sendable {
  var version: NiftiVersion
  var byteOrder: ByteOrder
  var datatype: NiftiDatatype
  var moreDimensions: [Int] = []
  var ending: String

  static let endings = ["nii", "nii.gz", "hdr", "img.gz"]

  static let all: [NiftiVariant] = NiftiDatatype.allCases.flatMap { datatype in
    endings.flatMap { ending in
      [ByteOrder.little, .big].flatMap { order in
        [NiftiVersion.one, .two].map {
          NiftiVariant(version: $0, byteOrder: order, datatype: datatype, ending: ending)
        }
      }
    }
  }

  var description: String {
    "NIfTI-\(version.rawValue) \(byteOrder) \(datatype) \(moreDimensions) .\(ending)"
  }

  var fileName: String {
    "v\(version.rawValue)-\(byteOrder)-\(datatype)-\(moreDimensions.map(String.init).joined(separator: "-")).\(ending)"
  }

  /// A header of this kind that places its image by an oblique sform and a rotated qform.
  func header(_ extent: Extent) -> NiftiHeader {
    var header = NiftiHeader(version: version, byteOrder: byteOrder)
    header.set(.dim, to: 3 + moreDimensions.count)
    for (index, size) in (extent.sizes.all + moreDimensions).enumerated() {
      header.set(.dim, index + 1, to: size)
    }
    header.set(.datatype, to: datatype.rawValue)
    header.set(.bitpix, to: datatype.voxelByteCount * 8)
    header.setGeometry(
      Affine(rows: [[0, -1.5, 0, 12.5], [-0.75, 0, 0, -40.25], [0, 0, 2.5, 7.75]]))
    header.set(.calMax, to: 100.0)
    header.set(.units, to: 10)
    return header
  }

  /// What a reader of such a file would say.
  func info(_ extent: Extent) throws -> VolumeInfo {
    let header = header(extent)
    return try header.volumeInfo(header.shape())
  }

  /// Writes random voxels and gives their bytes in the order of memory.
  func write(
    _ extent: Extent, to path: String, seed: UInt64 = 1, slabs: Int = 1, jobs: Int = 1
  ) throws -> [UInt8] {
    let info = try info(extent)
    var random = TestRandom(seed: seed)
    let bytes = random.bytes(info.byteCount(of: Region(extent)))
    let writer = try ImageFormats.create(path, info: info, options: WriteOptions(jobs: jobs))
    try writer.writeInSlabs(bytes, info: info, count: slabs)
    return bytes
  }
}

extension VolumeWriter {
  /// Writes all voxels, some slices at a time, and finishes.
  func writeInSlabs(_ bytes: [UInt8], info: VolumeInfo, count: Int) throws {
    let step = max(1, (info.extent.depth + count - 1) / count)
    for start in stride(from: 0, to: info.extent.depth, by: step) {
      let slices = start..<min(start + step, info.extent.depth)
      let slab = crop(bytes, Region(x: 0..<info.extent.width, y: 0..<info.extent.height, z: slices), of: info)
      try slab.withUnsafeBytes { try write($0, slices: slices) }
    }
    try finish()
  }
}

extension VolumeReader {
  /// The bytes of a box, or of the whole image.
  func bytes(_ region: Region? = nil) throws -> [UInt8] {
    let region = region ?? Region(info.extent)
    var bytes = [UInt8](repeating: 0, count: info.byteCount(of: region))
    try bytes.withUnsafeMutableBytes { try read(region, into: $0) }
    return bytes
  }

  /// The value of a detail.
  func niftiDetail(_ name: String) -> String? { info.details.first { $0.name == name }?.value }
}

/// A box cut from bytes in memory, voxel by voxel.
func crop(_ bytes: [UInt8], _ region: Region, of info: VolumeInfo) -> [UInt8] {
  let size = info.scalarType.byteCount
  let extent = info.extent
  var result: [UInt8] = []
  for channel in 0..<info.channels {
    for z in region.z {
      for y in region.y {
        let row = ((channel * extent.depth + z) * extent.height + y) * extent.width
        result += bytes[(row + region.x.lowerBound) * size..<(row + region.x.upperBound) * size]
      }
    }
  }
  return result
}

/// Tests of headers that are made field by field.
protocol NiftiHeaders {}

extension NiftiHeaders {
  /// The header of an image of `float32` with some dimensions.
  func header(_ sizes: Int..., version: NiftiVersion = .one) -> NiftiHeader {
    var header = NiftiHeader(version: version)
    header.set(.datatype, to: 16)
    header.set(.bitpix, to: 32)
    for (index, size) in sizes.enumerated() { header.set(.dim, index + 1, to: size) }
    header.set(.dim, to: sizes.count)
    return header
  }

  /// The header that is written for an image with this header and some changes.
  func adapted(_ header: NiftiHeader, _ change: (inout VolumeInfo) -> Void) throws -> NiftiHeader {
    var info = try header.volumeInfo(header.shape())
    change(&info)
    return try NiftiHeader.make(for: info).0
  }
}
