import Voxtile
import VoxtileFormats
import VoxtileStore

/// Reads an image in slabs, so that only a few MB of it are in memory at a time.
package struct SlabScan: Sendable {
  /// The values of a slab, about 16 MB.
  static let mostValues = 2 << 20

  /// The image.
  package let reader: any VolumeReader
  /// Its path, for error messages.
  let name: String
  /// Called before each slab. Throw from it to cancel.
  let check: @Sendable () throws -> Void

  /// Calls `body` with every slab of the image, in file order. The file's scaling is applied to the values.
  func forEach(_ body: (_ slab: Volume<Double>, _ region: Region) throws -> Void) throws {
    for region in regions {
      try check()
      try body(try values(region), region)
    }
  }

  /// Prepares to read an image.
  package init(reader: any VolumeReader, name: String, check: @escaping @Sendable () throws -> Void = {}) {
    self.reader = reader
    self.name = name
    self.check = check
  }

  /// Reads one box; the file's scaling is applied to the values.
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

  /// Whole slices if they are small enough, otherwise rows of one slice.
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
