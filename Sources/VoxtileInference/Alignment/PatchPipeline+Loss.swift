import Voxtile

/// How many labels patches change, beside what a network gives of the whole scan.
package struct PatchLoss: Hashable, Sendable {
  /// The share of labels that differ with the patches as they lie; `nil` where there is nothing but background.
  package let share: Double?
  /// The same where patches begin at multiples of the network's stride.
  package let alignedShare: Double?
}

extension PatchPipeline {
  /// Predicts how many labels patches change, from one patch in the middle of a scan: its labels are held against those of a block around
  /// it, which are those of the whole scan.
  ///
  /// A voxel counts as much as the patch counts for it, so that what the blend hides is not counted, and only where one of both has a label
  /// other than the background. Several patches that are blended are a little better than each: small shares come out too high.
  ///
  /// - Parameters:
  ///   - grids: patches and overlaps, along the axes of the model's image.
  ///   - readers: the scan.
  ///   - exact: how the block is predicted: with patches that give what the network gives of the whole scan.
  ///   - reach: how far the network looks, and by what it may be moved.
  /// - Throws: as ``plan(_:mask:kinds:)`` and ``run(_:to:)``.
  package func losses(
    of grids: [(patch: Extent, overlap: PerAxis<Int>)], over readers: [any VolumeReader],
    exact: InferenceSettings,
    reach: NetworkReach
  ) async throws -> [PatchLoss] {
    let scan = try seen(readers, isRead: true) { try Task.checkCancellation() }
    return try await scan.pipeline.losses(of: grids, overSeen: scan.readers, exact: exact, reach: reach)
  }

  /// The same of a scan as the model sees it.
  private func losses(
    of grids: [(patch: Extent, overlap: PerAxis<Int>)], overSeen readers: [any VolumeReader],
    exact: InferenceSettings, reach: NetworkReach
  ) async throws -> [PatchLoss] {
    let probes = try grids.map {
      try LossProbe(self.with(patch: $0.patch, overlap: $0.overlap), readers, reach: reach)
    }
    guard let first = probes.first else { return [] }
    let (frame, whole) = (first.cutting.frame, first.cutting.source.info.extent)
    let block = probes.dropFirst().reduce(first.block(whole, reach)) { $0.union($1.block(whole, reach)) }
    var source = try ScanSource(readers)
    let maps = try first.pipeline.intensityMaps(of: first.cutting) { try Task.checkCancellation() }
    var plain = exact
    plain.normalization = .none
    plain.resampling = nil
    let place = frame.stored(block, in: whole)
    source.box = place
    let truth = try await PatchPipeline(model: model, settings: plain).labels(
      of: PreparedScan(source, maps: maps))
    guard truth.extent == place.extent else {
      throw VoxtileError.lossNotKnown("the network gives \(truth.extent) voxels for \(place.extent)")
    }
    var known: [Region: Volume<Int32>] = [:]
    var losses: [PatchLoss] = []
    for probe in probes {
      func share(_ region: Region) async throws -> Double? {
        let stored = frame.stored(region, in: whole)
        if known[stored] == nil {
          source.box = stored
          known[stored] = try await probe.pipeline.unnormalized.labels(of: PreparedScan(source, maps: maps))
        }
        guard let labels = known[stored] else { return nil }
        return probe.share(of: labels, at: stored, differingFrom: truth, at: place.origin)
      }
      let aligned = try await share(probe.aligned)
      let shifted = probe.shifted == probe.aligned ? aligned : try await share(probe.shifted)
      let mixed = aligned.flatMap { aligned in
        shifted.map { aligned + probe.shiftedPart * ($0 - aligned) }
      }
      losses.append(PatchLoss(share: mixed, alignedShare: aligned))
    }
    return losses
  }

  private func with(patch: Extent, overlap: PerAxis<Int>) -> PatchPipeline {
    var pipeline = self
    pipeline.settings.patch = patch
    pipeline.settings.overlap = overlap.map { .voxels($1) }
    pipeline.settings.alignment = nil
    return pipeline
  }

  /// The same for a scan that is normalized already.
  fileprivate var unnormalized: PatchPipeline {
    var pipeline = self
    pipeline.settings.normalization = .none
    return pipeline
  }
}
