import VoxtileFormats

/// The folders on the way to one that is searched, so that a link to one of them does not lead in circles.
struct FolderTrail {
  private var folders: Set<FileIdentity> = []

  /// The way into a folder; `nil` where the way has been through it, or where it is gone.
  func entering(_ path: String) -> FolderTrail? {
    guard let folder = FileIdentity(path), !folders.contains(folder) else { return nil }
    var trail = self
    trail.folders.insert(folder)
    return trail
  }
}
