/// How the intensities of a scan become what a network was trained on.
///
/// Every channel is normalized by itself, over the whole scan or the box that is predicted, and never over a patch: patches would
/// get intensities that do not fit together at their borders.
///
/// | case | a voxel `v` becomes | known from |
/// |---|---|---|
/// | ``none`` | `v` | |
/// | ``zScore(of:)`` | `(v - mean) / deviation` | nnU-Net, MONAI's `NormalizeIntensity` |
/// | ``minMax`` | `(v - least) / (largest - least)` | MONAI's `ScaleIntensity` |
/// | ``percentiles(low:high:of:)`` | `(v - a) / (b - a)`, clipped to 0 ... 1, for the percentiles `a` and `b` | MONAI's `ScaleIntensityRangePercentiles` |
/// | ``window(low:high:)`` | `(v - low) / (high - low)`, clipped to 0 ... 1 | CT, MONAI's `ScaleIntensityRange` |
/// | ``maximum`` | `v / largest` | the tutorial |
/// | ``ct(low:high:mean:deviation:)`` | `(clip(v, low, high) - mean) / deviation` | nnU-Net's `CTNormalization` |
/// | ``peak(percentile:limit:)`` | `v / a`, clipped to 0 ... `limit`, for a percentile `a` of the voxels above 0 | brain MR |
///
/// Voxels that are not finite do not count in any statistic. Afterwards NaN is still NaN, and an infinite voxel is
/// clipped where the normalization clips, and infinite where it does not.
@nonexhaustive
public enum Normalization: Hashable, Sendable {
  /// Intensities stay as they are.
  case none
  /// Mean 0 and standard deviation 1 (that of the population, as numpy's).
  ///
  /// Where the deviation is 0, the mean is subtracted and nothing else happens.
  case zScore(of: Voxels)
  /// The least value becomes 0 and the largest 1; a constant channel becomes 0.
  case minMax
  /// Two percentiles become 0 and 1, and what lies outside is clipped.
  ///
  /// A percentile between two voxels is interpolated, as numpy does by default. `low` and `high` are percentages
  /// from 0 to 100, and `low` is less than `high`. A constant channel becomes 0.
  case percentiles(low: Double, high: Double, of: Voxels)
  /// Two intensities become 0 and 1, and what lies outside is clipped; for CT, in Hounsfield units.
  ///
  /// `low` is less than `high`, and both and their difference are finite numbers of `Float`.
  case window(low: Double, high: Double)
  /// Intensities are clipped to `low` ... `high`, and a mean and a deviation of the training set become 0 and 1; for CT, in
  /// Hounsfield units.
  ///
  /// `low` is less than `high`, `deviation` is above 0, and all are finite numbers of `Float`.
  case ct(low: Double, high: Double, mean: Double, deviation: Double)
  /// The largest value becomes 1, and 0 stays 0.
  case maximum
  /// A percentile of the voxels above 0 becomes 1, and what lies outside of 0 ... `limit` is clipped.
  ///
  /// `percentile` is a percentage from 0 to 100; `limit` is above 0.
  case peak(percentile: Double, limit: Double)

  /// The voxels whose intensities are looked at.
  @nonexhaustive
  public enum Voxels: Hashable, Sendable {
    /// All of them.
    case all
    /// Those that are not 0; the others are background, and stay 0.
    ///
    /// As `use_mask_for_norm` of nnU-Net and `nonzero=True` of MONAI. A channel of nothing but background stays as
    /// it is.
    case nonZero
    /// Those of the box that is predicted, zeros included: with ``Foreground/nonZero`` what nnU-Net sees after it has cut away the
    /// empty margin.
    case box
  }

  /// Whether the intensities of a box are looked at, instead of those of the whole scan.
  package var looksAtBox: Bool {
    switch self {
    case .zScore(.box), .percentiles(_, _, .box): true
    default: false
    }
  }

  /// Whether the numbers are in their ranges.
  var isValid: Bool {
    switch self {
    case .none, .zScore, .minMax, .maximum:
      return true
    case .percentiles(let low, let high, _):
      return low >= 0 && low < high && high <= 100
    case .window(let low, let high):
      let width = Float(high - low)
      return low < high && Float(low).isFinite && Float(high).isFinite && width.isFinite && width > 0
    case .ct(let low, let high, let mean, let deviation):
      return low < high && Float(deviation) > 0
        && [low, high, mean, deviation, low - mean, high - mean].allSatisfy { Float($0).isFinite }
    case .peak(let percentile, let limit):
      return percentile >= 0 && percentile <= 100 && Float(limit) > 0 && Float(limit).isFinite
    }
  }
}
