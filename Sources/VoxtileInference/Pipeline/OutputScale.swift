import Voxtile

/// How a model's output lies in its patch, along each axis of the stored image: how much smaller or larger its voxels are
/// than those of the patch, and how wide the margin is that it does not predict.
struct OutputScale: Hashable, Sendable {
  /// Voxels of a predicted patch.
  let output: PerAxis<Int>
  /// Voxels of a patch.
  let input: PerAxis<Int>
  /// Whether the model sees the axis from its other end; what is rounded down lies at the end that it sees last.
  let isFlipped: PerAxis<Bool>
  /// Voxels on each side of a patch that are not predicted. Along an axis with a margin, voxels keep their size.
  var margin = PerAxis(0)

  /// Whether voxels of the output have the size of those of the input.
  var isSameSize: Bool { output == input }

  /// Whether patches have a margin.
  var hasMargin: Bool { margin != PerAxis(0) }

  /// The voxels of the output for a coordinate or a size of the input, rounded down as MONAI does.
  func scaled(_ value: Int, axis: Axis) -> Int {
    let product = value * output[axis]
    let quotient = product / input[axis]
    return product < 0 && product % input[axis] != 0 ? quotient - 1 : quotient
  }

  /// The smallest box around another one whose first voxel is the first one of a voxel of the output, and which has a
  /// voxel of the output.
  func aligned(_ box: Region, in image: Extent) -> Region {
    if isSameSize { return box }
    func range(_ range: Range<Int>, _ axis: Axis) -> Range<Int> {
      let (block, length) = (input[axis] / greatestCommonDivisor(input[axis], output[axis]), image[axis])
      // What remains after the last whole block may have no voxel of its own.
      let seen = isFlipped[axis] ? length - range.upperBound..<length - range.lowerBound : range
      let first = min(seen.lowerBound / block, max(0, length / block - 1)) * block
      let end = min((seen.upperBound + block - 1) / block * block, length)
      return isFlipped[axis] ? length - end..<length - first : first..<end
    }
    return Region(x: range(box.x, .x), y: range(box.y, .y), z: range(box.z, .z))
  }

  /// The box of the output that is predicted from an aligned box.
  func scaled(_ box: Region, in image: Extent) -> Region {
    let (whole, extent) = (scaled(image), scaled(box.extent))
    func first(_ range: Range<Int>, _ axis: Axis) -> Int {
      isFlipped[axis]
        ? whole[axis] - extent[axis] - scaled(image[axis] - range.upperBound, axis: axis)
        : scaled(range.lowerBound, axis: axis)
    }
    return Region(
      origin: Position(x: first(box.x, .x), y: first(box.y, .y), z: first(box.z, .z)), extent: extent)
  }

  /// A size of the output, at least 1.
  func scaled(_ extent: Extent) -> Extent {
    Extent(extent.sizes.map { axis, size in max(1, scaled(size, axis: axis)) })
  }

  /// The grid of what is predicted.
  func scaled(_ grid: PatchGrid) throws(VoxtileError) -> PatchGrid {
    if isSameSize { return grid }
    let extent = scaled(grid.extent)
    let axes = try grid.axes.map { (axis, tiling) throws(VoxtileError) in
      guard tiling.starts.indices.allSatisfy({ tiling.range(at: $0).count == tiling.patch }) else {
        throw VoxtileError(
          .invalidGrid,
          "a model whose output is \(output[axis]) voxels for \(input[axis]) cannot predict a smaller last patch",
          remedy: .avoidPartialPatches,
          context: .init(axis: axis, expected: "\(input[axis])", found: "a smaller patch"))
      }
      let patch = scaled(tiling.patch, axis: axis)
      let starts = tiling.starts.map { start in
        isFlipped[axis]
          ? extent[axis] - patch - scaled(tiling.length - tiling.patch - start, axis: axis)
          : scaled(start, axis: axis)
      }
      return AxisTiling(
        length: extent[axis], patch: patch, overlap: min(scaled(tiling.overlap, axis: axis), patch - 1),
        roundedStarts: starts)
    }
    return try PatchGrid(
      over: extent,
      settings: GridSettings(
        patch: scaled(grid.patch), overlap: axes.map { _, tiling in .voxels(tiling.overlap) },
        edge: grid.settings.edge, padding: grid.settings.padding, order: grid.settings.order),
      axes: axes)
  }

