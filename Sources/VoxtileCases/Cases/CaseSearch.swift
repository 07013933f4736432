import Voxtile
import VoxtileFormats

/// Finds the scans in a folder, or those that a pattern matches.
public struct CaseSearch: Sendable {
  /// Whether folders inside the folder are searched, too.
  public var isRecursive = false
  /// Which files are the channels of one scan.
  public var naming = ChannelNaming.automatic(channels: nil)
  /// The formats that count as images.
  public var registry = ImageFormats.registry

  /// Creates a search of one folder, without those inside it.
  public init() {}

  /// The scans in a folder, sorted by name.
  ///
  /// Files are known by the endings of their names; a folder that is an image itself, such as an OME-Zarr or a DICOM series, is one
  /// scan. Names that begin with a dot are not looked at; links are followed, but not in circles.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where a folder cannot be listed, `VoxtileError.Code.invalidOption` where there is no
  ///   image, a channel is missing, or two scans have one name.
  /// - Complexity: O(*files*), and a read of each folder's first files.
  public func cases(inFolder folder: String) throws -> CaseList {
    var found = Findings()
    try search(folder, under: "", FolderTrail().entering(folder) ?? FolderTrail(), &found)
    guard !found.images.isEmpty else { throw noImages(in: folder, found) }
    let (cases, guess) = try naming.cases(of: found.images)
    return try CaseList(
      cases, passedOver: withoutVoxels(found), unsearched: found.folders, guess: guess)
  }

  /// The scans of some files, each named after its file.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where a channel is missing, or two scans have one name.
  /// - Complexity: O(*files*); none is read.
  public func cases(of files: [String]) throws(VoxtileError) -> CaseList {
    let (cases, guess) = try naming.cases(
      of: files.map { NamedImage(name: registry.stem(of: $0.fileName), path: $0) })
    return try CaseList(cases, guess: guess)
  }

  /// The scans whose paths match a pattern, sorted by name; see ``CasePattern``.
  ///
  /// - Throws: as ``cases(inFolder:)``.
  public func cases(matching pattern: CasePattern) throws -> CaseList {
    let paths = try pattern.matches().filter { registry.ending(of: $0) != nil || registry.recognizes($0) }
    guard !paths.isEmpty else {
      throw VoxtileError(
        .invalidOption, "matches no image; look at the folder and the pattern, and put it in quotes",
        context: .init(file: pattern.text))
    }
    let images = paths.filter { !isVoxelsOfAnother($0) }
      .map { NamedImage(name: registry.stem(of: pattern.name(of: $0)), path: $0) }
    let (cases, guess) = try naming.cases(of: images)
    return try CaseList(cases, guess: guess)
  }

  /// What a search has met.
  private struct Findings {
    var images: [NamedImage] = []
    /// Files that are no images.
    var others: [String] = []
    /// Folders that were not searched.
    var folders: [String] = []
  }

  private func search(
    _ folder: String, under prefix: String, _ trail: FolderTrail, _ found: inout Findings
  ) throws {
    for entry in try Folder.visibleNames(in: folder) {
      let path = folder.hasSuffix("/") ? folder + entry : "\(folder)/\(entry)"
      let image = NamedImage(name: prefix + registry.stem(of: entry), path: path)
      switch FormatProbe(path).kind {
      case .file:
        if isVoxelsOfAnother(path) { continue }
        if registry.ending(of: entry) == nil { found.others.append(path) } else { found.images.append(image) }
      case .folder:
        if registry.recognizes(path) {
          found.images.append(image)
        } else if isRecursive {
          guard let trail = trail.entering(path) else { continue }
          try search(path, under: "\(prefix)\(entry)/", trail, &found)
        } else {
          found.folders.append(path)
        }
      // A link that leads nowhere, or a file that may not be read: the job says so when it comes to it.
      case .missing:
        if registry.ending(of: entry) != nil { found.images.append(image) } else { found.others.append(path) }
      }
    }
  }

  /// The files that are no images, without those that hold the voxels of an image, such as the `.raw` of an `.mhd`.
  private func withoutVoxels(_ found: Findings) -> [String] {
    guard !found.others.isEmpty else { return [] }
    let parts = Set(found.images.flatMap { registry.files(of: $0.path) })
    return found.others.filter { !parts.contains($0) }
  }

  /// Whether a file holds the voxels of an image whose header lies beside it, which is found by that.
  private func isVoxelsOfAnother(_ path: String) -> Bool {
    registry.isCompanion(path)
      && registry.files(of: path).contains {
        $0 != path && FileIdentity($0) != nil && !registry.isCompanion($0)
      }
  }

  private func noImages(in folder: String, _ found: Findings) -> VoxtileError {
    let folders =
      found.folders.isEmpty
      ? ""
      : "; it has \(found.folders.count) folder\(found.folders.count == 1 ? "" : "s"), which are not searched"
    return VoxtileError(
      .invalidOption,
      "holds no image (a file that ends in .\(registry.endings.prefix(4).joined(separator: ", ."))...)\(folders)",
      remedy: found.folders.isEmpty ? nil : .searchFolders,
      context: .init(file: folder, expected: "images", found: "\(found.others.count) other files"))
  }
}
