import Voxtile

/// How the image that a model sees lies in the image as it is stored.
///
/// The model's image has axes x, y, z of its own: the stored ones, turned to the orientation that the model
/// was trained in. Its tensors list them in one order or the other. Grid and merge stay with the stored image, so
/// that it can be read and written slice by slice; only patches are turned, on their way to the model and back.
struct ModelFrame: Hashable, Sendable {
  /// For each axis of the model's image, the stored axis.
  let axes: PerAxis<Axis>
  /// For each axis of the model's image, whether it runs against the stored one.
  let isFlipped: PerAxis<Bool>
  /// The axes of the model's image that its tensors have, slowest first.
  let dimensions: [Axis]

  /// Creates a frame.
  ///
  /// - Parameters:
  ///   - stored: the orientation of the image as it is stored.
  ///   - orientation: that of the model's image; `nil` for the stored one.
  ///   - order: the order of the dimensions of its tensors.
  ///   - rank: the number of spatial dimensions, 2 or 3.
  init(stored: Orientation?, orientation: Orientation?, order: AxisOrder, rank: Int) {
    if let stored, let orientation {
      let turning = stored.turning(to: orientation)
      axes = turning.map { $1.axis }
      isFlipped = turning.map { $1.isFlipped }
    } else {
      axes = PerAxis(x: .x, y: .y, z: .z)
      isFlipped = PerAxis(false)
    }
    let ascending: [Axis] = rank == 2 ? [.x, .y] : [.x, .y, .z]
    dimensions = order == .xyz ? ascending : ascending.reversed()
  }

  /// Whether tensors have the voxels in the order in which they are stored.
  var isIdentity: Bool {
    axes == PerAxis(x: .x, y: .y, z: .z) && isFlipped == PerAxis(false)
      && (dimensions == [.z, .y, .x] || dimensions == [.y, .x])
  }

  /// The size of the model's image where the stored one has a size.
  func modelExtent(of stored: Extent) -> Extent {
    Extent(axes.map { _, axis in stored[axis] })
  }

  /// Values for each axis of the stored image, from those for each axis of the model's.
  func stored<Value>(_ values: PerAxis<Value>) -> PerAxis<Value> {
    var result = values
    for axis in Axis.allCases { result[axes[axis]] = values[axis] }
    return result
  }

  /// Values for each axis of the model's image, from those for each axis of the stored one.
  func model<Value>(_ values: PerAxis<Value>) -> PerAxis<Value> {
    axes.map { _, axis in values[axis] }
  }

  /// The spatial shape of a tensor that holds a box of the stored image, slowest first.
  func shape(of stored: Extent) -> [Int] {
    dimensions.map { stored[axes[$0]] }
  }

  /// The box of the stored image that a tensor of a spatial shape holds.
  func extent(ofShape shape: [Int]) -> Extent {
    var sizes = PerAxis(1)
    for (axis, size) in zip(dimensions, shape) { sizes[axes[axis]] = size }
    return Extent(sizes)
  }

  /// Where the voxels of a tensor lie in a box of the stored image.
  ///
  /// - Parameter mirrored: axes of the model's image that are also mirrored.
  func walk(over stored: Extent, mirrored: Set<Axis> = []) -> StridedWalk {
    let strides = PerAxis(x: 1, y: stored.width, z: stored.width * stored.height)
    var walk = StridedWalk(start: 0, counts: [], strides: [])
    for axis in dimensions {
      let (count, stride) = (stored[axes[axis]], strides[axes[axis]])
      let turns = isFlipped[axis] != mirrored.contains(axis)
      walk.start += turns ? (count - 1) * stride : 0
      walk.counts.append(count)
      walk.strides.append(turns ? -stride : stride)
    }
    return walk
  }
}

extension ModelFrame {
  /// The same grid over the stored image.
  func stored(_ grid: PatchGrid) throws(VoxtileError) -> PatchGrid {
    let extent = Extent(stored(grid.extent.sizes))
    let tilings = try grid.axes.map { (axis, tiling) throws(VoxtileError) in
      isFlipped[axis] ? try tiling.flipped(axis: axis) : tiling
    }
    let settings = grid.settings
    return try PatchGrid(
      over: extent,
      settings: GridSettings(
        patch: Extent(stored(settings.patch.sizes)), overlap: stored(settings.overlap),
        edge: stored(settings.edge), padding: settings.padding, order: .xFastest),
      axes: stored(tilings))
  }

  /// The same weights over the stored image.
  func stored(_ weights: PatchWeights, patch: Extent) -> PatchWeights {
    switch weights {
    case .product(let axes):
      return .product(
        stored(
          axes.map { axis, patches in
            isFlipped[axis] ? patches.reversed().map { $0.reversed() } : patches
          }))
    case .dense(let values):
      // The model's patch is a tensor of all three axes, x fastest.
      let whole = ModelFrame(axes: axes, isFlipped: isFlipped, dimensions: [.z, .y, .x])
      let box = Extent(stored(patch.sizes))
      var result = [Float](repeating: 0, count: values.count)
      whole.walk(over: box).write(values.span, to: result.mutableSpan)
      return .dense(result)
    }
  }

  private init(axes: PerAxis<Axis>, isFlipped: PerAxis<Bool>, dimensions: [Axis]) {
    self.axes = axes
    self.isFlipped = isFlipped
    self.dimensions = dimensions
  }
}

extension AxisTiling {
  /// The tiling seen from the other end of the axis.
  fileprivate func flipped(axis: Axis) throws(VoxtileError) -> AxisTiling {
    guard starts.indices.allSatisfy({ range(at: $0).count == patch }) else {
      throw VoxtileError(
        .invalidGrid,
        "a smaller last patch along \(axis) cannot be turned to the orientation of the model",
        remedy: .avoidPartialPatchesOrTurning,
        context: .init(axis: axis))
    }
    return try AxisTiling(
      length: length, patch: patch, overlap: overlap,
      starts: starts.reversed().map { length - $0 - patch }, axis: axis)
  }
}
