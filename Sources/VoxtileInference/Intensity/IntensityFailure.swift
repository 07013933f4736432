import Voxtile

/// Why a normalization means nothing for a channel.
struct IntensityFailure {
  let normalization: Normalization
  /// The number of the channel, from 0.
  let channel: Int
  /// The type that intensities are computed in.
  let type: ScalarType

  func nothingFinite() -> VoxtileError {
    VoxtileError(
      .invalidOption,
      "channel \(channel) has no finite voxel, and \(normalization) needs at least one; use none or a window, or "
        + "mend the scan",
      context: .init(expected: "a finite voxel", found: "none"))
  }

  func nothingAboveZero(found: String) -> VoxtileError {
    VoxtileError(
      .invalidOption,
      "channel \(channel) has no voxel above 0 (\(found)), and \(normalization) divides by one; use zscore or minmax, "
        + "or leave the channel out",
      context: .init(expected: "> 0", found: found))
  }

  func equalPercentiles(_ low: Double, _ high: Double, value: Double) -> VoxtileError {
    let voxels = normalization.description.hasSuffix(":nonzero") ? "voxels that are not 0" : "voxels"
    return VoxtileError(
      .invalidOption,
      "channel \(channel) has the value \(value) at both percentiles, \(low) and \(high), of its \(voxels), so that "
        + "\(normalization) has no range; use percentiles further apart, percentiles of nonzero voxels, or minmax",
      context: .init(expected: "> \(value)", found: "\(value)"))
  }

  func rangeNotUsable(_ low: Double, _ high: Double) -> VoxtileError {
    VoxtileError(
      .invalidOption,
      "channel \(channel) has values from \(low) to \(high), a range that \(type.rawValue) does not have and "
        + "\(normalization) divides by; use a window",
      context: .init(expected: "a range of \(type.rawValue)", found: "\(low)...\(high)"))
  }

  func momentsNotUsable() -> VoxtileError {
    VoxtileError(
      .invalidOption,
      "channel \(channel) has values whose squares are beyond \(type.rawValue), so \(normalization) has no deviation to "
        + "divide by; use minmax or a window",
      context: .init(expected: "a deviation of \(type.rawValue)"))
  }
}
