import Foundation
import Synchronization
import Voxtile
import VoxtileFormats

/// The smallest format that an app could add with public symbols alone: a header of 16 bytes, which are `TOY1` and the
/// three sizes, and then a byte for each voxel.
enum ToyFormat: Toy {
  static let fault: ToyFault? = nil
}

/// What can be wrong with a format.
enum ToyFault {
  /// Voxels that the file lacks are 0.
  case fillsMissingVoxels
  /// The file is there from the beginning.
  case createsFileAtOnce
  /// All boxes but the whole are read one row too low.
  case shiftsBoxes
}

enum FillingToy: Toy { static let fault: ToyFault? = .fillsMissingVoxels }
enum HastyToy: Toy { static let fault: ToyFault? = .createsFileAtOnce }
enum ShiftingToy: Toy { static let fault: ToyFault? = .shiftsBoxes }

protocol Toy: ImageFormat {
  static var fault: ToyFault? { get }
}

private let magic = Array("TOY1".utf8)

extension Toy {
  static var name: String { "toy" }
  static var endings: [String] { ["toy"] }
  static var keepsPlace: Bool { false }

  static func isRandomAccess(ending: String) -> Bool { true }

  static func recognizes(_ probe: FormatProbe) -> Bool { probe.prefix.starts(with: magic) }

  static func refusal(of info: VolumeInfo) -> VoxtileError? {
    info.scalarType == .uint8 && info.channels == 1 && info.extent.voxelCount > 0
      ? nil : VoxtileError(.unsupportedFormat, "a toy holds one channel of uint8")
  }

  static func open(_ probe: FormatProbe) throws -> any VolumeReader { try ToyReader(probe.path, fault) }

  static func create(
    _ path: String, info: VolumeInfo, options: WriteOptions
  ) throws -> any VolumeWriter {
    if let refusal = refusal(of: info) { throw refusal }
    if !options.isReplacing, FileManager.default.fileExists(atPath: path) {
      throw VoxtileError(.targetExists, "exists already", context: .init(file: path))
    }
    if fault == .createsFileAtOnce { try Data().write(to: URL(filePath: path)) }
    return ToyWriter(path: path, info: info)
  }
}

private struct ToyReader: VolumeReader {
  let info: VolumeInfo
  let isRandomAccess = true
  private let voxels: VolumeInMemory
  private let fault: ToyFault?

  init(_ path: String, _ fault: ToyFault?) throws {
    self.fault = fault
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    guard bytes.count >= 16 else { throw VoxtileError(.malformedFile, "has no whole header") }
    let sizes = (1...3).map { field in
      (0..<4).reduce(0) { $0 | Int(bytes[field * 4 + $1]) << (8 * $1) }
    }
    let extent = Extent(width: sizes[0], height: sizes[1], depth: sizes[2])
    if fault == .fillsMissingVoxels {
      bytes += [UInt8](repeating: 0, count: max(0, 16 + extent.voxelCount - bytes.count))
    }
    guard extent.voxelCount == bytes.count - 16 else {
      throw VoxtileError(.malformedFile, "says \(extent), but has \(bytes.count - 16) voxels")
    }
    voxels = VolumeInMemory(try Volume(extent: extent, voxels: Array(bytes[16...])))
    info = voxels.info
  }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    var origin = region.origin
    if fault == .shiftsBoxes, region.y.upperBound < info.extent.height { origin.y += 1 }
    try voxels.read(Region(origin: origin, extent: region.extent), into: destination)
  }
}

private final class ToyWriter: VolumeWriter {
  let info: VolumeInfo
  private let path: String
  private let bytes: Mutex<[UInt8]>

  init(path: String, info: VolumeInfo) {
    (self.path, self.info) = (path, info)
    let sizes = info.extent.sizes.all.flatMap { size in
      (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
    }
    bytes = Mutex(magic + sizes)
  }

  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    bytes.withLock { $0.append(contentsOf: slab) }
  }

  func finish() throws {
    try Data(bytes.withLock { $0 }).write(to: URL(filePath: path), options: .atomic)
  }
}
