import Voxtile

extension NnUNetFolder {
  /// How a scan is predicted.
  ///
  /// - Parameters:
  ///   - info: the scan, or the first of the files that are its channels.
  ///   - mirrors: whether patches are also predicted mirrored, along the axes that the checkpoint allows.
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where the network sees other axes and the scan does not say how its own lie.
  public func settings(over info: VolumeInfo, mirrors: Bool = true) throws(VoxtileError) -> InferenceSettings
  {
    var settings = InferenceSettings()
    let sizes = plan.patch ?? []
    settings.patch = Extent(
      width: sizes[sizes.count - 1], height: sizes[sizes.count - 2], depth: sizes.count == 3 ? sizes[0] : 1)
    settings.compatibility = .nnUNet
    settings.foreground = .nonZero
    settings.activation = export.regions ? .sigmoid : .softmax
    settings.labels = labelRule
    settings.orientation = try orientation(of: info)
    let dimensions: [Axis] = sizes.count == 3 ? [.z, .y, .x] : [.y, .x]
    if mirrors { settings.mirrors = Set(export.mirroringAxes.map { dimensions[$0] }) }
    let spacing = plan.spacing ?? []
    var resampling = ScanResampling(
      to: PerAxis(
        x: spacing[spacing.count - 1], y: spacing[spacing.count - 2],
        z: spacing[0]),
      convention: convention(plan.dataFunction) ?? .nnunet,
      interpolation: interpolation(plan.data?.order ?? 3))
    resampling.separatesSlices = plan.data?.separatesSlices
    resampling.schemes = schemes
    settings.resampling = resampling
    return settings
  }

  /// The label of each head.
  private var labelRule: LabelRule {
    let values = export.regions ? export.regionsClassOrder ?? [] : export.headLabels.map { $0[0] }
    let names = export.headLabels.map { labels in
      dataset.labels.first { Set($0.value.values) == Set(labels) }?.key
    }
    return LabelRule(values: values, names: names.contains(nil) ? nil : names.compactMap(\.self))
  }

  /// How the network's image lies in the world: its axes are those of the file, in another order.
  private func orientation(of info: VolumeInfo) throws(VoxtileError) -> Orientation? {
    let isTurned = reader.hasSuffix("WithReorient")
    guard isTurned || plans.transpose != [0, 1, 2] else { return nil }
    let letters = Array(isTurned ? "RAS" : info.metadata.affine.orientation)
    guard letters.count == 3 else { return nil }
    // Arrays have the last axis of a file first.
    let turned = plans.transpose.map { letters[2 - $0] }
    return Orientation(String(turned.reversed()))
  }

  /// How the channels of a scan are normalized.
  private var schemes: [ChannelScheme] {
    let masks = plan.masks ?? []
    return (plan.schemes ?? []).enumerated().map { channel, name in
      switch name {
      case "CTNormalization":
        let known = plans.intensities?["\(channel)"]
        return .ct(
          low: known?.low ?? 0, high: known?.high ?? 0, mean: known?.mean ?? 0,
          deviation: known?.deviation ?? 1)
      case "NoNormalization": return .none
      case "RescaleTo01Normalization": return .rescaled
      case "RGBTo01Normalization": return .rgb
      default: return .zScore(masked: channel < masks.count && masks[channel])
      }
    }
  }

  /// The reader of nnU-Net that the training data went through.
  var reader: String { dataset.reader ?? plans.reader ?? "SimpleITKIO" }

  /// The convention of a function of nnU-Net.
  func convention(_ function: String?) -> ResamplingConvention? {
    switch function {
    case "resample_data_or_seg_to_shape", nil: .nnunet
    case "resample_torch_fornnunet": .nnunetTorch
    default: nil
    }
  }

  /// The interpolation of an order of a spline.
  func interpolation(_ order: Int) -> Interpolation? {
    switch order {
    case 0: .nearest
    case 1: .linear
    case 3: convention(plan.dataFunction) == .nnunetTorch ? .linear : .cubic
    default: nil
    }
  }
}
