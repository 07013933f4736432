import Voxtile

extension PatchPipeline {
  /// The label of each channel.
  func labels(channels: Int) throws(VoxtileError) -> [Int32] {
    let rule = settings.labels
    guard rule.threshold > 0, rule.threshold < 1 else {
      throw VoxtileError(
        .invalidOption, "a threshold of \(rule.threshold) makes no labels; use more than 0 and less than 1",
        context: .init(expected: "0 < t < 1", found: "\(rule.threshold)"))
    }
    let first = hasThreshold(channels: channels) ? 1 : 0
    let values = rule.values ?? (0..<channels).map { $0 + first }
    guard values.count == channels else {
      throw VoxtileError(
        .invalidOption,
        "\(values.count) labels are given for the \(channels) channels of the model; give \(channels)",
        context: .init(expected: "\(channels)", found: "\(values.count)"))
    }
    return try exact(values)
  }

  /// What each label that the model gives becomes; none where labels stay as they are.
  func changedLabels() throws(VoxtileError) -> [Int32] { try exact(settings.labels.values ?? []) }

  private func exact(_ values: [Int]) throws(VoxtileError) -> [Int32] {
    let labels = values.compactMap(Int32.init(exactly:))
    guard labels.count == values.count else {
      throw VoxtileError(.invalidOption, "the labels \(values) are too large; use at most \(Int32.max)")
    }
    return labels
  }

  private func hasThreshold(channels: Int) -> Bool {
    VoxelDecision.hasThreshold(settings.activation.resolved(channels: channels), channels: channels)
  }

  /// How labels are put together, where the model gives labels itself: whole numbers of one channel.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where what is asked for needs a value for each class.
  func labelVotes(
    _ grid: PatchGrid, channels: Int, kinds: Set<PredictionKind>
  ) throws(VoxtileError) -> LabelVotes? {
    guard channels == 1, let range = model.signature.outputs[0].labelRange else { return nil }
    if let kind = [PredictionKind.probabilities, .logits].first(where: kinds.contains) {
      throw .needsClasses("there are no \(kind.rawValue)", "labels", found: kind.rawValue)
    }
    if !settings.mirrors.isEmpty {
      throw .needsClasses("there is no mean of mirrored predictions", "no mirroring", found: "mirroring")
    }
    // Where it is known how many there are, others are an error.
    let count = settings.labels.values?.count ?? settings.labels.names?.count
    return LabelVotes(grid, range: count.map { 0...max(0, $0 - 1) } ?? range)
  }

  /// The names of the labels.
  ///
  /// - Throws: `VoxtileError.Code.modelNotUsable` where there are not as many names as labels.
  func labelNames(
    _ labels: [Int32], channels: Int, votes: LabelVotes?
  ) throws(VoxtileError) -> [LabelName] {
    guard let names = settings.labels.names else { return [] }
    var values = votes == nil || !labels.isEmpty ? labels.map { Int($0) } : Array(names.indices)
    // A single class is often named after the background.
    if votes == nil, hasThreshold(channels: channels), names.count == values.count + 1 {
      values.insert(0, at: 0)
    }
    guard names.count == values.count else {
      throw VoxtileError(
        .modelNotUsable,
        "\(names.count) names are given (\(names.joined(separator: ", "))) for \(values.count) labels; give each label its name",
        context: .init(expected: "\(values.count)", found: "\(names.count)"))
    }
    return zip(values, names).map { LabelName(label: $0, name: $1) }
  }

  /// Says where the voxels of a scan have another size than those that the model was trained with.
  func spacingRemarks(_ scan: VolumeInfo) -> [PredictionRemark] {
    settings.resampling == nil ? spacingRemarks(frame(for: scan).model(scan.metadata.spacing)) : []
  }

  /// Says where a model sees voxels of another size than those that it was trained with.
  func spacingRemarks(_ own: PerAxis<Double>) -> [PredictionRemark] {
    guard let trained = settings.spacing else { return [] }
    let axes = Axis.allCases.filter { $0 != .z || model.signature.spatialRank == 3 }
    guard axes.contains(where: { abs(own[$0] / trained[$0] - 1) > 0.05 }) else { return [] }
    func text(_ spacing: PerAxis<Double>) -> String {
      axes.map { axis in
        let size = (spacing[axis] * 1000).rounded() / 1000
        return size == size.rounded() && abs(size) < 1e9 ? "\(Int(size))" : "\(size)"
      }.joined(separator: "x")
    }
    return [
      PredictionRemark(
        settings.resampling == nil
          ? "the scan has voxels of \(text(own)) mm, but the network was trained with \(text(trained)) mm: its labels may be much worse "
            + "than they look (2 mm scans lost 0.2 of Dice in a 1 mm network)"
          : "the scan is resampled to voxels of \(text(own)) mm, but the network was trained with \(text(trained)) mm: its labels may be "
            + "much worse than they look",
        remedy: settings.resampling == nil ? .resampleScan : nil)
    ]
  }
}

extension VoxtileError {
  static func needsClasses(_ what: String, _ expected: String, found: String) -> VoxtileError {
    VoxtileError(
      .invalidOption,
      "the model gives labels, not a value for each class, so \(what); export it without its argmax, or leave that out",
      context: .init(expected: expected, found: found))
  }
}
