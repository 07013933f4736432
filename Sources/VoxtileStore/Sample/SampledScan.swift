import Voxtile
import VoxtileFormats

/// A scan with its labels, of which training patches are taken.
public struct SampledScan: Hashable, Sendable {
  /// What it is called; its patches are named after it, and depend on it.
  public var name: String
  /// The files of its channels, at least one, all on one grid.
  public var images: [String]
  /// The file of its labels, on the same grid.
  public var labels: String
  /// A file that says how hard each voxel is, on the same grid; `nil` where there is none.
  public var weights: String?

  /// Creates a scan.
  ///
  /// - Precondition: there is an image.
  public init(_ name: String, images: [String], labels: String, weights: String? = nil) {
    precondition(!images.isEmpty, "scan '\(name)' has no image")
    self.name = name
    self.images = images
    self.labels = labels
    self.weights = weights
  }

  /// The name as a part of file names.
  var fileName: String { name.replacing("/", with: "_") }
}

/// The files of a scan, open, and known to lie on one grid.
struct OpenScan: Sendable {
  let images: [any VolumeReader]
  let labels: any VolumeReader
  let weights: (any VolumeReader)?

  /// Opens all files.
  ///
  /// - Throws: `VoxtileError.Code.shapeMismatch` where one lies elsewhere than the first image, and what opening throws.
  init(_ scan: SampledScan, labelMap: [Int: Int], labelPadding: Int) throws {
    images = try scan.images.map(ImageFormats.open)
    let info = images[0].info
    func open(_ path: String, _ name: String) throws -> any VolumeReader {
      let reader = try ImageFormats.open(path)
      try Self.check(reader, at: path, named: name, on: info)
      return reader
    }
    for (path, image) in zip(scan.images, images).dropFirst() {
      try Self.check(image, at: path, named: "the channel", on: info)
    }
    let labels = try open(scan.labels, "the label map")
    self.labels = try MappedLabelReader.reader(labels, map: labelMap, padding: labelPadding)
    weights = try scan.weights.map { try open($0, "the map of weights") }
  }

  private static func check(
    _ reader: any VolumeReader, at path: String, named name: String, on info: VolumeInfo
  ) throws(VoxtileError) {
    do {
      try reader.info.checkOnGrid(of: info, named: name)
    } catch {
      throw error.inFile(path)
    }
  }
}
