import Voxtile

@testable import VoxtileInference

/// What a prediction with other voxels is, one whole volume after another: cut, normalize, resample, predict, resample the
/// merged values.
struct WholeResampling {
  let rule: ScanResampling
  var box: Region?
  /// The normalization, where it comes before the resampling.
  var map = IntensityMap()

  /// The merged values with the voxels of the scan's box.
  ///
  /// - Parameter settings: of a scan as it is, with what is left to be done.
  func values(
    of scan: Volume<Float>, model: any PatchModel, settings: InferenceSettings
  ) async throws -> Volume<Float> {
    let own = scan.metadata.spacing
    var part = scan[box ?? Region(scan.extent)]
    var voxels = part.voxels
    var span = voxels.mutableSpan
    map.apply(to: &span)
    part = try Volume(extent: part.extent, channels: part.channels, voxels: voxels, metadata: scan.metadata)
    let there = try Resampling(
      of: part.extent, spacing: own, to: rule.spacing, convention: rule.convention,
      interpolation: rule.interpolation)
    let seen = try part.resampled(there, as: Float.self)
    let merged = try await PatchPipeline(model: model, settings: settings).values(.logits, of: seen)
    return try merged.resampled(try back(there, part.extent, own), as: Float.self)
  }

  /// From the voxels of the network to those of the scan, from where these lie.
  private func back(_ there: Resampling, _ extent: Extent, _ own: PerAxis<Double>) throws -> Resampling {
    switch rule.convention {
    case .monai:
      return try Resampling(
        extent.sizes.map { axis, length in
          AxisResampling(
            length: there.newExtent[axis], newLength: length, start: 0,
            step: 1 / (rule.spacing[axis] / own[axis]), convention: .monai, interpolation: .linear)
        })
    case .torchio:
      return try Resampling(
        extent.sizes.map { axis, length in
          let step = rule.spacing[axis] / own[axis]
          let first = (0 - Double(there.newExtent[axis] - 1) / 2) * step + Double(length - 1) / 2
          return AxisResampling(
            length: there.newExtent[axis], newLength: length, start: -first / step, step: 1 / step,
            convention: .torchio, interpolation: .linear)
        })
    default:
      return try Resampling(
        of: there.newExtent, to: extent, convention: rule.convention, interpolation: .linear,
        separateAxis: rule.convention.separateAxis(spacing: rule.spacing, newSpacing: own))
    }
  }
}
