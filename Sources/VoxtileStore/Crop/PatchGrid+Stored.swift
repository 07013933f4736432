import Voxtile
import VoxtileFormats

extension PatchGrid {
  /// The same grid for stored values: a padding constant is a real value, as a person reads it.
  func forStoredValues(_ scaling: VolumeInfo.Scaling?) throws(VoxtileError) -> PatchGrid {
    guard let scaling, case .constant(let value) = settings.padding else { return self }
    var settings = settings
    settings.padding = .constant((value - scaling.intercept) / scaling.slope)
    return try PatchGrid(over: extent, settings: settings, axes: axes)
  }
}
