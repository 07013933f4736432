/// The patches of a merge that unfinished slices still need, as they arrive in any order.
///
/// No sums are kept: a slice that is complete gathers its patches once.
struct HeldPatches {
  let grid: PatchGrid
  private let schedule: MergeSchedule
  private let settings: MergeSettings
  /// Values per voxel, known from the first patch on.
  private(set) var channels: Int?
  /// The type of the values, known from the first patch on.
  private(set) var scalarType: ScalarType?
  /// The patches at hand, by layer and place in the layer.
  private var layers: [Int: [(any AnyVolume)?]] = [:]
  private var arrivedInLayer: [Int]
  private var completeLayers = 0
  private var mergedSlices = 0
  /// Patches that no slice needs any more, whose memory can take others.
  private var spares: [any AnyVolume] = []

  init(of grid: PatchGrid, settings: MergeSettings) {
    self.grid = grid
    self.settings = settings
    schedule = MergeSchedule(grid)
    arrivedInLayer = [Int](repeating: 0, count: grid.counts.z)
    // Nobody waits for a patch that will not come.
    for index in settings.absentPatches { arrivedInLayer[grid[index].gridPosition.z] += 1 }
    countCompleteLayers()
  }

  private mutating func countCompleteLayers() {
    while completeLayers < arrivedInLayer.count, arrivedInLayer[completeLayers] == patchesInLayer {
      completeLayers += 1
    }
  }

  private var patchesInLayer: Int { grid.counts.x * grid.counts.y }

  /// Takes one patch.
  ///
  /// - Throws: as ``PatchMerger/add(_:at:)``; then nothing has changed.
  mutating func add(_ volume: some AnyVolume, at patch: Patch) throws(VoxtileError) {
    try check(volume, at: patch)
    let layer = patch.gridPosition.z
    let place = patch.gridPosition.y * grid.counts.x + patch.gridPosition.x
    if layer < completeLayers || layers[layer]?[place] != nil { throw .duplicatePatch(patch) }
    channels = volume.channels
    scalarType = volume.scalarType
    if layers[layer] == nil { layers[layer] = Array(repeating: nil, count: patchesInLayer) }
    layers[layer]?[place] = volume
    arrivedInLayer[layer] += 1
    countCompleteLayers()
  }

  private func check(_ volume: some AnyVolume, at patch: Patch) throws(VoxtileError) {
    guard grid.indices.contains(patch.index), grid[patch.index] == patch else {
      throw VoxtileError(
        .shapeMismatch, "\(patch) is not of the grid that is merged; use the patches of that grid")
    }
    guard !settings.absentPatches.contains(patch.index) else {
      throw VoxtileError(
        .duplicatePatch, "patch \(patch.index) was said to be absent; add it, or say so, but not both",
        context: .init(expected: "absent", found: "added"))
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
    if let scalarType, scalarType != volume.scalarType {
      throw VoxtileError(
        .typeMismatch,
        "patch \(patch.index) holds \(volume.scalarType.rawValue), but the patches before it "
          + "\(scalarType.rawValue); all patches must hold the same",
        context: .init(expected: scalarType.rawValue, found: volume.scalarType.rawValue))
    }
    guard settings.nan == .error else { return }
    let count = volume.typed.countNaN(in: patch.validInPatch)
    if count > 0 { throw .nanInPatch(patch.index, count: count) }
  }

  /// The slices that no patch to come can touch and that have not been merged yet.
  var readySlices: Range<Int> {
    mergedSlices..<max(mergedSlices, schedule.finishedSlices(afterLayers: completeLayers))
  }

  /// Makes sure that every patch has come.
  func checkComplete() throws(VoxtileError) {
    let missing = grid.count - arrivedInLayer.reduce(0, +)
    guard missing > 0 else { return }
    let examples = grid.indices.lazy.filter { index in
      let place = grid[index].gridPosition
      return place.z >= completeLayers && !settings.absentPatches.contains(index)
        && layers[place.z]?[place.y * grid.counts.x + place.x] == nil
    }.prefix(5)
    throw .missingPatches(missing, of: grid.count, examples: Array(examples))
  }

  /// The patches at hand.
  func parts<Value: VoxelScalar>(of type: Value.Type) -> PatchParts<Value> {
    PatchParts(
      layers.flatMap { layer, volumes in
        volumes.enumerated().compactMap { number, volume in
          guard let volume = volume as? Volume<Value> else { return nil }
          let (y, x) = number.quotientAndRemainder(dividingBy: grid.counts.x)
          let place = Position(x: x, y: y, z: layer)
          return (place, PlacedVolume(region: grid.patch(at: place).region, volume: volume))
        }
      })
  }

  /// Forgets the patches that only merged slices needed.
  ///
  /// - Parameter keepsMemory: whether their memory is kept for patches to come, as far as those will need it.
  mutating func didMerge(_ slices: Range<Int>, keepingMemory keepsMemory: Bool) {
    mergedSlices = slices.upperBound
    let needed = schedule.firstLayerNeeded(fromSlice: mergedSlices)
    let done = layers.filter { $0.key < needed }
    for layer in done.keys { layers[layer] = nil }
    guard keepsMemory else { return }
    let toCome = grid.count - arrivedInLayer.reduce(0, +)
    spares.append(contentsOf: done.values.joined().lazy.compactMap(\.self))
    spares.removeLast(max(0, spares.count - min(toCome, patchesInLayer)))
  }

  /// A patch that is merged, whose memory can take another one; `nil` where there is none of the type.
  mutating func takeSpent<Value: VoxelScalar>() -> Volume<Value>? {
    spares.last is Volume<Value> ? spares.popLast() as? Volume<Value> : nil
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

  /// A patch has NaN where none is allowed.
  package static func nanInPatch(_ index: Int, count: Int) -> VoxtileError {
    VoxtileError(
      .malformedFile,
      "patch \(index) has \(count == 1 ? "1 value that is" : "\(count) values that are") NaN",
      remedy: .chooseNaNPolicy, context: .init(expected: "no NaN", found: "\(count)"))
  }
}
