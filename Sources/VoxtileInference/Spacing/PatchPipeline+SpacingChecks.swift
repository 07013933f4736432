import Voxtile

extension PatchPipeline {
  /// Throws where settings and model cannot be combined with resampling.
  func checkCanResample(_ rule: ScanResampling, mask: (any VolumeReader)?) throws(VoxtileError) {
    if model.signature.outputs[0].labelRange != nil, model.signature.outputs[0].channels ?? 1 == 1 {
      throw .notResampled(
        "the model gives labels, not a value for each class, and labels have no mean: export it without its argmax",
        found: "labels")
    }
    if settings.skipBelow != nil {
      throw .notResampled(
        "patches that are skipped have no values that could be resampled", found: "skipped patches")
    }
    if !rule.normalizesFirst, mask != nil || settings.foreground != nil {
      throw .notResampled(
        "a part of the scan is predicted alone only in nnU-Net's order, in which it is cut out before it is resampled, and not "
          + "as \(rule.convention.rawValue) does it", found: rule.convention.rawValue)
    }
  }

  /// Throws where voxels of the resampled scan have no value, or there are not as many values as voxels.
  func checkWholeVoxels(_ plan: InferencePlan) throws(VoxtileError) {
    guard plan.scale.isSameSize else {
      throw .notResampled(
        "the model gives voxels of another size than it sees, which are not brought back",
        found: "other voxels")
    }
    guard plan.outputGrid.coverage.lostVoxels == 0 else {
      throw .notResampled(
        "the edge policy leaves voxels without a patch, which have no values that could be resampled",
        found: "\(plan.outputGrid.coverage.lostVoxels) voxels without a patch")
    }
  }
}

extension WayBack {
  /// That the scan is resampled, which the network asked for.
  func remark(_ rule: ScanResampling) -> PredictionRemark {
    PredictionRemark(
      "the network was trained with voxels of \(Self.text(rule.spacing)) mm, so the scan of \(Self.text(spacing)) mm is resampled "
        + "from \(box.extent) to \(there.newExtent) voxels (\(rule.convention.rawValue)), and what is predicted comes back to its own",
      remedy: .keepVoxels)
  }

  private static func text(_ spacing: PerAxis<Double>) -> String {
    spacing.all.map { size in
      let size = (size * 1000).rounded() / 1000
      return size == size.rounded() && abs(size) < 1e9 ? "\(Int(size))" : "\(size)"
    }.joined(separator: "x")
  }
}

extension VoxtileError {
  fileprivate static func notResampled(_ why: String, found: String) -> VoxtileError {
    VoxtileError(
      .invalidOption, "the scan cannot be predicted with voxels of another size: \(why)", remedy: .keepVoxels,
      context: .init(found: found))
  }

  static var unknownVoxelSize: VoxtileError {
    VoxtileError(
      .invalidOption,
      "the image does not say how large its voxels are, so it cannot be resampled to those of the network",
      remedy: .keepVoxels, context: .init(expected: "the size of a voxel", found: "none"))
  }
}
