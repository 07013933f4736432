/// The voxels of an image that its patches need just now, when the image is not in memory.
///
/// Patches are cut in groups. The window reads what a group needs and forgets what no later one does:
///
///     var window = CropWindow<Float>(grid: grid)
///     for group in 0..<window.groupCount {
///       try window.advance(to: group) { region in try read(region) }
///       for patch in window.patches(inGroup: group) { use(window[patch]) }
///     }
///
/// With ``CropStep/layer`` it reads whole slices, each once and in ascending order, which suits a compressed file, and
/// holds at most one patch depth and one stride of them (where a padding takes voxels from the far side, as
/// ``Padding/wrap`` does, as many as that needs). With the smaller steps it holds less and reads shared voxels
/// again.
public struct CropWindow<Scalar: VoxelScalar>: Sendable {
  /// The grid whose patches are cut.
  public let grid: PatchGrid
  /// What is cut at a time.
  public let step: CropStep
  /// What each patch along an axis is made from.
  private let needed: PerAxis<[Range<Int>]>
  /// For each layer, the first slice that it or a later one needs.
  private let firstSliceStillNeeded: [Int]
  private var parts: [PlacedVolume<Scalar>] = []
  private var nextSlice = 0
  private var group = -1

  /// Creates a window that has read nothing yet.
  public init(grid: PatchGrid, step: CropStep = .layer) {
    self.grid = grid
    self.step = step
    needed = grid.axes.map { _, tiling in
      tiling.starts.indices.map { patch in
        grid.settings.padding.sources(of: tiling.range(at: patch), length: tiling.length)
      }
    }
    var first = grid.extent.depth
    firstSliceStillNeeded = needed.z.reversed().map { range in
      first = min(first, range.lowerBound)
      return first
    }.reversed()
  }

  /// The number of groups.
  public var groupCount: Int {
    switch step {
    case .layer: grid.counts.z
    case .row: grid.counts.z * grid.counts.y
    case .patch: grid.count
    }
  }

  /// The patches of a group, x before y.
  public func patches(inGroup group: Int) -> [Patch] {
    switch step {
    case .layer:
      return (0..<grid.counts.y).flatMap { y in row(y, ofLayer: group) }
    case .row:
      let (z, y) = group.quotientAndRemainder(dividingBy: grid.counts.y)
      return row(y, ofLayer: z)
    case .patch:
      return [grid.patch(at: PatchOrder.xFastest.position(of: group, counts: grid.counts))]
    }
  }

  /// The largest number of voxels (times channels) that are in memory at the same time.
  ///
  /// - Complexity: O(patches along the three axes).
  public var largestVoxelCount: Int {
    func largest(_ axis: Axis) -> Int { needed[axis].map(\.count).max() ?? 0 }
    switch step {
    case .layer: return largestSliceCount * grid.extent.width * grid.extent.height
    case .row: return grid.extent.width * largest(.y) * largest(.z)
    case .patch: return largest(.x) * largest(.y) * largest(.z)
    }
  }

  /// The largest number of slices that are held at the same time, when layers are cut.
  private var largestSliceCount: Int {
    var most = 0
    var held: [Range<Int>] = []
    var next = 0
    for layer in needed.z.indices {
      held.removeAll { $0.upperBound <= firstSliceStillNeeded[layer] }
      let end = needed.z[layer].upperBound
      if end > next { held.append(next..<end) }
      next = max(next, end)
      most = max(most, held.reduce(0) { $0 + $1.count })
    }
    return most
  }

  /// Leaves out the groups before one.
  ///
  /// - Precondition: that one was not advanced to.
  package mutating func skip(toGroup group: Int) {
    precondition(
      group > self.group && group < groupCount,
      "group \(group) of \(groupCount) cannot come after group \(self.group)")
    self.group = group - 1
    guard step == .layer else { return }
    let first = firstSliceStillNeeded[group]
    parts.removeAll { $0.region.z.upperBound <= first }
    nextSlice = max(nextSlice, first)
  }

