import Voxtile
import VoxtileFormats
import VoxtileStore

/// Reads an image in slabs, so that no more than a few MB of it are in memory.
package struct SlabScan: Sendable {
  /// The most bytes of a slab of real values.
  static let mostBytes = 16 << 20

  /// The image.
  package let reader: any VolumeReader
  /// Its name, for messages.
  let name: String
  /// Called before each slab; what it throws ends the scan.
  let check: @Sendable () throws -> Void

  /// Hands over all boxes of the image, in the order in which voxels lie in a file, as real values: the
  /// scaling of the file is applied.
  func forEach(_ body: (_ slab: Volume<Double>, _ region: Region) throws -> Void) throws {
    for region in regions {
      try check()
      try body(try values(region), region)
    }
  }

  /// Names the parts of a scan.
  package init(reader: any VolumeReader, name: String, check: @escaping @Sendable () throws -> Void = {}) {
    self.reader = reader
    self.name = name
    self.check = check
  }

  /// The real values of one box.
  package func values(_ region: Region) throws -> Volume<Double> {
    do {
      return try reader.readReal(region)
    } catch let error as VoxtileError {
      throw error.inFile(name)
    }
  }

  /// Whole slices where they are small, else rows of one slice.
  private var regions: [Region] {
    reader.info.slabs(
      maximumBytes: Self.mostBytes, valueByteCount: MemoryLayout<Double>.stride)
  }
}
