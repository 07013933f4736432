import Voxtile

extension Manifest {
  /// The versions that are read. The first one is written wherever nothing of the second is needed.
  static let versions = 1...2

  /// The keys of version 2 that a reader must understand. A reader that skips one misreads the patches.
  ///
  /// A manifest names those that it has in `requires`. All other keys that version 1 does not have may be skipped.
  enum RequiredKey: String, CaseIterable {
    /// Values are indices into a palette.
    case palette = "source.palette"
    /// The axes of a patch file do not run as those of the image.
    case axes = "patches.axes"
    /// The values of patch files are not the image's.
    case values
  }

  /// The keys that a reader of this manifest has to understand.
  var required: [RequiredKey] {
    RequiredKey.allCases.filter { key in
      switch key {
      case .palette: source.palette != nil
      case .axes: entries.contains { $0.axes != .asInImage }
      case .values: values != nil
      }
    }
  }

  /// Makes sure that a manifest can name all patches.
  ///
  /// - Throws: `VoxtileError.Code.invalidGrid` where there are too many.
  static func checkCount(of grid: PatchGrid) throws(VoxtileError) {
    guard grid.count <= maxPatches else {
      throw VoxtileError(
        .invalidGrid,
        "has \(grid.count) patches; a patch folder has at most \(maxPatches): use a larger patch or a smaller overlap",
        context: .init(expected: "at most \(maxPatches)", found: "\(grid.count)"))
    }
  }
}
