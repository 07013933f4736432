/// The patches of a merge that unfinished slices still need, as they arrive in any order.
///
/// No sums are kept: a box of the image whose patches are all there gathers them once. Boxes are whole slices; or some rows of slices
/// whose last layer is just coming.
struct HeldPatches {
  let grid: PatchGrid
  private let schedule: MergeSchedule
  private let settings: MergeSettings
  /// Values per voxel, known from the first patch on.
  private(set) var channels: Int?
  /// The type of the values, known from the first patch on.
  private(set) var scalarType: ScalarType?
  /// The patches at hand, by layer and place in the layer.
  private(set) var layers: [Int: [(any AnyVolume)?]] = [:]
  /// How many patches of each row of the grid have come, layer by layer.
  private var arrivedInRows: [Int]
  private var arrived = 0
  /// The layers of which all patches have come, from the first on, and the rows of the layer after them.
  private var (completeLayers, completeRows) = (0, 0)
  /// The slices that are merged, from the first on.
  private var mergedSlices = 0
  /// What is merged of further slices.
  private var band: Band?
  /// Patches that are merged, whose memory can take others.
  private var spares: [any AnyVolume] = []

  /// Slices of which some rows are merged, though a layer over them is not complete.
  ///
  /// A picture of 100 rows in patches of 40 that overlap by 10, which begin at rows 0, 30 and 60: when the first two rows of the grid
  /// are complete, no patch to come touches rows 0 to 59. They are merged (`rows` is 60), and the patches of the first row of the
  /// grid, which end at row 39, go (`doneRows` is 1).
  private struct Band {
    /// The layer.
    let layer: Int
    let slices: Range<Int>
    /// The rows that are merged, from the first on.
    var rows: Int
    /// The rows of the grid whose voxels in these slices are all merged, from the first on.
    var doneRows: Int
  }

  init(of grid: PatchGrid, settings: MergeSettings) {
    self.grid = grid
    self.settings = settings
    schedule = MergeSchedule(grid)
    arrivedInRows = [Int](repeating: 0, count: grid.counts.z * grid.counts.y)
    // Nobody waits for a patch that will not come.
    for index in settings.absentPatches { count(grid[index].gridPosition) }
    countCompleteRows()
  }

  private mutating func count(_ place: Position) {
    arrivedInRows[place.z * grid.counts.y + place.y] += 1
    arrived += 1
  }

  private mutating func countCompleteRows() {
    while completeLayers < grid.counts.z,
      arrivedInRows[completeLayers * grid.counts.y + completeRows] == grid.counts.x
    {
      completeRows += 1
      if completeRows == grid.counts.y { (completeLayers, completeRows) = (completeLayers + 1, 0) }
    }
  }

  /// Whether all patches of the row in which a patch lies have come; they may be merged and gone.
  private func isInCompleteRow(_ place: Position) -> Bool {
    (place.z, place.y) < (completeLayers, completeRows)
  }

  private var patchesInLayer: Int { grid.counts.x * grid.counts.y }

