/// Where the labels of a scan are, made in one pass: all that is needed to choose patches of it, without its voxels.
///
///     let index = try LabelIndex(of: labels, name: "case_007", lesions: [2, 3])
///     index.classes              // each label with the number of its voxels
///     index.components.count     // lesions
///
/// It holds the runs of the labels, which for lesions and organs are few: 1 MiB for a scan of 512x512x300 voxels.
public struct LabelIndex: Sendable {
  /// A label and how often it is there.
  public struct LabelClass: Hashable, Sendable {
    /// The label; 0 is the background.
    public let value: Int
    /// The number of its voxels.
    public let voxelCount: Int
  }

  /// The size of the scan.
  public let extent: Extent
  /// The name of the scan. Patches depend on it, so that two scans with one seed get different ones.
  public let name: String
  /// The background and all labels that are there, in ascending order; the first is 0, even where no voxel is.
  public let classes: [LabelClass]
  /// The connected components, such as lesions.
  public let components: Components

  /// All runs of labels other than 0, whose values are places in ``classes``.
  let runs: [LabelRun]
  /// For each row the place after its last run.
  let rowEnds: [Int]
  /// How many voxels other than background the bricks have.
  let foreground: BrickSums
  /// Which voxels are tissue; `nil` where nobody asked.
  let tissue: VoxelMask?
  /// How hard each voxel is; `nil` where nobody asked.
  private(set) var weights: WeightMap?

  /// Where the 0 is in ``classes``, which is always there.
  static let backgroundPlace = 0

  /// What the patches are also chosen by.
  public struct Options: Sendable {
    /// Labels whose voxels make components together, such as those of a lesion's parts; `nil` for components of each label.
    public var lesions: Set<Int>?
    /// Which voxels of a component touch.
    public var connectivity: Connectivity
    /// The scan, with the value above which a voxel of its first channel is tissue.
    public var tissue: (scan: any VolumeReader, threshold: Double)?
    /// Weights of the voxels, such as a map of errors, on the grid of the scan.
    public var weights: (any VolumeReader)?
    /// The most bytes that the index, and choosing patches with it, may take; `nil` where there is no limit.
    public var memory: Int?

    /// Creates options. By default each label makes components of its own, and nothing is known of tissue and weights.
    public init(
      lesions: Set<Int>? = nil, connectivity: Connectivity = .corners,
      tissue: (scan: any VolumeReader, threshold: Double)? = nil, weights: (any VolumeReader)? = nil
    ) {
      self.lesions = lesions
      self.connectivity = connectivity
      self.tissue = tissue
      self.weights = weights
    }
  }

  /// Reads a label map, and what else the options name, once each.
  ///
  /// - Parameters:
  ///   - labels: the label map, of one channel.
  ///   - name: the name of the scan.
  ///   - options: components, tissue and weights.
  /// - Throws: `VoxtileError.Code.shapeMismatch` where the label map has several channels, or something else has another
  ///   size, `VoxtileError.Code.typeMismatch` where a value is no label, `VoxtileError.Code.malformedFile` where there are so
  ///   many runs that it can be no label map, `VoxtileError.Code.memoryTooLow` where the labels have so many parts that the
  ///   limit of the options does not do, and what reading throws.
  /// - Complexity: O(voxels) time, and memory for the runs; a bit a voxel where tissue counts.
  public init(of labels: some VolumeReader, name: String = "", options: Options = Options()) throws {
    var builder = LabelIndexBuilder(extent: labels.info.extent, options: options)
    try labels.forEachLabelSlab { slab in
      func add(_ slab: some AnyVolume) throws { try builder.add(slab.typed) }
      try add(slab)
    }
    let tissue = try options.tissue.map {
      try Self.mask(of: $0.scan, above: $0.threshold, over: labels.info.extent)
    }
    self = try builder.finish(name: name, tissue: tissue)
    if let weights = options.weights { try readWeights(of: weights) }
  }

  /// Reads how hard each voxel is.
  ///
  /// - Parameter reader: weights on the grid of the scan.
  /// - Throws: `VoxtileError.Code.shapeMismatch` where it has another size, or several channels,
  ///   `VoxtileError.Code.malformedFile` where a weight is negative or not finite, and what reading throws.
  package mutating func readWeights(of reader: any VolumeReader) throws {
    try Self.check(reader, named: "the map of weights", over: extent)
    guard reader.info.channels == 1 else {
      throw VoxtileError(
        .shapeMismatch,
        "a map of weights has one channel, not \(reader.info.channels); give one channel of it",
        context: .init(expected: "1", found: "\(reader.info.channels)"))
    }
    weights = try WeightMap(of: reader)
  }

  /// Whether there are weights, but all of them are 0.
  package var hasOnlyZeroWeights: Bool { weights?.total == 0 }

  init(
    _ builder: consuming LabelIndexBuilder, components: Components, name: String, tissue: VoxelMask?
  ) {
    let counts = builder.counts
    let values = [0] + counts.keys.sorted()
    let background = builder.extent.voxelCount - counts.values.reduce(0, +)
    let places = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, $0) })
    var (runs, foreground) = (builder.runs, builder.foreground)
    for index in runs.indices { runs[index].value = places[runs[index].value] ?? 0 }
    foreground.finish()
    extent = builder.extent
    self.name = name
    classes = values.map { LabelClass(value: $0, voxelCount: $0 == 0 ? background : counts[$0] ?? 0) }
    self.components = components
    self.runs = runs
    rowEnds = builder.rowEnds
    self.foreground = foreground
    self.tissue = tissue
  }

  private static func mask(
    of scan: any VolumeReader, above threshold: Double, over extent: Extent
  ) throws -> VoxelMask {
    try check(scan, named: "the scan", over: extent)
    var mask = VoxelMask(extent: extent)
    for region in scan.info.slabs(maximumBytes: 4 << 20) {
      func add(_ slab: some AnyVolume) { mask.add(slab.typed, channel: 0, above: threshold) }
      let slab: any AnyVolume =
        try scan.info.scaling == nil ? scan.readAny(region) : scan.readReal(region, as: Double.self)
      add(slab)
    }
    mask.finish()
    return mask
  }

  private static func check(_ reader: any VolumeReader, named name: String, over extent: Extent) throws {
    guard reader.info.extent != extent else { return }
    throw VoxtileError(
      .shapeMismatch,
      "\(name) is \(reader.info.extent), but the label map is \(extent); resample them to one grid",
      context: .init(expected: "\(extent)", found: "\(reader.info.extent)"))
  }
}
