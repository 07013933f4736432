import Voxtile
import VoxtileFormats
import VoxtileStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The pictures of the page of training patches: scans from all sides, and a slice of some patches.
struct SamplePictures: Sendable {
  /// The most scans that are seen from all sides, and the most patches that have a picture.
  static let mostScans = 100
  static let mostPatches = 240
  /// The longer side of a patch's picture, in pixels.
  static let side = 96
  /// What drawing one scan takes at most, in bytes.
  private static let scanBytes = 64 << 20

  /// For a place of a scan its pictures, in the order of its views.
  private(set) var scans: [Int: [String]] = [:]
  /// For a place of a patch in the list its picture.
  private(set) var patches: [Int: String] = [:]
  /// The names of scans whose image was not found, or was changed since.
  private(set) var lostScans: [String] = []

  private struct Drawn: Sendable {
    var views: [String]?
    var patches: [Int: String] = [:]
    var isLost = false
  }

  /// Draws all pictures; scans with components in no patch come first.
  ///
  /// - Throws: what reading and the progress throw.
  init(of files: SampleSetFiles, limits: JobLimits, progress: JobProgress) throws {
    let manifest = files.manifest
    let places = Dictionary(manifest.placesByScan.map { ($0.scan, $0.places) }) { first, _ in first }
    let shown = manifest.scans.indices.sorted {
      (manifest.scans[$0].hasUncovered ? 0 : 1, $0) < (manifest.scans[$1].hasUncovered ? 0 : 1, $1)
    }.prefix(Self.mostScans)
    let chosen = Set(
      Self.spread(Self.mostPatches, over: min(manifest.patches.count, SampleData.mostPatches)))
    let jobs = Set(shown).union(
      manifest.scans.indices.filter { place in
        (places[manifest.scans[place].name] ?? []).contains(where: chosen.contains)
      }
    ).sorted()
    let wholes = Set(shown)
    let drawn = try Self.jobs(limits).mapThrowing(jobs.count) { number in
      try progress(number, of: jobs.count)
      let scan = manifest.scans[jobs[number]]
      return try Self.draw(
        scan, at: (places[scan.name] ?? []).filter(chosen.contains), of: files,
        isSeenWhole: wholes.contains(jobs[number]))
    }
    for (place, drawn) in zip(jobs, drawn) {
      scans[place] = drawn.views
      patches.merge(drawn.patches) { first, _ in first }
      if drawn.isLost { lostScans.append(manifest.scans[place].name) }
    }
  }

  /// The least memory in which pictures are drawn, in bytes.
  static let leastMemory = ReportRequest.programBytes + scanBytes

  /// As many threads as there is memory for, one at least.
  private static func jobs(_ limits: JobLimits) -> Jobs {
    let limits = limits.onThisMachine
    let free = (limits.memory ?? .max) - ReportRequest.programBytes
    return Jobs(max(1, min(limits.jobs.count, free / scanBytes)))
  }

  /// Numbers that are spread evenly over 0..<count.
  static func spread(_ most: Int, over count: Int) -> [Int] {
    count <= most ? Array(0..<count) : (0..<most).map { $0 * count / most }
  }

  private static func draw(
    _ scan: SampleManifest.Scan, at places: [Int], of files: SampleSetFiles, isSeenWhole: Bool
  ) throws -> Drawn {
    let folder = try ScratchFolder(for: "pictures")
    var drawn = Drawn()
    func text(_ picture: SmallPicture) throws -> String {
      let path = "\(folder.path)/picture.png"
      try picture.write(to: path)
      let file = try InputFile(path)
      return Data(try file.bytes(at: 0, count: file.byteCount)).base64EncodedString()
    }
    if isSeenWhole {
      if let image = try files.image(of: scan) {
        let shadows = try ScanShadows(of: image, ThumbnailView.all(of: scan.info)) {
          try Task.checkCancellation()
        }
        drawn.views = try shadows.pictures.map(text)
      } else {
        drawn.isLost = true
      }
    }
    try files.forEachPair(of: scan, at: places) { place, image, labels in
      // What cannot be read is said by the check of the files, and has no picture.
      drawn.patches[place] = try? text(Self.picture(of: image, labels, files.manifest, at: place, in: scan))
    }
    return drawn
  }
}

extension SamplePictures {
  private static func picture(
    of image: any VolumeReader, _ labels: any VolumeReader, _ manifest: SampleManifest, at place: Int,
    in scan: SampleManifest.Scan
  ) throws -> SmallPicture {
    let view = ThumbnailView(of: image.info)
    let slice = manifest.middle(of: manifest.patches[place], in: scan)[view.axis]
    return try SmallPicture(
      of: image, labels: labels, view, at: min(max(slice, 0), image.info.extent[view.axis] - 1),
      size: view.size(of: image.info, side: side), areOutlines: true)
  }
}

extension SampleManifest {
  /// The voxel of a patch that shows why it was chosen: what was drawn, the middle of what it covers, or its own middle.
  fileprivate func middle(of patch: Patch, in scan: Scan) -> Position {
    let region = region(of: patch)
    if let voxel = patch.reason.voxel, voxel.count == 3 { return Position(listed: voxel) - region.origin }
    if let id = patch.reason.component, scan.components.indices.contains(id - 1) {
      let part = scan.components[id - 1].region.intersection(region)
      if part.voxelCount > 0 {
        return Position(listed: Axis.allCases.map { (part[$0].lowerBound + part[$0].upperBound) / 2 })
          - region.origin
      }
    }
    return Position(listed: region.extent.sizes.all.map { $0 / 2 })
  }
}

extension SampleManifest.Scan {
  /// Whether a component of it is not covered.
  fileprivate var hasUncovered: Bool { components.contains { $0.coverage == .uncovered } }
}
