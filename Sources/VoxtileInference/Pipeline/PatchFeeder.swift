import Synchronization
import Voxtile

/// Some patches on their way to the model.
struct PatchBatch: Sendable {
  /// The patches, in the order of the grid.
  let patches: [Patch]
  /// Their voxels as the model sees them; where it takes a fixed number of patches, the last one is repeated.
  let tensor: PatchTensor
  /// Patches that were skipped since the batch before.
  let skipped: [Patch]
}

/// How a scan is cut into batches of patches that the model sees.
struct PatchCutting: Sendable {
  /// The scan, and the box of it that is read.
  var source: ScanSource
  /// The box of the stored image that is predicted; smaller than the one that is read where patches have a margin.
  let box: Region
  /// The box of the stored image that was asked for, before it was widened to whole voxels of the output.
  let asked: Region
  /// How the model's image lies in the stored one.
  let frame: ModelFrame
  /// What the model predicts of each patch, over the model's image of the predicted box: patches without their margin.
  let modelGrid: PatchGrid
  /// The same over the stored image.
  let inner: PatchGrid
  /// The patches over the box that is read.
  let grid: PatchGrid
  /// How many patches the model sees at once.
  let batch: Int
  /// Whether the model takes no other batch.
  let isBatchFixed: Bool
}

/// Reads a scan, cuts its patches, normalizes them and turns them to the model's frame, a batch at a time.
struct PatchFeeder: Sendable {
  private let cutting: PatchCutting
  private let maps: [IntensityMap]
  private let skipBelow: Float?
  private var window: CropWindow<Float>
  private var group = -1
  private var waiting: ArraySlice<Patch> = []
  /// The numbers of the patches that are still to be cut, ascending; `nil` for all.
  private var chosen: ArraySlice<Int>?
  /// What was read before it was needed.
  private var ahead: PlacedVolume<Float>?

  init(_ cutting: PatchCutting, step: CropStep, maps: [IntensityMap], settings: InferenceSettings) {
    self.cutting = cutting
    self.maps = maps
    skipBelow = settings.skipBelow.map { Float($0) }
    window = CropWindow(grid: cutting.grid, step: step)
  }

  /// Reads at once what some groups need: a compressed scan would be read from its beginning again for each of them.
  ///
  /// - Parameter maxBytes: is not read where it takes more memory.
  mutating func readAhead(groups: Range<Int>, maxBytes: Int) throws {
    let box = window.box(neededBy: groups.clamped(to: 0..<window.groupCount))
    guard box.voxelCount * cutting.source.channels * 4 <= maxBytes else { return }
    ahead = PlacedVolume(region: box, volume: try cutting.source.read(box))
  }

  /// Leaves out the first layers of patches; none was cut yet.
  mutating func skip(layers: Int) {
    let first = layers * window.groupCount / cutting.grid.counts.z
    window.skip(toGroup: first)
    group = first - 1
  }

  /// Cuts only some patches; none was cut yet. What only others need is not read.
  ///
  /// - Parameter patches: their numbers, ascending.
  mutating func choose(_ patches: [Int]) { chosen = patches[...] }

  /// The next batch, or `nil` after the last patch.
  mutating func next() throws -> PatchBatch? {
    var patches: [Patch] = []
    var values: [[Float]] = []
    var skipped: [Patch] = []
    while patches.count < cutting.batch {
      guard let patch = waiting.first else {
        guard try advance() else { break }
        continue
      }
      // A batch has patches of one size, and the last one of an axis may be smaller.
      if let first = patches.first, first.region.extent != patch.region.extent { break }
      waiting = waiting.dropFirst()
      if let cut = cut(patch) {
        patches.append(patch)
        values.append(cut)
      } else {
        skipped.append(patch)
      }
    }
    guard let first = patches.first else {
      return skipped.isEmpty ? nil : PatchBatch(patches: [], tensor: Self.empty, skipped: skipped)
    }
    while cutting.isBatchFixed && values.count < cutting.batch { values.append(values[values.count - 1]) }
    let shape = [values.count, cutting.source.channels] + cutting.frame.shape(of: first.region.extent)
    let all = values.count == 1 ? values[0] : Array(values.joined())
    return PatchBatch(
      patches: patches, tensor: PatchTensor(shape: shape, values: all), skipped: skipped)
  }

  private static let empty = PatchTensor(shape: [1], values: [0])

