import Voxtile
import VoxtileFormats

/// Training patches of many scans, chosen and not yet written.
///
///     let set = try SampleSet(of: scans, options: SampleOptions(patch: Extent(96), plan: plan))
///     try set.write(to: "set", options: options)
///
/// What is chosen of a scan depends on that scan, its name and the options alone: other scans, threads and machines change nothing.
public struct SampleSet: Sendable {
  /// A scan with its patches.
  public struct Case: Sendable {
    /// The scan.
    public let scan: SampledScan
    /// The size of the scan.
    public let extent: Extent
    /// How many channels all its images have.
    public let channels: Int
    /// Where the scan lies.
    public let affine: Affine
    /// Each label of the scan, the background first, with the number of its voxels.
    public let classes: [LabelIndex.LabelClass]
    /// The components of the scan.
    public let components: [Component]
    /// The patches, in order.
    public let patches: [SampledPatch]
    /// For each component how many patches hold it whole.
    public let holders: [Int]
    /// The places of components that no patches hold.
    public let uncovered: [Int]
    /// Labels that were asked for and are not there.
    public let absentLabels: [Int]
    /// Whether there is a map of weights, but all weights are 0, so that no patch was drawn by it.
    public let hasOnlyZeroWeights: Bool
    /// Whether the scan is for training, and not for validation.
    public var isForTraining = true

    /// Whether a patch reaches outside the scan.
    public var isPadded: Bool { patches.contains { !$0.region.isInside(extent) } }
  }

  /// A scan of which no patches could be chosen.
  public struct Failure: Sendable {
    /// The scan.
    public let scan: SampledScan
    /// Why.
    public let error: VoxtileError
  }

  /// The scans with their patches, in the order in which they were given.
  public let cases: [Case]
  /// The scans without, which keep the set from being written.
  public let failures: [Failure]

  /// Chooses the patches of all scans; each label map is read once.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where two scans would have files of one name or the plan contradicts itself,
  ///   `VoxtileError.Code.unsupportedFormat` where the layout cannot hold the labels or channels,
  ///   `VoxtileError.Code.memoryTooLow` where the limit is not enough for the program, and what the progress throws. What is
  ///   wrong with a scan is in ``failures``.
  public init(of scans: [SampledScan], options: SampleOptions) throws {
    try Self.checkNames(scans)
    try options.plan.check()
    try Self.checkMemory(options.limits)
    let progress = options.progress
    let atOnce = max(1, min(options.limits.jobs.count, scans.count))
    let results = try options.limits.jobs.mapThrowing(scans.count) { index -> Result<Case, VoxtileError> in
      try progress(index, of: scans.count)
      do {
        return .success(try Case(scans[index], options: options, scansAtOnce: atOnce))
      } catch let error as VoxtileError {
        return .failure(error.context.file == nil ? error.inFile(scans[index].labels) : error)
      }
    }
    var cases: [Case] = []
    var failures: [Failure] = []
    for (scan, result) in zip(scans, results) {
      switch result {
      case .success(let one): cases.append(one)
      case .failure(let error): failures.append(Failure(scan: scan, error: error))
      }
    }
    let training = Self.training(
      cases.map(\.scan.name), share: options.trainingShare, seed: options.plan.seed)
    for index in cases.indices { cases[index].isForTraining = training.contains(cases[index].scan.name) }
    (self.cases, self.failures) = (cases, failures)
    if failures.isEmpty { _ = try SampleDataset(self, options: options) }
  }

  /// Makes sure that there is memory for more than the program itself.
  static func checkMemory(_ limits: JobLimits) throws(VoxtileError) {
    let least = MemoryCost.program + (1 << 20)
    guard let limit = limits.memory, limit < least else { return }
    throw .memoryTooLow(limit, needed: least)
  }

  /// What all patches take on a disk before compression, in bytes.
  public func byteCount(options: SampleOptions) -> Int {
    cases.reduce(0) { sum, one in
      let voxelBytes = (one.scan.images + [one.scan.labels]).reduce(0) { bytes, path in
        bytes + ((try? ImageFormats.open(path).info).map { $0.channels * $0.scalarType.byteCount } ?? 0)
      }
      return MemoryCost.sum(sum, MemoryCost.product(one.patches.count, options.patch.voxelCount, voxelBytes))
    }
  }

  /// The scans that are for training: those with the lowest numbers drawn from the seed and their names.
  static func training(_ names: [String], share: Share, seed: UInt64) -> Set<String> {
    guard share < .all else { return Set(names) }
    let ranked = names.map { (SamplingPlan.rank(of: $0, seed: seed), $0) }.sorted { $0 < $1 }
    // Both parts have a scan where there are two.
    let count = min(max((names.count * share.millionths + 500_000) / 1_000_000, 1), max(1, names.count - 1))
    return Set(ranked.prefix(count).map(\.1))
  }

  private static func checkNames(_ scans: [SampledScan]) throws(VoxtileError) {
    var known: [String: String] = [:]
    for scan in scans {
      guard !scan.name.isEmpty, !scan.fileName.hasPrefix(".") else {
        throw VoxtileError(
          .invalidOption, "a scan cannot be called '\(scan.name)'; its patches are named after it")
      }
      if let other = known.updateValue(scan.name, forKey: scan.fileName) {
        throw VoxtileError(
          .invalidOption,
          "the patches of '\(other)' and '\(scan.name)' would both be called '\(scan.fileName)'; give them other names",
          context: .init(expected: "different names", found: scan.fileName))
      }
    }
  }
}

extension SampleSet.Case {
  /// Chooses the patches of one scan.
  ///
  /// - Parameter scansAtOnce: of how many scans patches are chosen at a time; they share the memory.
  init(_ scan: SampledScan, options: SampleOptions, scansAtOnce: Int) throws {
    let files = try OpenScan(scan, labelMap: options.labelMap, labelPadding: options.labelPadding)
    var wanted = LabelIndex.Options(
      lesions: options.lesions, connectivity: options.connectivity,
      tissue: options.tissueThreshold.map { (files.images[0], $0) })
    wanted.memory = options.limits.memory.map { ($0 - MemoryCost.program) / scansAtOnce }
    var index = try LabelIndex(of: files.labels, name: scan.name, options: wanted)
    if let weights = files.weights, let path = scan.weights {
      do {
        try index.readWeights(of: weights)
      } catch let error as VoxtileError {
        throw error.context.file == nil ? error.inFile(path) : error
      }
    }
    let sampler = try PatchSampler(index, patch: options.patch, plan: options.plan)
    self.init(
      scan: scan, extent: index.extent, channels: files.images.reduce(0) { $0 + $1.info.channels },
      affine: files.images[0].info.metadata.affine, classes: index.classes,
      components: Array(index.components), patches: Array(sampler), holders: sampler.holdersOfComponents,
      uncovered: sampler.uncovered, absentLabels: sampler.absentLabels,
      hasOnlyZeroWeights: index.hasOnlyZeroWeights)
  }
}
