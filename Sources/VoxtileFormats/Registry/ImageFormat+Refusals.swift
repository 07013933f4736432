import Voxtile

/// Reasons why many formats cannot hold an image, in one wording.
extension ImageFormat {
  /// The error of an image without voxels; `nil` for any other.
  static func refusalOfNoVoxels(_ info: VolumeInfo) -> VoxtileError? {
    guard info.extent.sizes.all.contains(where: { $0 < 1 }) else { return nil }
    return VoxtileError(
      .unsupportedFormat, "cannot hold an image of \(info.extent) voxels; write at least one voxel",
      context: .init(expected: "at least 1x1x1", found: "\(info.extent)"))
  }

  /// The error of an image whose values become real ones by a scaling; `nil` for any other.
  static func refusalOfScaling(_ info: VolumeInfo) -> VoxtileError? {
    guard let scaling = info.scaling else { return nil }
    return VoxtileError(
      .unsupportedFormat,
      "\(title) cannot hold the scaling \(scaling.slope) x stored + \(scaling.intercept) that makes these values real ones",
      remedy: .writeRealValues,
      context: .init(expected: "no scaling", found: "\(scaling.slope), \(scaling.intercept)"))
  }
}