  private mutating func advance() throws -> Bool {
    guard let next = nextGroup, next < window.groupCount else { return false }
    if next > group + 1 { window.skip(toGroup: next) }
    group = next
    let ahead = ahead
    try window.advance(to: group) { region in
      guard let ahead, ahead.region.intersection(region) == region else {
        return try cutting.source.read(region)
      }
      return ahead.volume[Region(origin: region.origin - ahead.region.origin, extent: region.extent)]
    }
    waiting = window.patches(inGroup: group)[...]
    if let chosen {
      let end = chosen.firstIndex { groupNumber(of: $0) > group } ?? chosen.endIndex
      let wanted = Set(chosen[..<end])
      waiting = waiting.filter { wanted.contains($0.index) }[...]
      self.chosen = chosen[end...]
    }
    return true
  }

  /// The next group of which a patch is cut; `nil` after the last one.
  private var nextGroup: Int? {
    guard let chosen else { return group + 1 }
    return chosen.first.map(groupNumber(of:))
  }

  /// The group that a patch is in.
  private func groupNumber(of patch: Int) -> Int { patch / (cutting.grid.count / window.groupCount) }

  /// One patch as the model sees it, or `nil` where it is skipped.
  private func cut(_ patch: Patch) -> [Float]? {
    let count = patch.region.voxelCount
    var values = [Float](unsetCount: count * cutting.source.channels)
    var span = values.mutableSpan
    window.cut(patch, into: &span)
    if let skipBelow, isBelow(skipBelow, span.span, patch) { return nil }
    for (channel, map) in maps.enumerated() {
      var part = span._mutatingExtracting(channel * count..<(channel + 1) * count)
      map.apply(to: &part)
    }
    refill(patch, &span)
    guard !cutting.frame.isIdentity else { return values }
    let walk = cutting.frame.walk(over: patch.region.extent)
    var turned = [Float](unsetCount: values.count)
    for channel in 0..<cutting.source.channels {
      let range = channel * count..<(channel + 1) * count
      var target = turned.mutableSpan
      var part = target._mutatingExtracting(range)
      walk.read(values.span.extracting(range), to: &part)
    }
    return turned
  }

  /// Whether all voxels of a patch that the image has are below a value.
  private func isBelow(_ limit: Float, _ values: Span<Float>, _ patch: Patch) -> Bool {
    var isBelow = true
    forEachRow(of: patch, inside: true) { range in
      guard isBelow else { return }
      for index in range where !(values[index] < limit) { isBelow = false }
    }
    return isBelow
  }

  /// Sets the voxels outside the image to the padding's constant, which counts after the normalization.
  private func refill(_ patch: Patch, _ values: inout MutableSpan<Float>) {
    guard case .constant(let constant) = patch.padding, patch.valid != patch.region else { return }
    var ranges: [Range<Int>] = []
    forEachRow(of: patch, inside: false) { ranges.append($0) }
    for range in ranges {
      for index in range { values[index] = Float(constant) }
    }
  }

  /// Calls a body with the parts of a patch's rows that are inside the image, or outside of it.
  private func forEachRow(of patch: Patch, inside: Bool, _ body: (Range<Int>) -> Void) {
    let (region, valid) = (patch.region, patch.valid)
    let width = region.extent.width
    for plane in 0..<cutting.source.channels * region.extent.depth {
      let z = region.origin.z + plane % region.extent.depth
      for row in 0..<region.extent.height {
        let start = (plane * region.extent.height + row) * width
        let isRowValid = valid.z.contains(z) && valid.y.contains(region.origin.y + row)
        let first = start + valid.x.lowerBound - region.x.lowerBound
        let columns = isRowValid ? first..<first + valid.extent.width : start..<start
        if inside {
          body(columns)
        } else {
          body(start..<columns.lowerBound)
          body(columns.upperBound..<start + width)
        }
      }
    }
  }
}

/// A feeder that is asked by one thread after another.
final class SharedFeeder: Sendable {
  private let feeder: Mutex<PatchFeeder>

  init(_ feeder: PatchFeeder) { self.feeder = Mutex(feeder) }

  /// Leaves out the first layers of patches.
  func skip(layers: Int) { feeder.withLock { $0.skip(layers: layers) } }

  /// Cuts only some patches.
  func choose(_ patches: [Int]) { feeder.withLock { $0.choose(patches) } }

  /// The next batch, or `nil` after the last patch.
  func next() throws -> PatchBatch? { try feeder.withLock { try $0.next() } }
}
