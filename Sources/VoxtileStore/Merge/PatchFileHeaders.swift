import Voxtile
import VoxtileFormats

/// What all patch file headers say, read before any voxel.
struct PatchFileHeaders: Sendable {
  /// The path of each patch's file; `nil` for one that has none.
  private let paths: [String?]
  private let grid: PatchGrid
  private let source: VolumeMetadata
  /// The indices of the patches without a file.
  let absent: Set<Int>
  /// The scalar type of the first patch.
  let scalarType: ScalarType
  /// The scalar types of all patches.
  let scalarTypes: Set<ScalarType>
  let channels: Int
  let scaling: VolumeInfo.Scaling?
  let hasOneScaling: Bool
  let isScaled: Bool
  let isLabelMap: Bool
  /// The colors of the values, where these are indices into a palette.
  let palette: [VolumeInfo.Color]?
  /// Whether a box of every patch costs only its own bytes.
  let isRandomAccess: Bool
  /// What reading a patch that is a store of chunks holds itself, in bytes: chunks of which only a part is needed.
  let storeBytes: Int
  /// How the axes of patches lie whose files say that they were permuted or reversed, by the indices of the patches.
  let turns: [Int: FileAxes]
  private let openFiles: OpenPatchFiles
  /// The state of each patch's files when its header was read.
  private let versions: [PatchFileVersion?]

  /// Whether all patches have one scalar type.
  var hasOneType: Bool { scalarTypes.count == 1 }

  /// The patches that have a file.
  var presentPatches: [Patch] { grid.filter { !absent.contains($0.index) } }

  /// The path of the first patch that has a file.
  var firstPath: String? { paths.lazy.compactMap(\.self).first }

  /// The paths of all files.
  var allPaths: [String] { paths.compactMap(\.self) }

  /// The path of a patch's file, where it has one.
  func path(of patch: Patch) -> String? { paths[patch.index] }

  init(of store: PatchStore, options: PatchStore.MergeOptions) throws {
    let files = try PatchFileSearch(in: store, pattern: options.pattern)
    let paths = try store.manifest.grid.map { try files.path(of: $0) }
    let missing = store.manifest.grid.filter { paths[$0.index] == nil }
    guard missing.isEmpty || options.missing == .fill && missing.count < paths.count else {
      throw files.missing(missing)
    }
    var survey = HeaderSurvey(store.manifest, options: options)
    var versions = [PatchFileVersion?](repeating: nil, count: paths.count)
    for patch in store.manifest.grid {
      guard let path = paths[patch.index] else { continue }
      versions[patch.index] = PatchFileVersion(path)
      try survey.add(try ImageFormats.open(path), of: patch, file: path)
    }
    guard let first = survey.first else { throw files.missing(missing) }
    self.paths = paths
    grid = store.manifest.grid
    source = store.manifest.source.metadata
    absent = Set(missing.map(\.index))
    scalarType = first.scalarType
    scalarTypes = survey.scalarTypes
    channels = first.channels
    scaling = first.scaling
    hasOneScaling = survey.hasOneScaling
    isScaled = survey.isScaled
    isLabelMap = survey.isLabelMap
    palette = first.palette
    isRandomAccess = survey.isRandomAccess
    turns = survey.turns
    storeBytes = survey.storeBytes
    openFiles = survey.openFiles
    self.versions = versions
  }

  /// Calls a body with the reader of a patch, in which its axes lie as they were cut, and makes sure that the file is still the
  /// one whose header was read first.
  private func withReader<Result>(
    of patch: Patch, _ body: (any VolumeReader) throws -> Result
  ) throws -> Result {
    guard let path = paths[patch.index] else { preconditionFailure("patch \(patch.index) has no file") }
    defer { openFiles.release(patch) }
    do {
      let open = openFiles.reader(of: patch)
      let file = try open ?? ImageFormats.open(path)
      let result =
        if let axes = turns[patch.index] {
          try body(TurnedReader(file, axes: axes, metadata: source.moved(to: patch.region.origin)))
        } else {
          try body(file)
        }
      if let open { try open.checkFileUnchanged() } else { try versions[patch.index]?.check(path) }
      return result
    } catch let error as VoxtileError {
      throw error.inFile(path)
    }
  }

  /// Reads one patch, with its own scaling applied where a type for real values is given.
  ///
  /// - Parameter values: looks at the values, and rounds labels in place; `nil` to take them as they are.
  func scaled(
    _ patch: Patch, to realType: ScalarType?, checkedBy values: PatchValues? = nil
  ) throws -> any AnyVolume {
    try withReader(of: patch) { reader in
      func read<Target: VoxelScalar>(_ type: Target.Type) throws -> any AnyVolume {
        var volume: Volume<Target> =
          try realType == nil ? reader.read() : reader.readReal(as: type, jobs: .one)
        try values?.check(&volume, of: patch)
        return volume
      }
      let type: any VoxelScalar.Type = (realType ?? reader.info.scalarType).type
      return try read(type)
    }
  }

  /// Reads a box of one patch, counted from its first voxel.
  func part<Value: VoxelScalar>(
    _ region: Region, of patch: Patch, realType: ScalarType?
  ) throws -> Volume<Value> {
    try withReader(of: patch) { reader in
      if realType == nil { return try reader.read(region) }
      return try reader.readReal(region, jobs: .one)
    }
  }
}

/// The state of the files that a patch consists of, between the reading of its header and of its voxels.
private struct PatchFileVersion {
  private let files: [FileVersion?]

  init(_ path: String) { files = Self.paths(of: path).map(FileVersion.init) }

  private static func paths(of path: String) -> [String] { ImageFormats.registry.files(of: path) }

  /// Makes sure that the files are what they were.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where one was written to or replaced.
  func check(_ path: String) throws(VoxtileError) {
    for (file, old) in zip(Self.paths(of: path), files) {
      let now = FileVersion(file)
      if let old, now != old { throw .changedWhileRead(file, from: old, to: now) }
    }
  }
}