  /// Reads what a group needs and forgets what only earlier groups needed.
  ///
  /// - Parameters:
  ///   - group: the next group, one more than the one before.
  ///   - read: reads one box of the image, all channels; called at most once.
  /// - Throws: what `read` throws, and ``VoxtileError/Code-swift.struct/shapeMismatch`` where it gives another shape.
  public mutating func advance(
    to group: Int, read: (Region) throws -> Volume<Scalar>
  ) throws {
    precondition(
      group == self.group + 1 && group < groupCount,
      "group \(group) does not follow group \(self.group) of \(groupCount)")
    self.group = group
    var region = box(neededBy: group)
    if step == .layer {
      let first = firstSliceStillNeeded[group]
      parts.removeAll { $0.region.z.upperBound <= first }
      guard region.z.upperBound > nextSlice else { return }
      region = Region(x: region.x, y: region.y, z: nextSlice..<region.z.upperBound)
      nextSlice = region.z.upperBound
    } else {
      parts = []
    }
    let volume = try read(region)
    guard volume.extent == region.extent,
      parts.allSatisfy({ $0.volume.channels == volume.channels })
    else {
      throw VoxtileError(
        .shapeMismatch, "\(region) was to be read, but \(volume.extent) came",
        context: .init(expected: "\(region.extent)", found: "\(volume.extent)"))
    }
    parts.append(PlacedVolume(region: region, volume: volume))
  }

  /// Cuts one patch of the group that the window has advanced to.
  ///
  /// - Precondition: the patch belongs to that group.
  public subscript(patch: Patch) -> Volume<Scalar> {
    let channels = parts.first?.volume.channels ?? 1
    var voxels = [Scalar](unsetCount: patch.region.voxelCount * channels)
    var span = voxels.mutableSpan
    cut(patch, into: &span)
    let image = parts.first.map { $0.volume.metadata.ofImage(whosePartStartsAt: $0.region.origin) }
    return Volume(
      checked: patch.region.extent, channels: channels, voxels: voxels,
      metadata: (image ?? VolumeMetadata()).moved(to: patch.region.origin))
  }

  /// Cuts one patch of the group that the window has advanced to into memory of the caller's.
  ///
  /// - Parameter target: as many values as the patch has voxels times channels, of shape
  ///   `(channels, depth, height, width)`.
  /// - Precondition: the patch belongs to that group.
  package func cut(_ patch: Patch, into target: inout MutableSpan<Scalar>) {
    precondition(number(of: patch) == group, "\(patch) is not in group \(group)")
    BoxCutter(image: grid.extent, region: patch.region, padding: patch.padding)
      .cut(from: parts, into: &target)
  }

  private func row(_ y: Int, ofLayer z: Int) -> [Patch] {
    (0..<grid.counts.x).map { x in grid.patch(at: Position(x: x, y: y, z: z)) }
  }

  private func number(of patch: Patch) -> Int {
    let place = patch.gridPosition
    switch step {
    case .layer: return place.z
    case .row: return place.z * grid.counts.y + place.y
    case .patch: return PatchOrder.xFastest.index(of: place, counts: grid.counts)
    }
  }

  /// The smallest box of the image that holds what some groups need.
  ///
  /// - Precondition: there is a group.
  package func box(neededBy groups: Range<Int>) -> Region {
    groups.dropFirst().reduce(box(neededBy: groups.lowerBound)) { $0.union(box(neededBy: $1)) }
  }

  /// The box of the image that a group needs.
  private func box(neededBy group: Int) -> Region {
    let (width, height) = (0..<grid.extent.width, 0..<grid.extent.height)
    switch step {
    case .layer:
      return Region(x: width, y: height, z: needed.z[group])
    case .row:
      let (z, y) = group.quotientAndRemainder(dividingBy: grid.counts.y)
      return Region(x: width, y: needed.y[y], z: needed.z[z])
    case .patch:
      let place = PatchOrder.xFastest.position(of: group, counts: grid.counts)
      return Region(x: needed.x[place.x], y: needed.y[place.y], z: needed.z[place.z])
    }
  }
}

/// What a ``CropWindow`` cuts at a time.
@nonexhaustive
public enum CropStep: CaseIterable, Hashable, Sendable {
  /// All patches that start at the same slice.
  case layer
  /// All patches that start at the same slice and row.
  case row
  /// One patch.
  case patch
}
