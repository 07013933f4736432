import Voxtile
import VoxtileFormats

/// What the headers of all patch files say together, found before a voxel is read.
struct PatchFileHeaders: Sendable {
  let paths: [String]
  let scalarType: ScalarType
  let channels: Int
  let scaling: VolumeInfo.Scaling?
  let hasOneScaling: Bool
  let isScaled: Bool
  let isLabelMap: Bool
  /// Whether a box of every patch costs only its own bytes.
  let isRandomAccess: Bool
  /// The patches whose files say that they lie where another patch does.
  let misplaced: [Int]
  private let openFiles: OpenPatchFiles

  init(of store: PatchStore) throws {
    let files = try store.fileNames()
    let grid = store.manifest.grid
    var paths: [String] = []
    var first: VolumeInfo?
    var hasOneScaling = true
    var isScaled = false
    var isLabelMap = true
    var isRandomAccess = true
    var misplaced: [Int] = []
    var openFiles = OpenPatchFiles()
    let places = MisplacedPatches(store.manifest)
    for patch in grid {
      let path = try store.locate(patch, among: files)
      let reader = try ImageFormats.open(path)
      let info = reader.info
      isRandomAccess = isRandomAccess && reader.isRandomAccess
      try Self.check(info, of: patch, against: first ?? info, file: path)
      hasOneScaling = hasOneScaling && info.scaling == (first ?? info).scaling
      isScaled = isScaled || info.scaling != nil
      isLabelMap = isLabelMap && info.isLabelMap
      first = first ?? info
      paths.append(path)
      openFiles.keep(reader, of: patch)
      if ImageFormats.registry.format(forName: path)?.keepsPlace ?? true,
        places.patch(inPlaceOf: patch, file: info.metadata) != nil
      {
        misplaced.append(patch.index)
      }
    }
    guard let first else { preconditionFailure("a grid has at least one patch") }
    self.paths = paths
    scalarType = first.scalarType
    channels = first.channels
    scaling = first.scaling
    self.hasOneScaling = hasOneScaling
    self.isScaled = isScaled
    self.isLabelMap = isLabelMap
    self.isRandomAccess = isRandomAccess
    self.misplaced = misplaced
    self.openFiles = openFiles
  }

  /// Reads one patch as stored.
  func read(_ patch: Patch) throws -> any AnyVolume {
    try scaled(patch, to: nil)
  }

  /// Reads one patch, with its own scaling applied where a type for real values is given.
  func scaled(_ patch: Patch, to realType: ScalarType?) throws -> any AnyVolume {
    let path = paths[patch.index]
    do {
      let reader = try openFiles.reader(of: patch) ?? ImageFormats.open(path)
      guard let realType else { return try reader.readAny() }
      func convert<Target: VoxelScalar>(_ type: Target.Type) throws -> any AnyVolume {
        try reader.readReal(as: type, jobs: .one)
      }
      return try convert(realType.type)
    } catch let error as VoxtileError {
      throw error.inFile(path)
    }
  }

  /// Reads a box of one patch, counted from its first voxel.
  func part<Value: VoxelScalar>(
    _ region: Region, of patch: Patch, realType: ScalarType?
  ) throws -> Volume<Value> {
    let path = paths[patch.index]
    do {
      let reader = try openFiles.reader(of: patch) ?? ImageFormats.open(path)
      if realType == nil { return try reader.read(region) }
      return try reader.readReal(region, jobs: .one)
    } catch let error as VoxtileError {
      throw error.inFile(path)
    }
  }

  private static func check(
    _ info: VolumeInfo, of patch: Patch, against first: VolumeInfo, file: String
  ) throws {
    guard info.extent == patch.region.extent else {
      throw VoxtileError(
        .shapeMismatch,
        "is \(info.extent) voxels, but patch \(patch.index) is \(patch.region.extent); the tool that wrote "
          + "it must keep the size",
        context: .init(file: file, expected: "\(patch.region.extent)", found: "\(info.extent)"))
    }
    guard info.channels == first.channels else {
      throw VoxtileError(
        .shapeMismatch,
        "has \(info.channels) channels, but the first patch has \(first.channels); all must have as many",
        context: .init(file: file, expected: "\(first.channels)", found: "\(info.channels)"))
    }
    guard info.scalarType == first.scalarType else {
      throw VoxtileError(
        .typeMismatch,
        "holds \(info.scalarType.rawValue), but the first patch holds \(first.scalarType.rawValue); all must "
          + "hold the same",
        context: .init(
          file: file, expected: first.scalarType.rawValue, found: info.scalarType.rawValue))
    }
  }
}
