/// The slices of an image that its patches need just now, when the image is read slab by slab.
///
/// Patches are cut layer by layer: a layer is all the patches that start at the same slice. The window
/// reads each slice once, in ascending order, and forgets it as soon as no later layer needs it.
///
///     var window = SlabWindow<Float>(grid: grid)
///     for layer in 0..<window.layerCount {
///       try window.advance(to: layer) { slices in try read(slices) }
///       for patch in window.patches(inLayer: layer) { use(window[patch]) }
///     }
///
/// At most one patch depth and one stride of slices are held at a time; where a padding takes voxels
/// from the far side (``Padding/wrap``), as many as that needs.
public struct SlabWindow<Scalar: VoxelScalar>: Sendable {
  /// The grid whose patches are cut.
  public let grid: PatchGrid
  private let needed: [Range<Int>]
  private var slabs: [Slab<Scalar>] = []
  private var nextSlice = 0
  private var layer = -1

  /// Creates a window that has read nothing yet.
  public init(grid: PatchGrid) {
    self.grid = grid
    needed = (0..<grid.counts.z).map { layer in
      let patch = grid.patch(at: Position(x: 0, y: 0, z: layer))
      return BoxCutter(image: grid.extent, region: patch.region, padding: patch.padding).neededSlices
    }
  }

  /// The number of layers, one for each start along z.
  public var layerCount: Int { needed.count }

  /// The largest number of slices that are in memory at the same time.
  public var largestSliceCount: Int {
    var largest = 0
    var held: [Range<Int>] = []
    var next = 0
    for layer in needed.indices {
      held.removeAll { $0.upperBound <= firstSliceStillNeeded(from: layer) }
      if needed[layer].upperBound > next { held.append(next..<needed[layer].upperBound) }
      next = max(next, needed[layer].upperBound)
      largest = max(largest, held.reduce(0) { $0 + $1.count })
    }
    return largest
  }

  /// Reads what a layer needs and forgets what only earlier layers needed.
  ///
  /// - Parameters:
  ///   - layer: the next layer, one more than the one before.
  ///   - read: reads consecutive slices of the image, all channels; called at most once, with the
  ///     slice after the last one read first.
  /// - Throws: what `read` throws, and ``VoxtileError/Code-swift.struct/shapeMismatch`` where it gives another shape.
  public mutating func advance(
    to layer: Int, read: (Range<Int>) throws -> Volume<Scalar>
  ) throws {
    precondition(layer == self.layer + 1 && layer < layerCount, "layers are cut one after another")
    self.layer = layer
    let first = firstSliceStillNeeded(from: layer)
    slabs.removeAll { $0.slices.upperBound <= first }
    guard needed[layer].upperBound > nextSlice else { return }
    let slices = nextSlice..<needed[layer].upperBound
    let volume = try read(slices)
    let expected = Extent(
      width: grid.extent.width, height: grid.extent.height, depth: slices.count)
    guard volume.extent == expected, slabs.allSatisfy({ $0.volume.channels == volume.channels })
    else {
      throw VoxtileError(
        .shapeMismatch, "slices \(slices) should be \(expected), but \(volume.extent) was read",
        context: .init(expected: "\(expected)", found: "\(volume.extent)"))
    }
    slabs.append(Slab(slices: slices, volume: volume))
    nextSlice = slices.upperBound
  }

  /// The patches of a layer, x before y.
  public func patches(inLayer layer: Int) -> [Patch] {
    (0..<grid.counts.y).flatMap { y in
      (0..<grid.counts.x).map { x in grid.patch(at: Position(x: x, y: y, z: layer)) }
    }
  }

  /// Cuts one patch of the layer that the window has advanced to.
  ///
  /// - Precondition: the patch belongs to that layer.
  public subscript(patch: Patch) -> Volume<Scalar> {
    precondition(patch.gridPosition.z == layer, "\(patch) is not in layer \(layer)")
    let channels = slabs.first?.volume.channels ?? 1
    var voxels = [Scalar](unsetCount: patch.region.voxelCount * channels)
    var span = voxels.mutableSpan
    BoxCutter(image: grid.extent, region: patch.region, padding: patch.padding)
      .cut(from: slabs, into: &span)
    let origin = slabs.first.map { slab in
      slab.volume.metadata.moved(to: Position(x: 0, y: 0, z: -slab.slices.lowerBound))
    }
    return Volume(
      checked: patch.region.extent, channels: channels, voxels: voxels,
      metadata: (origin ?? VolumeMetadata()).moved(to: patch.region.origin))
  }

  private func firstSliceStillNeeded(from layer: Int) -> Int {
    needed[layer...].map(\.lowerBound).min() ?? grid.extent.depth
  }
}
