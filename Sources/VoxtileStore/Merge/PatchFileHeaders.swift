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
  /// How the axes of patches lie whose files say that they were permuted or reversed, by the indices of the patches.
  let turns: [Int: FileAxes]
  private let openFiles: OpenPatchFiles

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
    for patch in store.manifest.grid {
      if let path = paths[patch.index] { try survey.add(try ImageFormats.open(path), of: patch, file: path) }
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
    openFiles = survey.openFiles
  }

  /// The reader of a patch, in which its axes lie as they were cut.
  private func reader(of patch: Patch) throws -> any VolumeReader {
    guard let path = paths[patch.index] else { preconditionFailure("patch \(patch.index) has no file") }
    let file = try openFiles.reader(of: patch) ?? ImageFormats.open(path)
    guard let axes = turns[patch.index] else { return file }
    return TurnedReader(file, axes: axes, metadata: source.moved(to: patch.region.origin))
  }

  /// Reads one patch, with its own scaling applied where a type for real values is given.
  ///
  /// - Parameter values: looks at the values, and rounds labels in place; `nil` to take them as they are.
  func scaled(
    _ patch: Patch, to realType: ScalarType?, checkedBy values: PatchValues? = nil
  ) throws -> any AnyVolume {
    defer { openFiles.release(patch) }
    do {
      let reader = try reader(of: patch)
      func read<Target: VoxelScalar>(_ type: Target.Type) throws -> any AnyVolume {
        var volume: Volume<Target> =
          try realType == nil ? reader.read() : reader.readReal(as: type, jobs: .one)
        try values?.check(&volume, of: patch)
        return volume
      }
      let type: any VoxelScalar.Type = (realType ?? reader.info.scalarType).type
      return try read(type)
    } catch let error as VoxtileError {
      throw paths[patch.index].map(error.inFile) ?? error
    }
  }

  /// Reads a box of one patch, counted from its first voxel.
  func part<Value: VoxelScalar>(
    _ region: Region, of patch: Patch, realType: ScalarType?
  ) throws -> Volume<Value> {
    defer { openFiles.release(patch) }
    do {
      let reader = try reader(of: patch)
      if realType == nil { return try reader.read(region) }
      return try reader.readReal(region, jobs: .one)
    } catch let error as VoxtileError {
      throw paths[patch.index].map(error.inFile) ?? error
    }
  }
}
