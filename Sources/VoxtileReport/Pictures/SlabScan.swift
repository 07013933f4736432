import Voxtile
import VoxtileFormats
import VoxtileStore

/// Reads an image in slabs, so that no more than a few MB of it are in memory.
package struct SlabScan: Sendable {
  /// The values of a slab, about 16 MB.
  static let mostValues = 2 << 20

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
    func convert(_ volume: some AnyVolume) -> Volume<Double> {
      Volume(
        converting: volume.typed, slope: reader.info.scaling?.slope ?? 1,
        intercept: reader.info.scaling?.intercept ?? 0)
    }
    do {
      return convert(try reader.readAny(region))
    } catch let error as VoxtileError {
      throw error.inFile(name)
    }
  }

  /// Whole slices where they are small, else rows of one slice.
  private var regions: [Region] {
    let extent = reader.info.extent
    let row = extent.width * reader.info.channels
    let rows = min(extent.height, max(1, Self.mostValues / max(1, row)))
    let slices = rows < extent.height ? 1 : max(1, Self.mostValues / max(1, row * extent.height))
    return stride(from: 0, to: extent.depth, by: slices).flatMap { z in
      stride(from: 0, to: extent.height, by: rows).map { y in
        Region(
          x: 0..<extent.width, y: y..<min(y + rows, extent.height),
          z: z..<min(z + slices, extent.depth))
      }
    }
  }
}
