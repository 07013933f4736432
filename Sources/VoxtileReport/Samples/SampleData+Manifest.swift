import Voxtile
import VoxtileFormats
import VoxtileStore

extension SampleData {
  /// Counts what is in a list, without pictures.
  ///
  /// - Parameter names: the names of labels, where they are known.
  /// - Complexity: O(patches · labels + components · log components).
  init(
    _ manifest: SampleManifest, title: String, origin: ReportData.Origin, names: [Int: String] = [:]
  ) {
    (self.title, self.origin) = (title, origin)
    let settings = manifest.settings
    (patch, seed, plan, layout) = (settings.patch, settings.seed, settings.summary, settings.layout)
    cover = settings.cover
    hasFiles = manifest.patches.contains { $0.labels != nil }
    patchCount = manifest.patches.count
    reasons = Dictionary(manifest.patches.map { ($0.reason.kind, 1) }, uniquingKeysWith: +)
    relaxed = Dictionary(
      manifest.patches.flatMap { ($0.relaxed ?? []).map { ($0, 1) } }, uniquingKeysWith: +)
    labels = Self.labels(of: manifest, names: names)

    let places = Dictionary(manifest.scans.enumerated().map { ($1.name, $0) }) { first, _ in first }
    let counts = Dictionary(manifest.placesByScan.map { ($0.scan, $0.places.count) }) { first, _ in first }
    let least = settings.cover?.minLesion ?? 0
    scanCount = manifest.scans.count
    trainingCount = manifest.scans.count(where: \.isForTraining)
    scans = manifest.scans.prefix(Self.mostScans).map {
      Scan($0, patches: counts[$0.name] ?? 0, least: least)
    }
    let all = manifest.scans.enumerated().flatMap { place, scan in
      scan.components.map { Component($0, scan: place, isTooSmall: $0.voxels < least) }
    }
    componentCount = all.count
    let uncovered = all.filter { $0.coverage == .uncovered }
    tooSmallCount = settings.cover == nil ? 0 : uncovered.count(where: \.isTooSmall)
    uncoveredCount = uncovered.count - tooSmallCount
    times = Dictionary(grouping: all, by: \.patches).map { times, components in
      Times(times: times, components: components.count, tiled: components.count { $0.coverage == .tiled })
    }.sorted { $0.times < $1.times }
    components = Array(
      all.filter { $0.scan < Self.mostScans }.sorted { $0.rank < $1.rank }.prefix(Self.mostComponents))
    patches = manifest.patches.enumerated().compactMap { place, patch in
      places[patch.scan].flatMap { $0 < Self.mostScans ? Patch(patch, at: place, scan: $0) : nil }
    }
    sayLeftOut(manifest)
  }

  private mutating func sayLeftOut(_ manifest: SampleManifest) {
    func say(_ shown: Int, of all: Int, _ things: String) {
      if shown < all { remarks.append("The page shows \(shown) of \(all) \(things).") }
    }
    say(scans.count, of: manifest.scans.count, "scans")
    say(components.count, of: componentCount, "components, those seen least")
    if patches.count > Self.mostPatches { patches.removeSubrange(Self.mostPatches...) }
    say(patches.count, of: patchCount, "patches, the first ones")
  }

  /// All labels, ascending.
  private static func labels(of manifest: SampleManifest, names: [Int: String]) -> [Label] {
    var counts: [String: (scans: Int, patches: Int, holders: Int)] = [:]
    for scan in manifest.scans {
      for (label, voxels) in scan.voxels { counts[label, default: (0, 0, 0)].scans += voxels }
    }
    for patch in manifest.patches {
      for (label, voxels) in patch.voxels where voxels > 0 {
        counts[label, default: (0, 0, 0)].patches += voxels
        counts[label]?.holders += 1
      }
    }
    return counts.compactMap { text, count in
      Int(text).map {
        Label(
          value: $0, name: names[$0], color: VolumeInfo.Color(ofLabel: $0).css, scanVoxels: count.scans,
          patchVoxels: count.patches, patches: count.holders)
      }
    }.sorted { $0.value < $1.value }
  }
}

extension SampleData.Scan {
  /// - Parameter least: smaller components need not be covered.
  fileprivate init(_ scan: SampleManifest.Scan, patches: Int, least: Int) {
    func count(_ coverage: SampleManifest.Coverage) -> Int {
      scan.components.count { $0.coverage == coverage }
    }
    self.init(
      name: scan.name, isForTraining: scan.isForTraining, extent: scan.extent,
      spacing: scan.info.metadata.spacing.all.map { $0.isFinite ? $0.magnitude : 1 }, patches: patches,
      whole: count(.whole), tiled: count(.tiled),
      uncovered: scan.components.count { $0.coverage == .uncovered && $0.voxels >= least },
      views: ThumbnailView.all(of: scan.info).map { SampleData.View($0, of: scan.info) })
  }
}

extension SampleManifest.Scan {
  /// The size of the scan and where it lies.
  var info: VolumeInfo {
    VolumeInfo(
      extent: Extent(listed: extent), scalarType: .uint8,
      metadata: VolumeMetadata(affine: Affine(rows: affine)))
  }
}

extension SampleData.View {
  fileprivate init(_ view: ThumbnailView, of info: VolumeInfo) {
    self.init(
      plane: view.plane(of: info), axis: view.axis.index, across: view.across.index,
      down: view.down.index, isAcrossReversed: view.isAcrossReversed,
      isDownReversed: view.isDownReversed)
  }
}

extension SampleData.Component {
  fileprivate init(_ component: SampleManifest.Component, scan: Int, isTooSmall: Bool) {
    self.init(
      scan: scan, id: component.id, label: component.label, voxels: component.voxels,
      start: component.start, extent: component.extent, patches: component.patches,
      coverage: component.coverage, isTooSmall: isTooSmall)
  }

  /// The order of the page: what is not covered first, then what is in no patch whole, then by how often it is seen and by size.
  fileprivate var rank: (Int, Int, Int) {
    (coverage == .uncovered ? 0 : coverage == .tiled ? 1 : 2, patches, voxels)
  }
}

extension SampleData.Patch {
  fileprivate init(_ patch: SampleManifest.Patch, at place: Int, scan: Int) {
    self.init(
      place: place, scan: scan, number: patch.number, start: patch.start, kind: patch.reason.kind,
      component: patch.reason.component, label: patch.reason.label,
      foreground: patch.voxels.reduce(0) { $0 + ($1.key == "0" ? 0 : $1.value) }, relaxed: patch.relaxed)
  }
}
