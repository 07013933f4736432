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
    // Of regions, those above one half: the least number that single precision has there.
    if export.regions { settings.labels.threshold = Double(Float(0.5).nextUp) }
    settings.orientation = try orientation(of: info)
    let dimensions: [Axis] = sizes.count == 3 ? [.z, .y, .x] : [.y, .x]
    if mirrors { settings.mirrors = Set(export.mirroringAxes.map { dimensions[$0] }) }
    var resampling = ScanResampling(
      to: spacing(over: info, seenIn: settings.orientation), convention: images.convention ?? .nnunet,
      interpolation: images.interpolation)
    resampling.separatesSlices = images.separatesSlices
    resampling.back = .init(
      convention: logits.convention ?? .nnunet, separatesSlices: logits.separatesSlices)
    resampling.schemes = schemes
    settings.resampling = resampling
    return settings
  }

  /// The size of the voxels that the network sees, along the axes of its image. Where it sees slices, they are as far apart as those
  /// of the scan.
  private func spacing(over info: VolumeInfo, seenIn orientation: Orientation?) -> PerAxis<Double> {
    let frame = ModelFrame(
      stored: Orientation(info.metadata.affine.orientation), orientation: orientation, order: .zyx,
      rank: plan.patch?.count ?? 3)
    let own = frame.model(info.voxelSize(for: .nnunet))
    guard images.convention != nil, let sizes = plan.spacing, sizes.count >= 2 else { return own }
    return PerAxis(
      x: sizes[sizes.count - 1], y: sizes[sizes.count - 2], z: sizes.count == 3 ? sizes[0] : own.z)
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
    let turned = String(plans.transpose.map { letters[2 - $0] }.reversed())
    if plan.patch?.count == 2, info.extent.isPlanar, turned != info.metadata.affine.orientation {
      throw VoxtileError(
        .unsupportedFormat,
        "the scan is a single slice in the orientation \(info.metadata.affine.orientation), but the network sees slices of \(turned); "
          + "store the scan so",
        context: .init(expected: turned, found: info.metadata.affine.orientation))
    }
    return Orientation(turned)
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
}
