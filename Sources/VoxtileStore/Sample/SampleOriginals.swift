import Voxtile
import VoxtileFormats

/// Where the files are that the patches of a list were taken of, as far as they are there and were not changed since.
struct SampleOriginals: Sendable {
  private enum Place {
    /// The paths of files that were found, by their checksums.
    case found([String: String])
    /// Where the list says, below this folder.
    case listed(below: String)
  }

  private let place: Place

  /// Finds files by their checksums, in a folder or as a single file.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where there is none.
  init(of manifest: SampleManifest, foundIn path: String) throws {
    let sources = manifest.scans.flatMap(\.sources)
    let wanted = Set(sources.map(\.checksum))
    var found: [String: String] = [:]
    for path in try Self.candidates(in: path, named: Set(sources.map(\.path.fileName))) {
      // One that cannot be read is none of them.
      guard let checksum = try? Checksum(ofImage: path).description else { continue }
      if wanted.contains(checksum), found[checksum] == nil { found[checksum] = path }
    }
    guard !found.isEmpty else {
      throw VoxtileError(
        .invalidOption,
        "holds none of the files that the patches were taken of, or they were changed since; name those",
        context: .init(file: path))
    }
    place = .found(found)
  }

  /// The files in a folder, and the folders that are called as an image of the list is; or a single image.
  private static func candidates(in path: String, named names: Set<String>) throws -> [String] {
    guard FormatProbe(path).kind == .folder else { return [path] }
    let whole = names.contains(path.fileName) ? [path] : []
    let inside = try SampleVerification.paths(in: path).filter { name in
      FormatProbe("\(path)/\(name)").kind == .file || names.contains(name.fileName)
    }
    return whole + inside.map { "\(path)/\($0)" }
  }

  /// Takes those that lie where the list says.
  ///
  /// - Parameter folder: the folder of the list, to which its paths are relative.
  init(listedIn folder: String) {
    place = .listed(below: folder)
  }

  /// How many scans have all their files there, and how many have only some of them.
  func scanCounts(of manifest: SampleManifest) -> (whole: Int, partial: Int) {
    manifest.scans.reduce((0, 0)) { counts, scan in
      let found = scan.sources.count { path(of: $0) != nil }
      if found == 0 { return counts }
      return found == scan.sources.count ? (counts.0 + 1, counts.1) : (counts.0, counts.1 + 1)
    }
  }

  /// The path of a file; `nil` where it is not there, or has other bytes than the list says.
  func path(of source: SampleManifest.Source) -> String? {
    switch place {
    case .found(let paths): return paths[source.checksum]
    case .listed(let folder):
      let path = source.path(from: folder)
      let checksum = try? Checksum(ofImage: path)
      return checksum?.description == source.checksum ? path : nil
    }
  }

  /// Where all files of a scan are; `nil` where one is not there.
  func scan(_ scan: SampleManifest.Scan) -> SampledScan? {
    let paths = scan.images.compactMap(path)
    let weights = scan.weights.flatMap(path)
    guard !paths.isEmpty, paths.count == scan.images.count, let labels = path(of: scan.labels),
      (weights == nil) == (scan.weights == nil)
    else { return nil }
    return SampledScan(scan.name, images: paths, labels: labels, weights: weights)
  }

  /// Opens the images and labels of a scan; compressed ones are inflated into scratch files, of which any box costs only its own bytes.
  func open(_ scan: SampleManifest.Scan) throws -> ScanOriginals {
    var readers: [String: any VolumeReader] = [:]
    for source in scan.images + [scan.labels] where readers[source.checksum] == nil {
      guard let path = path(of: source) else { continue }
      let reader = try ImageFormats.open(path)
      readers[source.checksum] = reader.isRandomAccess ? reader : try ScratchVolume(copying: reader)
    }
    return ScanOriginals(readers: readers)
  }
}

extension SampleManifest.Source {
  /// Its path, from the folder of the set.
  func path(from folder: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }
}

/// The files of one scan, open, as far as they are there.
struct ScanOriginals: Sendable {
  fileprivate let readers: [String: any VolumeReader]

  /// What a file of the list can be read from; `nil` where it is not there.
  func reader(of source: SampleManifest.Source) -> (any VolumeReader)? { readers[source.checksum] }
}
