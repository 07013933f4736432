/// What is known so far of which objects are the same, as the boxes of an image come one after another.
package struct InstanceMatching: Sendable {
  let plan: MergePlan
  private let settings: InstanceSettings
  /// What the pairs of patches share whose boxes are not complete.
  private var open: [PatchPair: SharedLabels] = [:]
  private var sets = InstanceSets()
  private var unjoinedCount = 0

  /// Begins with an image of which nothing is known.
  ///
  /// - Throws: as ``InstanceMatcher/init(grid:settings:)``.
  package init(grid: PatchGrid, settings: InstanceSettings) throws(VoxtileError) {
    try settings.check(for: grid)
    self.settings = settings
    plan = try MergePlan(
      grid: grid,
      settings: MergeSettings(blend: .center, absentPatches: settings.absentPatches, jobs: settings.jobs))
  }

  /// The patches over a box of the image that are compared in it, and the part of each that the box needs.
  package func parts(over region: Region) -> [(patch: Patch, part: Region)] {
    let places = plan.pairs(over: region).flatMap { [$0.first, $0.second] }
    return Set(places).map { plan.grid.patch(at: $0) }.sorted { $0.index < $1.index }.map { patch in
      (patch, patch.valid.intersection(region))
    }
  }

  /// Looks at the next box of the image.
  ///
  /// - Parameters:
  ///   - region: the box. Boxes are whole slices, or whole rows of one slice, and come in the order of the voxels.
  ///   - read: gives one part of a patch, in image coordinates; called once for each of ``parts(over:)``, from several threads.
  /// - Throws: as ``InstanceMatcher/add(_:at:)``, and what `read` throws.
  package mutating func add<Value: VoxelScalar>(
    _ region: Region, of type: Value.Type,
    read: @Sendable (_ patch: Patch, _ part: Region) throws -> Volume<Value>
  ) throws {
    let needed = parts(over: region)
    let found = try settings.jobs.mapThrowing(needed.count) { index in
      let (patch, part) = needed[index]
      let volume = try read(patch, part)
      try volume.checkInstances(of: patch, in: Region(part.extent))
      return (place: patch.gridPosition, part: PlacedVolume(region: part, volume: volume))
    }
    try add(PatchParts(found), over: region)
  }

  /// Looks at the next box of the image, whose values have been checked.
  mutating func add<Value: VoxelScalar>(
    _ parts: PatchParts<Value>, over region: Region
  ) throws(VoxtileError) {
    let pairs = plan.pairs(over: region)
    let extent = plan.grid.extent
    let counted = settings.jobs.map(pairs.count) { index in
      var shared = SharedLabels()
      shared.add(pairs[index], parts, in: region, of: extent)
      return shared
    }
    for (pair, shared) in zip(pairs, counted) { open[pair, default: SharedLabels()].add(shared) }
    try checkTables()
    guard region.y.upperBound == extent.height else { return }
    for (pair, shared) in open where pair.box.z.upperBound <= region.z.upperBound {
      open[pair] = nil
      let matches = shared.matches(leastIoU: settings.leastIoU)
      unjoinedCount += matches.unjoinedCount
      let (first, second) = (plan.grid.patch(at: pair.first), plan.grid.patch(at: pair.second))
      for labels in matches.joined {
        try sets.join(
          .init(patch: first.index, label: labels.first), .init(patch: second.index, label: labels.second))
      }
    }
    try checkTables()
  }

  /// Makes sure that the tables are not larger than they may be.
  private func checkTables() throws(VoxtileError) {
    guard let limit = settings.tableBytes else { return }
    let bytes = sets.byteCount + open.values.reduce(0) { $0 + $1.count * SharedLabels.bytesPerPair }
    if bytes > limit { throw .tooManyObjects(bytes: bytes, limit: limit) }
  }

  /// What the objects are called, after all boxes have come.
  package func numbering() -> InstanceNumbering {
    InstanceNumbering(
      grid: plan.grid, sets: sets, settings: settings, unjoinedPairs: unjoinedCount)
  }
}

extension SharedLabels {
  /// Counts what two patches share in a box of the image.
  fileprivate mutating func add<Value: VoxelScalar>(
    _ pair: PatchPair, _ parts: PatchParts<Value>, in region: Region, of extent: Extent
  ) {
    let box = pair.box.intersection(region)
    let (first, second) = (parts[pair.first], parts[pair.second])
    for z in box.z {
      for y in box.y {
        let start = Position(x: box.x.lowerBound, y: y, z: z)
        let (a, b) = (first.offset(of: start, channel: 0), second.offset(of: start, channel: 0))
        countShared(
          first.volume.voxels.span.extracting(a..<a + box.x.count),
          second.volume.voxels.span.extracting(b..<b + box.x.count),
          firstVoxel: (z * extent.height + y) * extent.width + start.x, into: &self)
      }
    }
  }
}

extension VoxtileError {
  static func tooManyObjects(bytes: Int, limit: Int) -> VoxtileError {
    VoxtileError(
      .memoryTooLow,
      "the patches have so many objects that their tables need more than the \(limit >> 10) KiB set aside; allow more memory",
      context: .init(expected: "<= \(limit) bytes", found: "\(bytes) bytes", neededBytes: bytes))
  }
}