  /// Weights of another size, each the one of the nearest voxel.
  func scaled(_ weights: PatchWeights, patch: Extent) -> PatchWeights {
    if isSameSize { return weights }
    func source(_ index: Int, axis: Axis) -> Int {
      min(input[axis] - 1, (2 * index + 1) * input[axis] / (2 * output[axis]))
    }
    switch weights {
    case .product(let axes):
      return .product(
        axes.map { axis, patches in
          patches.map { weights in (0..<output[axis]).map { weights[source($0, axis: axis)] } }
        })
    case .dense(let values):
      return .dense(
        (0..<output.z).flatMap { z in
          (0..<output.y).flatMap { y in
            (0..<output.x).map { x in
              values[
                (source(z, axis: .z) * patch.height + source(y, axis: .y)) * patch.width
                  + source(x, axis: .x)]
            }
          }
        })
    }
  }

  /// Where the output of an image lies in the world: its voxels fill the same space.
  func scaled(_ affine: Affine, of image: Extent) -> Affine {
    if isSameSize { return affine }
    let extent = scaled(image)
    var rows = affine.rows
    for row in rows.indices {
      for (column, axis) in Axis.allCases.enumerated() {
        let step = Double(input[axis]) / Double(output[axis])
        let dropped = isFlipped[axis] ? Double(image[axis]) - Double(extent[axis]) * step : 0
        rows[row][3] += rows[row][column] * ((step - 1) / 2 + dropped)
        rows[row][column] *= step
      }
    }
    return Affine(rows: rows)
  }
}

extension OutputScale {
  /// Takes the sizes of a patch and of what a model gives of it.
  ///
  /// - Parameter fit: what a difference along an axis means.
  /// - Throws: `VoxtileError.Code.modelNotUsable` for a margin that is not equally wide on both sides, or voxels that are not larger
  ///   or smaller by a whole factor; and what `fit` throws.
  init(
    _ sizes: OutputSizes, isFlipped: PerAxis<Bool>, fit: (Axis) throws(VoxtileError) -> OutputFit
  ) throws(VoxtileError) {
    var (output, margin) = (sizes.output.sizes, PerAxis(0))
    for axis in sizes.differing {
      let (given, size) = (output[axis], sizes.input[axis])
      switch try fit(axis) {
      case .margin:
        guard given < size, (size - given).isMultiple(of: 2) else {
          throw .marginNotUsable(given, of: size, axis: axis)
        }
        (margin[axis], output[axis]) = ((size - given) / 2, size)
      case .scale:
        guard given.isMultiple(of: size) || size.isMultiple(of: given) else {
          throw .scaleNotUsable(given, of: size, axis: axis)
        }
      }
    }
    self.init(output: output, input: sizes.input.sizes, isFlipped: isFlipped, margin: margin)
  }
}

extension VoxtileError {
  fileprivate static func marginNotUsable(_ given: Int, of size: Int, axis: Axis) -> VoxtileError {
    VoxtileError(
      .modelNotUsable,
      "the model gives \(given) voxels along \(axis) for a patch of \(size): \(abs(size - given)) "
        + (given < size
          ? "are missing, an odd number, so the margin has another width on each side and where the output lies is not known"
          : "more than the patch has, though the voxels have the same size, so where the output lies is not known")
        + "; export it with padded convolutions",
      context: .init(axis: axis, expected: "an even margin", found: "\(size - given)"))
  }

  fileprivate static func scaleNotUsable(_ given: Int, of size: Int, axis: Axis) -> VoxtileError {
    VoxtileError(
      .modelNotUsable,
      "the model gives \(given) voxels along \(axis) for a patch of \(size), which is no whole factor of it; use a patch "
        + "that it can halve evenly, or export it with padded convolutions",
      context: .init(axis: axis, expected: "a multiple or a divisor of \(size)", found: "\(given)"))
  }
}

func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  b == 0 ? a : greatestCommonDivisor(b, a % b)
}
