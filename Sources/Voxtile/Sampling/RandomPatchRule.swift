/// How a random patch is drawn: which voxels, and where a patch with one of them starts.
struct RandomPatchRule: Sendable {
  /// Voxels that are drawn from as often as their weight says, each as likely as the others.
  struct Source: Sendable {
    var weight: Int
    /// The label of all of them; `nil` where these are several.
    var label: Int?
    var voxels: VoxelIntervals
  }

  /// Where a patch with a drawn voxel starts.
  enum Start: Sendable {
    case placed(SamplingPlan.Placement, StartBox, Extent)
    case nnunet(PerAxis<SamplingConvention.NnUNetAxis>)
  }

  private var sources: [Source]
  private let start: Start

  /// Whether a patch of a number holds a drawn voxel, which with nnU-Net is every other one.
  private func drawsVoxel(_ number: Int) -> Bool {
    if case .nnunet = start {
      let samples = SamplingConvention.foregroundSamples(batchSize: 2, share: .fraction(0.33))
      return !sources.isEmpty && samples[number % samples.count]
    }
    return true
  }

  /// The rule of a balance.
  init(_ balance: SamplingPlan.Balance, in index: LabelIndex, start: Start) throws(VoxtileError) {
    self.start = start
    switch balance {
    case .classes(let ratio): sources = try index.sources(ratio)
    case .voxels: sources = [Source(weight: 1, label: nil, voxels: index.foregroundVoxels())]
    case .components:
      sources = index.components.indices.map { place in
        Source(weight: 1, label: index.components[place].value, voxels: index.voxels(ofComponent: place))
      }
    }
    try checkSources()
  }

  /// The rule of another system.
  init(
    _ convention: SamplingConvention, balance: SamplingPlan.Balance, in index: LabelIndex, patch: Extent
  ) throws(VoxtileError) {
    let ratio: [Int: Int]? = if case .classes(let ratio) = balance { ratio } else { nil }
    switch convention {
    case .monai:
      start = .placed(.center, try StartBox(of: patch, in: index.extent, padding: false), patch)
      sources =
        try ratio.map { ratio throws(VoxtileError) in try index.sources(ratio) }
        ?? index.foregroundAndBackground
    case .torchio:
      let legal = try StartBox(of: patch, in: index.extent, padding: false)
      start = .placed(.center, legal, patch)
      let inner = Region(
        origin: Position(x: patch.width / 2, y: patch.height / 2, z: patch.depth / 2),
        extent: Extent(legal.ranges.map { _, range in range.count }))
      sources =
        try ratio.map { ratio throws(VoxtileError) in try index.sources(ratio, in: inner) }
        ?? [Source(weight: 1, label: nil, voxels: index.foregroundVoxels(in: inner))]
    case .nnunet:
      _ = try StartBox(of: patch, in: index.extent, padding: true)
      start = .nnunet(
        patch.sizes.map { axis, length in .init(length: index.extent[axis], patch: length) })
      sources = try index.sources(nil).filter { $0.label != 0 }
      return
    }
    try checkSources()
  }

  private mutating func checkSources() throws(VoxtileError) {
    sources.removeAll { $0.voxels.count == 0 }
    guard sources.isEmpty else { return }
    throw VoxtileError(
      .invalidOption,
      "no voxel that patches should hold is there, or all lie too near to the border; ask for other labels")
  }

  /// Draws the start of a patch, and says why it lies there.
  func draw(
    _ number: Int, extent: Extent, _ random: inout SampleRandom
  ) -> (start: Position, reason: SampledPatch.Reason) {
    guard drawsVoxel(number) else { return (anywhere(&random), .anywhere) }
    var rest = random.bounded(sources.reduce(0) { $0 + $1.weight })
    let source =
      sources.first { source in
        rest -= source.weight
        return rest < 0
      } ?? sources[0]
    let voxel = extent.position(at: source.voxels[random.bounded(source.voxels.count)])
    let reason: SampledPatch.Reason =
      source.label.map { .label($0, voxel: voxel) } ?? .foreground(voxel: voxel)
    switch start {
    case .placed(let placement, let legal, let patch):
      return (placement.starts(holding: voxel, patch: patch, among: legal).draw(&random), reason)
    case .nnunet(let axes):
      return (
        Position(
          x: axes.x.start(holding: voxel.x), y: axes.y.start(holding: voxel.y),
          z: axes.z.start(holding: voxel.z)), reason
      )
    }
  }

  private func anywhere(_ random: inout SampleRandom) -> Position {
    switch start {
    case .placed(_, let legal, _): legal.draw(&random)
    case .nnunet(let axes):
      StartBox(axes.map { _, axis in axis.lowest..<axis.highest + 1 }).draw(&random)
    }
  }
}

extension LabelIndex {
  /// Labels in a ratio; all that are there where there is none.
  fileprivate func sources(_ ratio: [Int: Int]?, in box: Region? = nil) throws(VoxtileError)
    -> [RandomPatchRule.Source]
  {
    if let ratio { try BalanceSource.check(ratio) }
    return classes.indices.compactMap { place in
      let value = classes[place].value
      let weight = ratio.map { $0[value] ?? 0 } ?? 1
      guard weight > 0, classes[place].voxelCount > 0 else { return nil }
      return RandomPatchRule.Source(weight: weight, label: value, voxels: voxels(ofClassAt: place, in: box))
    }
  }

  /// Foreground and background in equal parts.
  fileprivate var foregroundAndBackground: [RandomPatchRule.Source] {
    [
      RandomPatchRule.Source(weight: 1, label: nil, voxels: foregroundVoxels()),
      RandomPatchRule.Source(weight: 1, label: 0, voxels: voxels(ofClassAt: Self.backgroundPlace)),
    ]
  }
}
