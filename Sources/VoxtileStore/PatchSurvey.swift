import Voxtile
import VoxtileFormats

/// What the headers of all patch files say together, found before a voxel is read.
struct PatchSurvey: Sendable {
  let paths: [String]
  let scalarType: ScalarType
  let channels: Int
  let scaling: VolumeInfo.Scaling?
  let hasOneScaling: Bool
  let isScaled: Bool
  let isLabelMap: Bool

  init(of store: PatchStore) throws {
    let files = try store.fileNames()
    let grid = store.manifest.grid
    var paths: [String] = []
    var first: VolumeInfo?
    var hasOneScaling = true
    var isScaled = false
    var isLabelMap = true
    for patch in grid {
      let path = try store.locate(patch, among: files)
      let info = try ImageFormats.open(path).info
      try Self.check(info, of: patch, against: first ?? info, file: path)
      hasOneScaling = hasOneScaling && info.scaling == (first ?? info).scaling
      isScaled = isScaled || info.scaling != nil
      isLabelMap = isLabelMap && info.isLabelMap
      first = first ?? info
      paths.append(path)
    }
    guard let first else { preconditionFailure("a grid has at least one patch") }
    self.paths = paths
    scalarType = first.scalarType
    channels = first.channels
    scaling = first.scaling
    self.hasOneScaling = hasOneScaling
    self.isScaled = isScaled
    self.isLabelMap = isLabelMap
  }

  /// Reads one patch as stored.
  func read(_ patch: Patch) throws -> any AnyVolume {
    try scaled(patch, to: nil)
  }

  /// Reads one patch, with its own scaling applied where a type for real values is given.
  func scaled(_ patch: Patch, to realType: ScalarType?) throws -> any AnyVolume {
    let path = paths[patch.index]
    do {
      let reader = try ImageFormats.open(path)
      let volume = try reader.readAny()
      guard let realType else { return volume }
      let scaling = reader.info.scaling ?? VolumeInfo.Scaling(slope: 1, intercept: 0)
      func convert<Target: VoxelScalar>(_ type: Target.Type) -> any AnyVolume {
        func open(_ volume: some AnyVolume) -> any AnyVolume {
          Volume<Target>(
            converting: volume.typed, slope: scaling.slope, intercept: scaling.intercept, jobs: .one)
        }
        return open(volume)
      }
      return convert(realType.type)
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
