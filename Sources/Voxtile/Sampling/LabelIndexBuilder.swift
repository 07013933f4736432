/// Collects the runs of a label map row by row, with their components and counts.
struct LabelIndexBuilder: Sendable {
  let extent: Extent
  private(set) var runs: [LabelRun] = []
  private(set) var rowEnds: [Int] = []
  /// How many voxels each label other than 0 has.
  private(set) var counts: [Int: Int] = [:]
  private(set) var foreground: BrickSums
  private var finder: ComponentFinder
  private let memory: Int?

  /// The most different labels of a label map.
  private static let maxClasses = 1 << 16
  /// How many runs any image may have. A larger one may have one for each fourth voxel.
  private static let freeRuns = 1 << 22
  /// What a run, and a component with all that choosing patches keeps of it, take at most: measured.
  private static let (bytesOfRun, bytesOfComponent) = (96, 1_536)

  init(extent: Extent, options: LabelIndex.Options) {
    self.extent = extent
    memory = options.memory
    foreground = BrickSums(extent: extent)
    let settings = ComponentSettings(
      values: options.lesions, joinsValues: options.lesions != nil, connectivity: options.connectivity)
    finder = ComponentFinder(extent: extent, settings: settings, keepsMap: true)
  }

  /// Adds the next rows.
  mutating func add<Scalar>(_ slab: Volume<Scalar>) throws(VoxtileError) {
    for row in 0..<slab.extent.height * slab.extent.depth {
      let first = runs.count
      try LabelRun.append(
        ofRow: slab.voxels.span.extracting(row * extent.width..<(row + 1) * extent.width),
        includesZero: false, to: &runs)
      let (z, y) = rowEnds.count.quotientAndRemainder(dividingBy: extent.height)
      for run in runs[first...] {
        counts[run.value, default: 0] += run.x.count
        foreground.add(run.x, y: y, z: z)
      }
      try finder.add(rowOf: runs[first...])
      rowEnds.append(runs.count)
      try checkIsLabelMap()
      try checkMemory()
    }
  }

  /// Ends the index.
  consuming func finish(name: String, tissue: VoxelMask?) throws(VoxtileError) -> LabelIndex {
    let components = try finder.finish()
    return LabelIndex(self, components: components, name: name, tissue: tissue)
  }

  private func checkMemory() throws(VoxtileError) {
    guard let memory else { return }
    let needed = runs.count * Self.bytesOfRun + finder.heldCount * Self.bytesOfComponent
    guard needed > memory else { return }
    throw VoxtileError(
      .memoryTooLow,
      "the labels have so many parts that choosing patches takes more than the \(max(0, memory) >> 20) MiB that are left; allow more "
        + "memory, or remove small parts first",
      context: .init(expected: "<= \(memory) bytes", found: ">= \(needed) bytes", neededBytes: needed))
  }

  private func checkIsLabelMap() throws(VoxtileError) {
    let voxels = rowEnds.count * extent.width
    guard counts.count > Self.maxClasses || runs.count > max(Self.freeRuns, voxels / 4) else { return }
    throw VoxtileError(
      .malformedFile,
      "has \(counts.count) different labels in \(runs.count) runs after \(voxels) voxels; that is no label map, give labels "
        + "instead of the scan",
      context: .init(expected: "at most \(Self.maxClasses) labels", found: "\(counts.count)"))
  }
}
