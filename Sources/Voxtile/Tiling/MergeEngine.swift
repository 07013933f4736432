/// The streaming merge: takes patches in any order, says which slices are complete, and merges those.
///
/// It holds the patches that unfinished slices still need, and no sums: a complete slice gathers its
/// patches once. ``PatchMerger`` and ``SlabMerger`` differ only in where the slices go.
struct MergeEngine<Scalar: VoxelScalar> {
  let plan: MergePlan
  let jobs: Jobs
  /// Values a voxel and their type, known from the first patch on.
  private(set) var channels: Int?
  private var valueType: ScalarType?
  /// The patches at hand, by layer and place in the layer.
  private var layers: [Int: [(any AnyVolume)?]] = [:]
  private var arrivedInLayer: [Int]
  private var completeLayers = 0
  private var mergedSlices = 0

  init(grid: PatchGrid, blend: Blend, fill: Double, jobs: Jobs) throws(VoxtileError) {
    plan = try MergePlan(grid: grid, blend: blend, fill: fill)
    self.jobs = jobs
    arrivedInLayer = [Int](repeating: 0, count: grid.counts.z)
  }

  private var patchesInLayer: Int { plan.grid.counts.x * plan.grid.counts.y }

  /// Takes one patch.
  mutating func add(_ volume: any AnyVolume, at patch: Patch) throws(VoxtileError) {
    try check(volume, at: patch)
    let layer = patch.gridPosition.z
    let place = patch.gridPosition.y * plan.grid.counts.x + patch.gridPosition.x
    if layer < completeLayers || layers[layer]?[place] != nil { throw .duplicatePatch(patch) }
    channels = volume.channels
    valueType = volume.scalarType
    if layers[layer] == nil { layers[layer] = Array(repeating: nil, count: patchesInLayer) }
    // The gathering knows volumes only, whatever else conforms.
    func typed(_ volume: some AnyVolume) -> any AnyVolume { volume.typed }
    layers[layer]?[place] = typed(volume)
    arrivedInLayer[layer] += 1
    while completeLayers < arrivedInLayer.count, arrivedInLayer[completeLayers] == patchesInLayer {
      completeLayers += 1
    }
  }

  private func check(_ volume: any AnyVolume, at patch: Patch) throws(VoxtileError) {
    guard plan.grid.indices.contains(patch.index), plan.grid[patch.index] == patch else {
      throw VoxtileError(
        .shapeMismatch, "\(patch) is not of the grid that is merged; use the patches of that grid")
    }
    guard volume.extent == patch.region.extent else {
      throw VoxtileError(
        .shapeMismatch,
        "patch \(patch.index) should be \(patch.region.extent) voxels, but it is \(volume.extent)",
        context: .init(expected: "\(patch.region.extent)", found: "\(volume.extent)"))
    }
    if let channels, channels != volume.channels {
      throw VoxtileError(
        .shapeMismatch,
        "patch \(patch.index) has \(volume.channels) channels, but the patches before it have "
          + "\(channels); all patches must have as many",
        context: .init(expected: "\(channels)", found: "\(volume.channels)"))
    }
    if let valueType, valueType != volume.scalarType {
      throw VoxtileError(
        .typeMismatch,
        "patch \(patch.index) holds \(volume.scalarType.rawValue), but the patches before it "
          + "\(valueType.rawValue); all patches must hold the same",
        context: .init(expected: valueType.rawValue, found: volume.scalarType.rawValue))
    }
  }

  /// The slices that no patch to come can touch and that have not been merged yet.
  var readySlices: Range<Int> {
    mergedSlices..<max(mergedSlices, plan.finishedSlices(afterLayers: completeLayers))
  }

  /// Makes sure that every patch has come.
  func checkComplete() throws(VoxtileError) {
    let missing = plan.grid.count - arrivedInLayer.reduce(0, +)
    guard missing > 0 else { return }
    var examples: [Int] = []
    for index in plan.grid.indices where examples.count < 5 {
      let place = plan.grid[index].gridPosition
      let isHere =
        place.z < completeLayers
        || layers[place.z]?[place.y * plan.grid.counts.x + place.x] != nil
      if !isHere { examples.append(index) }
    }
    throw .missingPatches(missing, of: plan.grid.count, examples: examples)
  }

  /// Merges the ready slices into memory and forgets the patches that no other slice needs.
  ///
  /// - Parameters:
  ///   - slices: the ready slices.
  ///   - output: memory of shape `(channels, depth, height, width)`.
  ///   - firstSlice: the slice of the image with which that memory starts.
  mutating func merge(
    _ slices: Range<Int>, into output: UnsafeMutableBufferPointer<Scalar>, firstSlice: Int
  ) {
    if let type = valueType?.type {
      gather(slices, of: type, into: output, firstSlice: firstSlice)
    }
    mergedSlices = slices.upperBound
    let needed = plan.firstLayerNeeded(fromSlice: mergedSlices)
    layers = layers.filter { $0.key >= needed }
  }

  private func gather<Value: VoxelScalar>(
    _ slices: Range<Int>, of type: Value.Type, into output: UnsafeMutableBufferPointer<Scalar>,
    firstSlice: Int
  ) {
    guard let channels, !slices.isEmpty else { return }
    let extent = plan.grid.extent
    let parts = layers.flatMap { layer, volumes in
      volumes.enumerated().compactMap { number, volume -> PatchPart<Value>? in
        guard let volume = volume as? Volume<Value> else { return nil }
        let (y, x) = number.quotientAndRemainder(dividingBy: plan.grid.counts.x)
        let patch = plan.grid.patch(at: Position(x: x, y: y, z: layer))
        return PatchPart(patch: patch, region: patch.region, volume: volume)
      }
    }
    plan.merge(
      Region(x: 0..<extent.width, y: 0..<extent.height, z: slices), channels: channels,
      from: PatchParts(parts), into: output, firstSlice: firstSlice, jobs: jobs)
  }
}

extension VoxtileError {
  static func duplicatePatch(_ patch: Patch) -> VoxtileError {
    VoxtileError(
      .duplicatePatch, "patch \(patch.index) was added before; add every patch once",
      context: .init(expected: "once", found: "twice"))
  }

  static func missingPatches(_ missing: Int, of count: Int, examples: [Int]) -> VoxtileError {
    let numbers = examples.map(String.init).joined(separator: ", ")
    return VoxtileError(
      .missingPatch,
      "\(missing) of \(count) patches were never added (\(numbers)\(missing > examples.count ? ", ..." : "")); "
        + "add every patch of the grid before finishing",
      context: .init(expected: "\(count)", found: "\(count - missing)"))
  }

  static var mergerFinished: VoxtileError {
    VoxtileError(
      .mergerFinished, "the merger has been finished, or has failed; start another one")
  }
}
