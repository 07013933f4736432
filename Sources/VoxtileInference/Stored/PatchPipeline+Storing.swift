import Voxtile

extension PatchPipeline {
  /// The normalization of each channel of a scan, so that others who predict patches of it need not read all of it.
  ///
  /// - Returns: `nil` where it is not worth keeping, for any patches of the scan: it is resampled, and so read anyway, or no file can
  ///   hold the numbers, since some are not finite.
  /// - Throws: what reading throws.
  package func intensities(of plan: InferencePlan) throws -> [IntensityMap]? {
    guard !plan.isResampled else { return nil }
    let maps = try plan.maps ?? intensityMaps(of: plan.cutting, check: {})
    return maps.allSatisfy(\.isUsable) ? maps : nil
  }

  /// Predicts patches of a scan and keeps what the model gives of each, to be merged later (``StoredPredictions``).
  ///
  /// - Parameters:
  ///   - plan: made by this pipeline.
  ///   - patches: the numbers of the patches, ascending.
  ///   - store: where they are kept, each as soon as it is predicted.
  /// - Throws: as ``run(_:to:)``, and what the store throws. What was kept before stays.
  package func keep(
    _ plan: InferencePlan, patches: [Int], in store: any PredictionStore
  ) async throws -> Report {
    if plan.layout.half != nil {
      throw VoxtileError.notInHalf(
        "predictions that are kept are summed later, in single precision", found: "predictions")
    }
    let (readers, layout, jobs) = (plan.source.readers, plan.layout, settings.limits.jobs)
    return try await seeing(plan).predict(
      plan.ofResampledScan, PredictionProgress(total: patches.count), choosing: { $0.choose(patches) },
      taking: { values, patch in
        // What is kept has to be of one state of the scan.
        for reader in readers { try reader.checkFileUnchanged() }
        if let values { try layout.check(values, of: patch, jobs: jobs) }
        try store.keep(values, extent: patch.region.extent, ofPatch: patch.index)
      },
      finishing: {})
  }
}
