import Voxtile
import VoxtileFormats

/// The check of one training patch: its images and its labels.
struct SamplePatchCheck: Sendable {
  private let manifest: SampleManifest
  private let place: Int
  private let folder: String
  private let originals: ScanOriginals?
  private let patch: SampleManifest.Patch
  private let region: Region

  /// - Precondition: the place is one of the list's patches.
  init(_ manifest: SampleManifest, place: Int, folder: String, originals: ScanOriginals?) {
    (self.manifest, self.place, self.folder, self.originals) = (manifest, place, folder, originals)
    patch = manifest.patches[place]
    region = manifest.region(of: patch)
  }

  /// Everything that is wrong.
  func findings() -> [PatchStore.Finding] {
    guard let scan = manifest.scans.first(where: { $0.name == patch.scan }) else {
      return [
        finding(.missing, patch.labels ?? SampleManifest.fileName, "the list has no scan '\(patch.scan)'")
      ]
    }
    guard let images = patch.images, let labels = patch.labels else { return listFindings(of: scan) }
    let sums = patch.imageChecksums ?? []
    var findings: [PatchStore.Finding] = []
    for (number, image) in images.enumerated() {
      findings += check(image, checksum: number < sums.count ? sums[number] : nil, of: scan) { reader in
        try originals.flatMap { try original(ofImage: number, of: scan, in: $0) }
          .flatMap {
            try different(reader, from: $0, padding: Padding(manifest.settings.padding) ?? .constant(0))
          }
      }
    }
    return findings
      + check(labels, checksum: patch.labelChecksum, of: scan) { reader in
        try checkLabels(reader, of: scan)
      }
  }

  /// What is wrong with a patch of which no files were written: the voxels of its labels are counted in the scan, if that is there.
  private func listFindings(of scan: SampleManifest.Scan) -> [PatchStore.Finding] {
    guard let original = originals?.reader(of: scan.labels) else { return [] }
    func finding(_ message: String) -> [PatchStore.Finding] {
      [self.finding(.different, SampleManifest.fileName, "patch \(patch.number) of \(scan.name): \(message)")]
    }
    guard original.info.extent == manifest.extent(of: scan) else {
      return finding("the scan has another size than the list says")
    }
    let inside = region.intersection(Region(original.info.extent))
    guard inside.voxelCount > 0 else { return finding("lies outside the scan") }
    do {
      let reader = try MappedLabelReader.reader(
        original, map: manifest.labelMap, padding: manifest.settings.labelPadding)
      return try wrongCount(reader.readReal(inside, as: Double.self).voxels).map(finding) ?? []
    } catch {
      return finding((error as? VoxtileError)?.message ?? "\(error)")
    }
  }

  /// The first label of which there are not as many voxels as the list says.
  private func wrongCount(_ labels: [Double]) -> String? {
    var counts: [String: Int] = [:]
    for label in labels { counts[Int(exactly: label).map(String.init) ?? "\(label)", default: 0] += 1 }
    let wrong = Set(counts.keys).union(patch.voxels.keys).sorted().first { counts[$0] != patch.voxels[$0] }
    return wrong.map {
      "label \($0) has \(counts[$0] ?? 0) voxels, the list says \(patch.voxels[$0] ?? 0)"
    }
  }

  /// Checks one file: its bytes, its header, and what a body finds in its voxels.
  private func check(
    _ file: String, checksum: String?, of scan: SampleManifest.Scan,
    voxels: (any VolumeReader) throws -> String?
  ) -> [PatchStore.Finding] {
    let path = "\(folder)/\(file)"
    guard FormatProbe(path).kind == .file else { return [finding(.missing, file, "the file is missing")] }
    do {
      let found = try Checksum(ofFile: path).description
      if let checksum, found != checksum {
        return [finding(.corrupt, file, "checksum is \(found), the list says \(checksum)")]
      }
      let reader = try ImageFormats.open(path)
      guard reader.info.extent == region.extent else {
        return [finding(.wrongShape, file, "is \(reader.info.extent), should be \(region.extent)")]
      }
      let affine = Affine(rows: scan.affine).moved(to: region.origin)
      let distance = reader.info.metadata.affine.largestDistance(to: affine, over: region.extent)
      if reader.info.metadata.place == .world, distance > affine.tolerance {
        return [
          finding(.misplaced, file, "lies \(distance.rounded(toDecimals: 3)) mm from where the list says")
        ]
      }
      return try voxels(reader).map { [finding(.different, file, $0)] } ?? []
    } catch {
      return [finding(.unreadable, file, (error as? VoxtileError)?.message ?? "\(error)")]
    }
  }

  /// The image that a file of a patch was cut from.
  private func original(
    ofImage number: Int, of scan: SampleManifest.Scan, in originals: ScanOriginals
  ) throws -> (any VolumeReader)? {
    let layout = SampleLayout(rawValue: manifest.settings.layout) ?? .voxtile
    var first = 0
    for source in scan.images {
      // How many files come before one that is not there is not known.
      guard let reader = originals.reader(of: source) else { return nil }
      let written = try SamplePatchFiles.written(reader, layout: layout)
      if number < first + written.count { return written[number - first] }
      first += written.count
    }
    return nil
  }

  /// Compares labels with the list and the scan's own.
  private func checkLabels(_ reader: any VolumeReader, of scan: SampleManifest.Scan) throws -> String? {
    if region.isInside(manifest.extent(of: scan)),
      let wrong = wrongCount(try reader.readReal(as: Double.self).voxels)
    {
      return wrong
    }
    guard let original = originals?.reader(of: scan.labels) else { return nil }
    return try different(
      reader,
      from: MappedLabelReader.reader(
        original, map: manifest.labelMap, padding: manifest.settings.labelPadding),
      padding: .constant(Double(manifest.settings.labelPadding)))
  }

  private func different(
    _ reader: any VolumeReader, from original: any VolumeReader, padding: Padding
  ) throws -> String? {
    guard original.info.extent == manifest.scans.first(where: { $0.name == patch.scan }).map(manifest.extent)
    else {
      return "the scan has another size than the list says"
    }
    func compare(_ expected: some AnyVolume) throws -> String? {
      guard reader.info.scalarType == expected.scalarType, reader.info.channels == expected.channels else {
        return
          "holds \(reader.info.channels) x \(reader.info.scalarType.rawValue), the scan \(expected.channels) x "
          + expected.scalarType.rawValue
      }
      return try VoxelDifference(of: reader, from: expected.typed)?.message
    }
    return try compare(SamplePatchFiles.cut(original, region, padding: padding))
  }

  private func finding(
    _ kind: PatchStore.Finding.Kind, _ file: String, _ message: String
  ) -> PatchStore.Finding {
    PatchStore.Finding(kind: kind, patch: place, file: file, message: message)
  }
}
