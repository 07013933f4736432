import Voxtile

extension PatchPipeline {
  /// What predicts the resampled scan.
  func resampledPipeline(_ rule: ScanResampling) -> PatchPipeline {
    var inner = settings
    inner.resampling = nil
    inner.spacing = nil
    inner.foreground = nil
    if rule.normalizesFirst { inner.normalization = .none }
    return PatchPipeline(model: model, settings: inner)
  }

  /// What predicts what the model sees: the scan, or the resampled scan.
  func seeing(_ plan: InferencePlan) -> PatchPipeline {
    guard plan.isResampled else { return self }
    guard let rule = settings.resampling else {
      preconditionFailure("the plan resamples the scan, but the settings do not")
    }
    return resampledPipeline(rule)
  }

  /// Works out what predicting a resampled scan will take.
  ///
  /// - Returns: `nil` where the scan has those voxels already.
  /// - Throws: as ``plan(_:mask:kinds:)``, and `VoxtileError.Code.invalidOption` where scan, model or settings do not allow it.
  func resampledPlan(
    _ readers: [any VolumeReader], mask: (any VolumeReader)?, kinds: Set<PredictionKind>,
    knowing known: ModelProbe?, tryingBatch start: @escaping @Sendable (Int) -> Int, by rule: ScanResampling
  ) async throws -> InferencePlan? {
    let worker = SerialWorker("resample")
    defer { worker.wait() }
    let scan = readers[0].info
    let found = try await worker.run { [self] check in
      try resampled(readers, mask: mask, by: rule, check: check)
    }
    guard let (way, resampled) = found else { return nil }
    let inner = resampledPipeline(rule)
    let first = try await inner.plan(
      [resampled], mask: nil, kinds: kinds, knowing: known, isDraft: true, tryingBatch: start)
    try checkWholeVoxels(first)
    // Now that it is known how many classes there are, what comes back is counted.
    var plan = try inner.plan(
      first.cutting, kinds: kinds, probe: first.probe, first: first.first, maps: first.maps, from: (scan, way)
    )
    plan.remarks += rule.isAskedByNetwork ? [way.remark(rule)] : spacingRemarks(rule.spacing)
    return plan
  }

  /// Whether a scan has the voxels that a rule gives it.
  ///
  /// - Throws: `VoxtileError` where the size of its voxels is not known.
  func keepsVoxels(of info: VolumeInfo, by rule: ScanResampling) throws -> Bool {
    guard info.metadata.place != .unknown else { throw VoxtileError.unknownVoxelSize }
    return try rule.schemes == nil && way(Region(info.extent), of: info, by: rule).there.isIdentity
  }

  /// How a box of a scan gets other voxels, and what is predicted gets back.
  func way(_ box: Region, of info: VolumeInfo, by rule: ScanResampling) throws -> WayBack {
    let frame = frame(for: info)
    var target = rule.spacing
    // A 2D network sees slices as they are, and a picture has no thickness.
    if model.signature.spatialRank == 2 || info.isPlanar {
      target.z = frame.axes.map { info.voxelSize(for: rule.convention)[$1] }.z
    }
    var way = try WayBack(
      box, of: info, by: rule, to: frame.stored(target), isFlipped: frame.stored(frame.isFlipped))
    // PyTorch gives single precision.
    way.roundsToHalf = settings.compatibility == .nnUNetHalf && way.back.convention != .nnunetTorch
    return way
  }

  /// A reader of the resampled scan, which is a copy where several networks read it, and the way back; `nil` where nothing changes.
  private func resampled(
    _ readers: [any VolumeReader], mask: (any VolumeReader)?, by rule: ScanResampling,
    check: () throws -> Void
  ) throws -> (way: WayBack, scan: any VolumeReader)? {
    let info = readers[0].info
    if try keepsVoxels(of: info, by: rule) { return nil }
    try checkCanResample(rule, mask: mask)
    let source = try source(readers, mask: mask, check: check)
    let result = try way(source.box, of: info, by: rule)
    func makeReader() throws -> ResampledReader {
      try ResampledReader(
        try prepared(source, by: rule, check: check), result.there, jobs: settings.limits.jobs, check: check)
    }
    guard let copies else { return (result, try makeReader()) }
    let key = ScanCopies.Key(
      box: source.box, resampling: result.there,
      normalization: rule.normalizesFirst && rule.schemes == nil ? settings.normalization : nil,
      schemes: rule.schemes)
    return (result, try copies.resampled(key, check: check, making: makeReader))
  }
}

extension PatchPipeline {
  /// The box of a scan, with intensities that are normalized where that comes before the resampling.
  func prepared(
    _ source: ScanSource, by rule: ScanResampling, check: () throws -> Void
  ) throws -> PreparedScan {
    if let schemes = rule.schemes { return try PreparedScan(source, schemes: schemes, check: check) }
    guard rule.normalizesFirst else { return PreparedScan(source, maps: []) }
    var whole = source
    whole.box = settings.normalization.looksAtBox ? source.box : Region(source.info.extent)
    return PreparedScan(source, maps: try whole.maps(for: settings.normalization, check: check))
  }
}

extension InferencePlan {
  /// The plan of what the model sees by itself.
  var ofResampledScan: InferencePlan {
    if !isResampled { return self }
    var plan = self
    plan.layout = layout.ofResampledScan
    return plan
  }
}