  /// Takes one patch.
  ///
  /// - Throws: as ``PatchMerger/add(_:at:)``; then nothing has changed.
  mutating func add(_ volume: some AnyVolume, at patch: Patch) throws(VoxtileError) {
    try check(volume, at: patch)
    let layer = patch.gridPosition.z
    let place = patch.gridPosition.y * grid.counts.x + patch.gridPosition.x
    if isInCompleteRow(patch.gridPosition) || layers[layer]?[place] != nil { throw .duplicatePatch(patch) }
    channels = volume.channels
    scalarType = volume.scalarType
    if layers[layer] == nil { layers[layer] = Array(repeating: nil, count: patchesInLayer) }
    layers[layer]?[place] = volume
    count(patch.gridPosition)
    countCompleteRows()
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

  /// A box that no patch to come can touch and that has not been merged yet; `nil` where there is none. It has all columns, and
  /// all rows or further rows of the slices of the box before.
  ///
  /// - Parameter least: the fewest voxels for which it is worth not to wait for all rows of the slices.
  func readyBox(ofAtLeast least: Int) -> Region? {
    let extent = grid.extent
    let end = schedule.finishedSlices(afterLayers: completeLayers)
    if band == nil && end > mergedSlices {
      return Region(x: 0..<extent.width, y: 0..<extent.height, z: mergedSlices..<end)
    }
    // Rows are merged of the slices that the layer finishes whose patches are coming.
    let layer = band?.layer ?? completeLayers
    guard layer < grid.counts.z else { return nil }
    let isComplete = layer < completeLayers
    let first = band?.rows ?? 0
    let rows = isComplete ? extent.height : schedule.finishedRows(afterGridRows: completeRows)
    let slices =
      band?.slices ?? mergedSlices..<max(mergedSlices, schedule.finishedSlices(afterLayers: layer + 1))
    let box = Region(x: 0..<extent.width, y: first..<max(first, rows), z: slices)
    return box.voxelCount >= (isComplete ? 1 : max(1, least)) ? box : nil
  }

  /// Makes sure that every patch has come.
  func checkComplete() throws(VoxtileError) {
    let missing = grid.count - arrived
    guard missing > 0 else { return }
    let examples = grid.indices.lazy.filter { index in
      let place = grid[index].gridPosition
      return !isInCompleteRow(place) && !settings.absentPatches.contains(index)
        && layers[place.z]?[place.y * grid.counts.x + place.x] == nil
    }.prefix(5)
    throw .missingPatches(missing, of: grid.count, examples: Array(examples))
  }

  /// The patches at hand that have something of a box with all columns.
  func parts<Value: VoxelScalar>(of type: Value.Type, over box: Region) -> PatchParts<Value> {
    let gridRows = (0..<grid.counts.y).filter { schedule.rows(ofGridRow: $0).overlaps(box.y) }
    return PatchParts(
      layers.filter { schedule.slices(ofLayer: $0.key).overlaps(box.z) }.flatMap { layer, volumes in
        gridRows.flatMap { y in
          (0..<grid.counts.x).compactMap { x in
            guard let volume = volumes[y * grid.counts.x + x] as? Volume<Value> else { return nil }
            let place = Position(x: x, y: y, z: layer)
            return (place, PlacedVolume(region: grid.patch(at: place).region, volume: volume))
          }
        }
      })
  }

  /// Forgets the patches that only what is merged needed.
  ///
  /// - Parameters:
  ///   - box: what is merged, as ``readyBox(ofAtLeast:)`` gave it.
  ///   - keepsMemory: whether their memory is kept for patches to come, as far as those will need it.
  mutating func didMerge(_ box: Region, keepingMemory keepsMemory: Bool) {
    let needed = schedule.firstLayerNeeded(fromSlice: box.z.upperBound)
    let done: [any AnyVolume]
    if box.y.upperBound == grid.extent.height {
      mergedSlices = box.z.upperBound
      band = nil
      done = layers.keys.filter { $0 < needed }.flatMap { layers.removeValue(forKey: $0) ?? [] }.compactMap(
        \.self)
    } else {
      var next = band ?? Band(layer: completeLayers, slices: box.z, rows: 0, doneRows: 0)
      let first = next.doneRows
      next.rows = box.y.upperBound
      while next.doneRows < grid.counts.y, schedule.rows(ofGridRow: next.doneRows).upperBound <= next.rows {
        next.doneRows += 1
      }
      band = next
      let places = first * grid.counts.x..<next.doneRows * grid.counts.x
      done = layers.keys.filter { $0 < needed }.flatMap { take(places, ofLayer: $0) }
    }
    guard keepsMemory else { return }
    spares.append(contentsOf: done)
    spares.removeLast(max(0, spares.count - min(grid.count - arrived, patchesInLayer)))
  }

  /// Takes some patches of a layer out.
  private mutating func take(_ places: Range<Int>, ofLayer layer: Int) -> [any AnyVolume] {
    places.compactMap { place in
      defer { layers[layer]?[place] = nil }
      return layers[layer]?[place]
    }
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
