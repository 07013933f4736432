import Voxtile
import VoxtileFormats
import VoxtileStore

/// Reads an image in slabs, so that only a few MB of it are in memory at a time.
package struct SlabScan: Sendable {
  /// The most bytes of a slab of real values, where memory is not limited.
  package static let maxBytes = 16 << 20

  /// The image.
  package let reader: any VolumeReader
  /// Its path, for error messages.
  let name: String
  /// Called before each slab. Throw from it to cancel.
  let check: @Sendable () throws -> Void
  /// The most bytes of a slab of real values.
  private let slabBytes: Int

  /// Calls `body` with every slab of the image, in file order. The file's scaling is applied to the values.
  ///
  /// - Throws: what reading and `body` throw, and `VoxtileError.Code.fileAccess` where the file was written to since it was
  ///   opened.
  func forEach(_ body: (_ slab: Volume<Double>, _ region: Region) throws -> Void) throws {
    for region in regions {
      try check()
      try body(try values(region), region)
    }
    try reader.checkFileUnchanged()
  }

  /// Prepares to read an image.
  package init(
    reader: any VolumeReader, name: String, slabBytes: Int = maxBytes,
    check: @escaping @Sendable () throws -> Void = {}
  ) {
    self.slabBytes = slabBytes
    self.reader = reader
    self.name = name
    self.check = check
  }

  /// Reads one box; the file's scaling is applied to the values.
  package func values(_ region: Region) throws -> Volume<Double> {
    do {
      return try reader.readReal(region)
    } catch let error as VoxtileError {
      throw error.inFile(name)
    }
  }

  /// Whole slices if they are small enough, otherwise rows of one slice.
  private var regions: [Region] {
    reader.info.slabs(
      maximumBytes: slabBytes, valueByteCount: MemoryLayout<Double>.stride)
  }
}
