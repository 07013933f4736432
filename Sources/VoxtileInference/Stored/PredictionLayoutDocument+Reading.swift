import Voxtile

extension PredictionLayoutDocument {
  /// The layout that the document describes.
  ///
  /// - Parameter dense: the weights of the voxels of a patch, where there is an array of them.
  /// - Throws: `VoxtileError.Code.malformedFile` where fields contradict each other or are out of range.
  package func layout(denseWeights dense: [Float]?) throws(VoxtileError) -> PredictionLayout {
    let extent = try Self.extent(image.extent, of: "image.extent")
    let grid = try grid()
    let origin = try Self.position(self.origin, of: "origin")
    let wayBack = try resampled?.wayBack(of: extent, to: grid.extent)
    // What is merged of a resampled scan is all that the network saw.
    let whole = wayBack == nil ? extent : grid.extent
    for axis in Voxtile.Axis.allCases {
      let end = origin[axis].addingReportingOverflow(grid.extent[axis])
      guard origin[axis] >= 0, !end.overflow, end.partialValue <= whole[axis] else {
        throw Self.problem("origin", "\(self.origin)", expected: "a box of \(grid.extent) inside \(whole)")
      }
    }
    guard (1...65536).contains(channels) else {
      throw Self.problem("channels", "\(channels)", expected: "1 to 65536")
    }
    guard let activation = Activation(rawValue: activation), activation != .automatic else {
      throw Self.problem("activation", activation, expected: "softmax, sigmoid or none")
    }
    guard threshold > 0, threshold < 1 else {
      throw Self.problem("threshold", "\(threshold)", expected: "a number between 0 and 1")
    }
    let votes = try votes(over: grid)
    try checkCanBeCounted(grid, extent, planes: max(votes?.planes ?? 0, channels + 3))
    return PredictionLayout(
      extent: extent, metadata: try image.metadata(), origin: origin, grid: grid, channels: channels,
      activation: activation, threshold: threshold, labels: try exactLabels(),
      labelNames: names.map { LabelName(label: $0.label, name: $0.name) }, votes: votes,
      shares: try shares(over: grid, dense: dense), wayBack: wayBack)
  }

  private func grid() throws(VoxtileError) -> PatchGrid {
    let tilings = PerAxis(
      x: try axes.x.tiling("x"), y: try axes.y.tiling("y"), z: try axes.z.tiling("z"))
    do throws(VoxtileError) {
      return try PatchGrid(
        over: Extent(tilings.map { $1.length }),
        settings: GridSettings(
          patch: Extent(tilings.map { $1.patch }), overlap: tilings.map { .voxels($1.overlap) }),
        axes: tilings)
    } catch {
      throw Self.problem("axes", error.message, expected: "a grid of patches")
    }
  }

  /// Makes sure that everything that is held can be counted in bytes.
  private func checkCanBeCounted(_ grid: PatchGrid, _ extent: Extent, planes: Int) throws(VoxtileError) {
    for voxels in [extent.voxelCount, grid.extent.voxelCount, grid.patch.voxelCountIfRepresentable ?? .max] {
      let (count, overflows) = voxels.multipliedReportingOverflow(by: planes)
      guard !overflows, count < 1 << 56 else {
        throw Self.problem(
          "channels", "\(channels) over \(extent)", expected: "a number of values that can be counted")
      }
    }
  }

  private func exactLabels() throws(VoxtileError) -> [Int32] {
    let exact = labels.compactMap(Int32.init(exactly:))
    guard exact.count == labels.count, exact.count == channels || labelRange != nil else {
      throw Self.problem(
        "labels", "\(labels.count) labels",
        expected: "one for each of \(channels) channels, of at most \(Int32.max)")
    }
    return exact
  }

  private func votes(over grid: PatchGrid) throws(VoxtileError) -> LabelVotes? {
    guard let labelRange else { return nil }
    let limits = -(1 << 24)...1 << 24
    guard channels == 1, labelRange.count == 2, labelRange[0] <= labelRange[1],
      labelRange.allSatisfy(limits.contains),
      labels.isEmpty || labelRange[0] >= 0 && labelRange[1] < labels.count,
      grid.axes.all.allSatisfy({ ($0.counts.max() ?? 1) <= 1 << 16 })
    else {
      throw Self.problem(
        "labelRange", "\(labelRange)",
        expected: "the least and the largest label of one channel, each with a label in labels")
    }
    return LabelVotes(grid, range: labelRange[0]...labelRange[1])
  }

