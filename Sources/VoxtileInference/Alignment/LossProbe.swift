import Voxtile

/// A patch in the middle of a scan, whose labels are held against those of the whole scan.
struct LossProbe {
  /// What predicts the patch.
  let pipeline: PatchPipeline
  /// How the scan is cut.
  let cutting: PatchCutting
  /// The patch in the model's image, begun at a multiple of the stride.
  let aligned: Region
  /// The same, begun as far from a multiple as the last patch along each axis.
  let shifted: Region
  /// The share of patches that do not begin at multiples.
  let shiftedPart: Double

  /// The patch of the grid, over the stored image.
  private let patch: Patch
  private let shares: PatchShares

  /// - Throws: `VoxtileError.Code.invalidGrid` where patches cannot be laid, and others as planning does.
  init(_ pipeline: PatchPipeline, _ readers: [any VolumeReader], reach: NetworkReach) throws {
    self.pipeline = pipeline
    let cutting = try pipeline.cutting(try pipeline.source(readers, mask: nil))
    self.cutting = cutting
    let (grid, frame) = (cutting.modelGrid, cutting.frame)
    let weights = frame.stored(
      try PatchWeights(blend: pipeline.settings.blend, grid: grid), patch: grid.patch)
    shares = try PatchShares(weights, grid: cutting.grid, isComplete: true)
    let middles = grid.axes.map { _, tiling in tiling.starts[tiling.count / 2] }
    let stored = frame.stored(
      Region(middles.map { axis, start in start..<start + grid.patch[axis] }), in: cutting.grid.extent)
    patch = cutting.grid.first { $0.region == stored } ?? cutting.grid[cutting.grid.count / 2]

    // A patch that is shorter than others has no shares of its own where it would begin at a multiple.
    guard Axis.allCases.allSatisfy({ grid.axes[$0].patchVoxels == grid.axes[$0].count * grid.patch[$0] })
    else {
      throw VoxtileError.lossNotKnown("patches have several sizes")
    }
    var alignedPart = 1.0
    var (aligned, shifted) = (PerAxis(0..<1), PerAxis(0..<1))
    for axis in Axis.allCases {
      let (tiling, stride, length) = (grid.axes[axis], reach.stride[axis], grid.extent[axis])
      let size = min(tiling.patch, length)
      let start = max(0, middles[axis]) / stride * stride
      let off = tiling.starts.count { !$0.isMultiple(of: stride) }
      alignedPart *= 1 - Double(off) / Double(tiling.count)
      let last = max(0, tiling.starts[tiling.count - 1])
      let moved = [start + last % stride, start + last % stride - stride].first {
        $0 >= 0 && $0 + size <= length
      }
      aligned[axis] = start..<min(length, start + size)
      shifted[axis] = (moved ?? last)..<min(length, (moved ?? last) + size)
    }
    (self.aligned, self.shifted) = (Region(aligned), Region(shifted))
    shiftedPart = 1 - alignedPart
  }

  /// The block of the model's image in which the patches see what they see in the whole, and what their voxels depend on.
  func block(_ whole: Extent, _ reach: NetworkReach) -> Region {
    let box = aligned.union(shifted)
    let extent = cutting.frame.modelExtent(of: whole)
    return Region(
      reach.stride.map { axis, stride in
        let (first, end) = (
          box[axis].lowerBound - reach.radius[axis], box[axis].upperBound + reach.radius[axis]
        )
        return max(0, first) / stride * stride..<min(extent[axis], (end + stride - 1) / stride * stride)
      })
  }

  /// The share of a patch's labels that differ, weighted as the patch is; `nil` where there is only background.
  ///
  /// - Parameters:
  ///   - labels: those of the patch.
  ///   - region: where it lies in the stored image.
  ///   - truth: those of a box around it.
  ///   - origin: where that begins.
  func share(
    of labels: Volume<Int32>, at region: Region, differingFrom truth: Volume<Int32>, at origin: Position
  ) -> Double? {
    let size = region.extent
    guard labels.extent == size else { return nil }
    var (all, different) = (0.0, 0.0)
    for z in 0..<size.depth {
      let shares = shares.slice(z, rows: 0..<size.height, of: patch)
      for y in 0..<size.height {
        let line = (z * size.height + y) * size.width
        let other =
          ((region.z.lowerBound - origin.z + z) * truth.extent.height + region.y.lowerBound - origin.y + y)
          * truth.extent.width + region.x.lowerBound - origin.x
        for x in 0..<size.width {
          let (label, whole) = (labels.voxels[line + x], truth.voxels[other + x])
          guard label != 0 || whole != 0 else { continue }
          let weight = Double(shares.columns[shares.start + y * shares.stride + x] * shares.rows[y])
          all += weight
          if label != whole { different += weight }
        }
      }
    }
    return all > 0 ? different / all : nil
  }
}

extension VoxtileError {
  /// The labels that patches change cannot be predicted.
  static func lossNotKnown(_ why: String) -> VoxtileError {
    VoxtileError(.invalidOption, "how many labels patches change cannot be predicted: \(why)")
  }
}

extension Region {
  fileprivate init(_ ranges: PerAxis<Range<Int>>) { self.init(x: ranges.x, y: ranges.y, z: ranges.z) }
}

extension ModelFrame {
  /// The box of a stored image that a box of the model's image is.
  ///
  /// - Parameter whole: the size of the stored image.
  func stored(_ box: Region, in whole: Extent) -> Region {
    Region(
      stored(
        axes.map { axis, stored in
          let (range, length) = (box[axis], whole[stored])
          return isFlipped[axis] ? length - range.upperBound..<length - range.lowerBound : range
        }))
  }
}
