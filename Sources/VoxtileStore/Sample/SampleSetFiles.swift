import Voxtile
import VoxtileFormats

/// A set of training patches as it lies on a disk: its list, its patches, and the scans that these were taken of.
package struct SampleSetFiles: Sendable {
  /// The folder of the set.
  package let folder: String
  /// The list.
  package let manifest: SampleManifest
  private let originals: SampleOriginals
  private let labelMap: [Int: Int]

  /// Reads the list.
  ///
  /// - Parameter scans: a folder or a file where the scans are, known by their checksums; `nil` for where the list says.
  /// - Throws: what reading the list throws; `VoxtileError.Code.invalidOption` where none of the scans is there.
  package init(contentsOf folder: String, scans: String? = nil) throws {
    self.folder = folder
    manifest = try SampleManifest(contentsOf: "\(folder)/\(SampleManifest.fileName)")
    originals =
      try scans.map { [manifest] in try SampleOriginals(of: manifest, foundIn: $0) }
      ?? SampleOriginals(listedIn: folder)
    labelMap = manifest.labelMap
  }

  /// All files that the set consists of or was taken of, as far as the list says where they are.
  package var allFiles: [String] {
    let sources = manifest.scans.flatMap(\.sources).map { $0.path(from: folder) }
    return sources + (manifest.patchFiles + [SampleManifest.fileName]).map { "\(folder)/\($0)" }
  }

  /// The path of a scan's labels; `nil` where they are not there, or were changed since.
  package func labelPath(of scan: SampleManifest.Scan) -> String? { originals.path(of: scan.labels) }

  /// Opens the first image of a scan; `nil` where it is not there, or was changed since.
  package func image(of scan: SampleManifest.Scan) throws -> (any VolumeReader)? {
    guard let source = scan.images.first, let path = originals.path(of: source) else { return nil }
    let reader = try ImageFormats.open(path)
    return reader.info.extent == manifest.extent(of: scan) ? reader : nil
  }

  /// Calls a body with the first image and the labels of some patches of a scan: their own files or, where only a list was
  /// written, cut from the scan. Patches that are not there, cannot be opened or have another size are left out.
  ///
  /// - Parameter places: the places of patches in the list.
  /// - Throws: what reading and the body throw.
  package func forEachPair(
    of scan: SampleManifest.Scan, at places: [Int],
    _ body: (_ place: Int, _ image: any VolumeReader, _ labels: any VolumeReader) throws -> Void
  ) throws {
    let isCut = places.contains { manifest.patches[$0].labels == nil }
    let opened = isCut ? try originals.open(scan) : nil
    for place in places {
      if let (image, labels) = try pair(at: place, of: scan, in: opened) { try body(place, image, labels) }
    }
  }

  /// The most voxels of a patch that is cut to be looked at: more than any network takes.
  private static let mostVoxels = 1 << 28

  private func pair(
    at place: Int, of scan: SampleManifest.Scan, in opened: ScanOriginals?
  ) throws -> (any VolumeReader, any VolumeReader)? {
    let patch = manifest.patches[place]
    if let image = patch.images?.first, let labels = patch.labels {
      let readers = [image, labels].compactMap { try? ImageFormats.open("\(folder)/\($0)") }
      let size = manifest.region(of: patch).extent
      return readers.count == 2 && readers.allSatisfy { $0.info.extent == size }
        ? (readers[0], readers[1]) : nil
    }
    guard let opened, let image = scan.images.first.flatMap(opened.reader),
      let labels = opened.reader(of: scan.labels), image.info.extent == manifest.extent(of: scan),
      labels.info.extent == image.info.extent, manifest.region(of: patch).voxelCount <= Self.mostVoxels
    else { return nil }
    let mapped = try MappedLabelReader.reader(
      labels, map: labelMap, padding: manifest.settings.labelPadding)
    func cut(_ reader: any VolumeReader, padding: Padding) throws -> any VolumeReader {
      func held(_ volume: some AnyVolume) -> any VolumeReader {
        VolumeInMemory(volume.typed, scaling: reader.info.scaling)
      }
      return held(try SamplePatchFiles.cut(reader, manifest.region(of: patch), padding: padding))
    }
    return (
      try cut(image, padding: Padding(manifest.settings.padding) ?? .constant(0)),
      try cut(mapped, padding: .constant(Double(manifest.settings.labelPadding)))
    )
  }
}

extension SampleManifest {
  /// New labels for some labels.
  var labelMap: [Int: Int] { settings.options?.labelMap ?? [:] }
}