  private func shares(over grid: PatchGrid, dense: [Float]?) throws(VoxtileError) -> PatchShares {
    if let dense {
      guard dense.count == grid.patch.voxelCount, dense.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
        throw Self.problem(
          "weights", "\(dense.count) values", expected: "\(grid.patch.voxelCount) numbers of at least 0")
      }
      return .dense(dense)
    }
    let weights = PerAxis(
      x: try axes.x.weights(along: grid.axes.x, "x"), y: try axes.y.weights(along: grid.axes.y, "y"),
      z: try axes.z.weights(along: grid.axes.z, "z"))
    return weightsAddUp ? .product(weights) : .unsummedProduct(weights)
  }

  fileprivate static func extent(_ sizes: [Int], of field: String) throws(VoxtileError) -> Extent {
    guard sizes.count == 3, sizes.allSatisfy({ (1...AxisTiling.longest).contains($0) }) else {
      throw problem(field, "\(sizes)", expected: "three sizes from 1 to \(AxisTiling.longest)")
    }
    let extent = Extent(width: sizes[0], height: sizes[1], depth: sizes[2])
    guard let count = extent.voxelCountIfRepresentable, count <= 1 << 48 else {
      throw problem(field, "\(sizes)", expected: "voxels that can be counted")
    }
    return extent
  }

  fileprivate static func position(_ numbers: [Int], of field: String) throws(VoxtileError) -> Position {
    guard numbers.count == 3 else { throw problem(field, "\(numbers)", expected: "three numbers") }
    return Position(x: numbers[0], y: numbers[1], z: numbers[2])
  }

  /// A field is not as it should be.
  fileprivate static func problem(_ field: String, _ found: String, expected: String) -> VoxtileError {
    VoxtileError(
      .malformedFile,
      "the field \(field) of its layout is \(found), not \(expected); predict the patches again, into another folder",
      context: .init(expected: expected, found: found))
  }
}

extension PredictionLayoutDocument.Image {
  fileprivate func metadata() throws(VoxtileError) -> VolumeMetadata {
    guard affine.count == 3, affine.allSatisfy({ $0.count == 4 && $0.allSatisfy(\.isFinite) }) else {
      throw PredictionLayoutDocument.problem("image.affine", "\(affine)", expected: "3 rows of 4 numbers")
    }
    guard let place = VolumeMetadata.Place(rawValue: place) else {
      throw PredictionLayoutDocument.problem(
        "image.place", place, expected: "unknown, spacing or world")
    }
    guard spatialRank == nil || spatialRank == 2 || spatialRank == 3 else {
      throw PredictionLayoutDocument.problem("image.spatialRank", "\(spatialRank ?? 0)", expected: "2 or 3")
    }
    return VolumeMetadata(
      affine: Affine(rows: affine), header: header.map { .init(format: $0.format, bytes: [UInt8]($0.bytes)) },
      place: place, spatialRank: spatialRank)
  }
}

extension PredictionLayoutDocument.Axis {
  fileprivate func tiling(_ name: String) throws(VoxtileError) -> AxisTiling {
    let sizes = 1...AxisTiling.longest
    guard sizes.contains(length), sizes.contains(patch), (0..<patch).contains(overlap),
      (1...AxisTiling.maxPatches).contains(starts.count),
      starts.allSatisfy({ (-AxisTiling.longest...AxisTiling.longest).contains($0) }),
      zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 }),
      !isClipped || starts.allSatisfy({ (0..<length).contains($0) })
    else {
      throw PredictionLayoutDocument.problem(
        "axes.\(name)", "\(starts.count) patches of \(patch) over \(length) voxels",
        expected: "patches in ascending order")
    }
    return AxisTiling(
      length: length, patch: patch, overlap: overlap, roundedStarts: starts, isClipped: isClipped)
  }

  fileprivate func weights(along tiling: AxisTiling, _ name: String) throws(VoxtileError) -> [[Float]] {
    let (known, numbers) = (weights ?? [], weightsOfPatches ?? [])
    let narrow = known.map { $0.map { Float($0) } }
    guard numbers.count == tiling.count, numbers.allSatisfy(known.indices.contains),
      narrow.allSatisfy({ $0.allSatisfy { $0.isFinite && $0 >= 0 } }),
      numbers.indices.allSatisfy({ known[numbers[$0]].count == tiling.range(at: $0).count })
    else {
      throw PredictionLayoutDocument.problem(
        "axes.\(name).weights", "\(known.count) lists for \(numbers.count) patches",
        expected: "a weight of at least 0 for each voxel of \(tiling.count) patches")
    }
    return numbers.map { narrow[$0] }
  }
}

