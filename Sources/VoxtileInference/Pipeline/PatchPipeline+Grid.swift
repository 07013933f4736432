import Voxtile

extension PatchPipeline {
  /// How the model's image lies in a scan.
  func frame(for info: VolumeInfo) -> ModelFrame {
    let isFlat = isSeenFlat(info)
    return ModelFrame(
      stored: isFlat ? nil : Orientation(info.metadata.affine.orientation),
      orientation: isFlat ? nil : settings.orientation, order: settings.axes,
      rank: model.signature.spatialRank)
  }

  /// Whether the model sees a scan as it is stored, in its plane: a 2D image, or a single slice for a 2D model.
  func isSeenFlat(_ info: VolumeInfo) -> Bool {
    info.isPlanar || (info.extent.isPlanar && model.signature.spatialRank == 2)
  }

  /// How the predicted box of a scan is cut.
  ///
  /// - Parameters:
  ///   - margin: what the model does not predict on each side of a patch, along the axes of the stored image.
  ///   - asked: the box that was asked for, where the source's own has been widened.
  func cutting(
    _ source: ScanSource, margin: PerAxis<Int> = PerAxis(0), asked: Region? = nil
  ) throws -> PatchCutting {
    let (frame, box) = (frame(for: source.info), source.box)
    let modelGrid = try grid(over: frame.modelExtent(of: box.extent), margin: frame.model(margin))
    let inner = try frame.stored(modelGrid)
    var source = source
    source.box = box.grown(by: margin, in: source.info.extent)
    let cutting = PatchCutting(
      source: source, box: box, asked: asked ?? box, frame: frame, modelGrid: modelGrid, inner: inner,
      grid: try inner.grown(by: margin, from: box, to: source.box), batch: batch,
      isBatchFixed: model.signature.input.batch != nil)
    try checkBatch(of: cutting.grid.patch, channels: source.channels)
    return cutting
  }

  /// The grid over the model's image of what the model predicts: its patches without their margin.
  private func grid(over extent: Extent, margin: PerAxis<Int>) throws -> PatchGrid {
    let whole = try patch()
    let patch = shortened(Extent(whole.sizes.map { axis, size in size - 2 * margin[axis] }), over: extent)
    if margin != PerAxis(0) { try checkMargin(margin, of: whole) }
    var overlap = settings.overlap
    // Slices are seen one by one, and share nothing.
    if model.signature.spatialRank == 2 { overlap?.z = .voxels(0) }
    if let mode = settings.compatibility {
      return try overlap.map { try mode.grid(over: extent, patch: patch, overlap: $0) }
        ?? mode.grid(over: extent, patch: patch, overlap: nil as PerAxis<Overlap>?)
    }
    let edge = settings.edge.map { axis, policy in
      // A network cannot be given less than its patch. What is missing is made up at the end, so that the first patch begins where the
      // image does: moved by a voxel, a network that halves its patch gives other values.
      extent[axis] < patch[axis] && policy != .partial && policy != .pad(.both) ? .pad(.end) : policy
    }
    let wanted = overlap ?? PerAxis(.fraction(0.5), patch: patch)
    var layout = GridSettings(
      patch: patch, overlap: wanted, edge: settings.alignment == nil ? edge : PerAxis(.pad(.end)),
      padding: settings.padding, order: .xFastest)
    let grid: PatchGrid
    if var alignment = settings.alignment {
      if model.signature.spatialRank == 2 { alignment.z = 1 }
      if margin != PerAxis(0) { throw VoxtileError.alignedMargin }
      let axes = try alignedAxes(over: extent, patch: patch, overlap: wanted, by: alignment)
      layout.overlap = axes.map { .voxels($1.overlap) }
      grid = try PatchGrid(over: extent, settings: layout, axes: axes)
    } else {
      grid = try PatchGrid(over: extent, settings: layout)
    }
    if margin == PerAxis(0) { try checkFixedSizes(of: grid) }
    return grid
  }

  /// The axes of the model's image that its tensors have, slowest first.
  var dimensions: [Axis] {
    let order: [Axis] = model.signature.spatialRank == 2 ? [.x, .y] : [.x, .y, .z]
    return settings.axes == .xyz ? order : order.reversed()
  }

  /// The patch along the axes of the model's image.
  private func patch() throws(VoxtileError) -> Extent {
    let input = model.signature.input
    var sizes = settings.patch.map { PerAxis<Int?>(x: $0.width, y: $0.height, z: $0.depth) } ?? PerAxis(nil)
    if model.signature.spatialRank == 2 { sizes.z = 1 }
    for (axis, size) in zip(dimensions, input.spatial) {
      if let size, let asked = sizes[axis], asked != size {
        throw VoxtileError(
          .modelNotUsable,
          "the model takes patches of \(size) along \(axis) (\(input)), not of \(asked); leave the patch to it",
          context: .init(axis: axis, expected: "\(size)", found: "\(asked)"))
      }
      sizes[axis] = sizes[axis] ?? size
    }
    guard let x = sizes.x, let y = sizes.y, let z = sizes.z else {
      throw VoxtileError(
        .invalidOption,
        "the model takes patches of any size (\(input))", remedy: .givePatchSize,
        context: .init(expected: "a patch size", found: "none"))
    }
    let patch = Extent(width: x, height: y, depth: z)
    try checkMultiple(of: patch)
    return patch
  }

  /// The weights of what is predicted of each patch.
  func weights(
    _ modelGrid: PatchGrid, frame: ModelFrame, scale: OutputScale, outputGrid: PatchGrid
  ) throws -> PatchWeights {
    if let mode = settings.compatibility {
      let own = frame.stored(try mode.weights(for: modelGrid), patch: modelGrid.patch)
      return scale.scaled(own, patch: Extent(frame.stored(modelGrid.patch.sizes)))
    }
    // Which of two patches comes last, or is as near, is a question of the model's image.
    return scale.isSameSize
      ? frame.stored(try PatchWeights(blend: settings.blend, grid: modelGrid), patch: modelGrid.patch)
      : try PatchWeights(blend: settings.blend, grid: outputGrid)
  }
}

extension Region {
  /// The box with a margin on each side, as far as the image goes.
  fileprivate func grown(by margin: PerAxis<Int>, in image: Extent) -> Region {
    func range(_ axis: Axis) -> Range<Int> {
      max(0, self[axis].lowerBound - margin[axis])..<min(image[axis], self[axis].upperBound + margin[axis])
    }
    return Region(x: range(.x), y: range(.y), z: range(.z))
  }
}

extension PatchGrid {
  /// The same patches with a margin on each side, over a larger box.
  fileprivate func grown(
    by margin: PerAxis<Int>, from box: Region, to larger: Region
  ) throws(VoxtileError) -> PatchGrid {
    guard margin != PerAxis(0) else { return self }
    let axes = try axes.map { (axis, tiling) throws(VoxtileError) in
      let width = margin[axis]
      return try AxisTiling(
        length: larger.extent[axis], patch: tiling.patch + 2 * width, overlap: tiling.overlap + 2 * width,
        starts: tiling.starts.map { $0 - width + box.origin[axis] - larger.origin[axis] }, axis: axis)
    }
    return try PatchGrid(
      over: larger.extent,
      settings: GridSettings(
        patch: Extent(axes.map { _, tiling in tiling.patch }),
        overlap: axes.map { _, tiling in .voxels(tiling.overlap) }, edge: settings.edge,
        padding: settings.padding, order: settings.order),
      axes: axes)
  }
}
