import Voxtile

extension VolumeInfo {
  /// What voxels outside the image become, where its type does not hold the padding that was asked for.
  package func remark(on padding: Padding) -> String? {
    guard scalarType.isInteger, case .constant(let value) = padding else { return nil }
    func real<Scalar: VoxelScalar>(_ type: Scalar.Type) -> Double {
      guard let scaling else { return Scalar(nearest: value).double }
      return Scalar(nearest: (value - scaling.intercept) / scaling.slope).double * scaling.slope
        + scaling.intercept
    }
    let written = real(scalarType.type)
    // What scaling rounds is as near as the image's own values are.
    let step = scaling.map { $0.slope.magnitude } ?? 0
    guard !value.isFinite || (written - value).magnitude > step else { return nil }
    return
      "voxels outside the image become \(written.rounded(toDecimals: 6)), not \(value.rounded(toDecimals: 6)): \(scalarType.rawValue) does not hold that"
  }
}