extension PredictionLayoutDocument.Resampled {
  fileprivate func wayBack(of extent: Extent, to seen: Extent) throws(VoxtileError) -> WayBack {
    let first = try PredictionLayoutDocument.position(boxOrigin, of: "resampled.boxOrigin")
    let size = try PredictionLayoutDocument.extent(boxExtent, of: "resampled.boxExtent")
    for axis in Axis.allCases {
      guard first[axis] >= 0, first[axis] <= extent[axis] - size[axis] else {
        throw PredictionLayoutDocument.problem(
          "resampled.boxOrigin", "\(boxOrigin)", expected: "a box of \(size) inside \(extent)")
      }
    }
    guard spacing.count == 3, spacing.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw PredictionLayoutDocument.problem(
        "resampled.spacing", "\(spacing)", expected: "three sizes above 0")
    }
    let lines = PerAxis(x: try axes.x.axis("x"), y: try axes.y.axis("y"), z: try axes.z.axis("z"))
    guard lines.map({ $1.length }) == size.sizes, lines.map({ $1.newLength }) == seen.sizes,
      separateAxis == nil || Axis(rawValue: separateAxis ?? "") != nil
    else {
      throw PredictionLayoutDocument.problem(
        "resampled.axes", "other sizes", expected: "from the box of \(size) to the grid's \(seen)")
    }
    // Of two conventions, both keep the outer faces of the image, so that only numbers of voxels count.
    let faces: Set<ResamplingConvention> = [.nnunet, .nnunetTorch]
    if let conventionBack, !faces.isSuperset(of: [conventionBack, lines.x.convention]) {
      throw PredictionLayoutDocument.problem(
        "resampled.conventionBack", conventionBack.rawValue, expected: "nnunet and nnunet-torch")
    }
    do throws(VoxtileError) {
      return try WayBack(
        Region(origin: first, extent: size), of: extent,
        spacing: PerAxis(x: spacing[0], y: spacing[1], z: spacing[2]), there: try Resampling(lines),
        separateAxis: separateAxis.flatMap(Axis.init), conventionBack: conventionBack)
    } catch {
      throw PredictionLayoutDocument.problem("resampled.axes", error.message, expected: "a resampling")
    }
  }
}

extension PredictionLayoutDocument.ResampledAxis {
  fileprivate func axis(_ name: String) throws(VoxtileError) -> AxisResampling {
    let sizes = 1...AxisTiling.longest
    let places: AxisResampling.Places? =
      switch (self.places, from, step) {
      case ("faces", nil, nil): .faces
      case ("singleFaces", nil, nil): .singleFaces
      case ("ends", nil, nil): .ends
      case ("center", nil, let step?) where (1e-6...1e6).contains(step.magnitude): .center(step: step)
      case ("steps", let from?, let step?)
      where from.magnitude <= 1e12 && (1e-6...1e6).contains(step.magnitude):
        .steps(from: from, step: step)
      default: nil
      }
    guard let places, sizes.contains(length), sizes.contains(newLength), convention.has(interpolation) else {
      throw PredictionLayoutDocument.problem(
        "resampled.axes.\(name)", "\(self.places) from \(length) to \(newLength) voxels",
        expected: "a way to resample")
    }
    var axis = AxisResampling(
      length: length, newLength: newLength, convention: convention, interpolation: interpolation,
      places: places)
    axis.isReversed = isReversed ?? false
    return axis
  }
}
