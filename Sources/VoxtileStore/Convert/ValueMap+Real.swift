import Voxtile
import VoxtileFormats

extension ValueMap {
  /// The map to real values where a format cannot say how stored ones become real; `nil` where it can, or there is nothing to
  /// say.
  ///
  /// - Parameter ending: that of the file to be written.
  init?(realValuesOf info: VolumeInfo, in format: (any ImageFormat.Type)?, ending: String?) {
    guard let format, info.scaling != nil,
      format.refusal(of: info, ending: ending ?? "")?.remedy == .writeRealValues
    else { return nil }
    self.init(scalarType: info.scalarType.typeOfRealValues)
  }
}

extension ScalarType {
  /// The type that holds stored values of this one times a factor: `Float` what it holds exactly, and more needs `Double`.
  var typeOfRealValues: ScalarType { byteCount <= 2 ? .float32 : .float64 }
}
