import Voxtile

/// Where a resampled scan comes from, and how what is predicted of it comes back.
struct WayBack: Hashable, Sendable {
  /// The size of the scan.
  let extent: Extent
  /// The box of the scan that is resampled; everything else is background.
  let box: Region
  /// From the box to what the model sees.
  let there: Resampling
  /// Back, for real values.
  let back: Resampling
  /// Back, for values of which no new ones are made.
  let nearest: Resampling
  /// The size of a voxel of the scan, in mm.
  let spacing: PerAxis<Double>
  /// The axis along which slices are not interpolated on the way back.
  let separateAxis: Axis?
  /// Whether what comes back is rounded to half precision.
  var roundsToHalf = false

  /// - Parameters:
  ///   - box: the box of a scan that is resampled.
  ///   - info: the scan.
  ///   - rule: the size of voxels, and the convention.
  ///   - target: that size along the axes of the scan.
  ///   - isFlipped: the axes of the scan that run against those of the model's image.
  /// - Throws: `VoxtileError.Code.invalidOption` where the scan cannot become that.
  init(
    _ box: Region, of info: VolumeInfo, by rule: ScanResampling, to target: PerAxis<Double>,
    isFlipped: PerAxis<Bool>
  ) throws(VoxtileError) {
    let own = info.voxelSize(for: rule.convention)
    var there = try Resampling(
      of: box.extent, spacing: own, to: target, convention: rule.convention,
      interpolation: rule.interpolation, separatesSlices: info.isPlanar ? false : rule.separatesSlices)
    if rule.convention == .monai, isFlipped != PerAxis(false) {
      // MONAI keeps the first voxel of the image that the model sees, which may be the last one that is stored.
      there = try Resampling(there.axes.map { axis, line in isFlipped[axis] ? line.fromLast : line })
    }
    if rule.normalizesFirst {
      // nnU-Net sees the image as the model does, and of two slices that are as near it takes the later one.
      there = there.reversed(along: isFlipped)
    }
    let back = rule.back ?? .init(convention: rule.convention, separatesSlices: rule.separatesSlices)
    let separate = back.convention.separateAxis(
      spacing: target, newSpacing: own, isForced: info.isPlanar ? false : back.separatesSlices)
    try self.init(
      box, of: info.extent, spacing: own, there: there, separateAxis: separate,
      conventionBack: back.convention)
  }

  /// - Parameters:
  ///   - box: the box of a scan that is resampled.
  ///   - extent: the size of the scan.
  ///   - spacing: the size of a voxel of the scan, in mm.
  ///   - there: from the box to what the model sees.
  ///   - separateAxis: the axis along which slices are not interpolated on the way back.
  ///   - conventionBack: whose rules hold on the way back; `nil` for those of the way there.
  /// - Throws: `VoxtileError.Code.invalidOption` where there are too many voxels.
  init(
    _ box: Region, of extent: Extent, spacing: PerAxis<Double>, there: Resampling, separateAxis: Axis?,
    conventionBack: ResamplingConvention? = nil
  ) throws(VoxtileError) {
    (self.box, self.extent, self.spacing, self.there) = (box, extent, spacing, there)
    self.separateAxis = separateAxis
    let convention = conventionBack ?? there.convention
    back = try Resampling(
      there.axes.map { axis, line in
        line.reversed(axis == separateAxis ? .nearest : .linear, as: convention)
      })
    nearest = try Resampling(there.axes.map { $1.reversed(.nearest, as: convention) })
  }
}

extension WayBack {
  /// The slices of the box, counted in it, that some slices of the scan are.
  func newPlanes(ofSlices slices: Range<Int>) -> Range<Int> {
    let inside = slices.clamped(to: box.z)
    return inside.lowerBound - box.z.lowerBound..<inside.upperBound - box.z.lowerBound
  }

  /// The slices of what the model sees that some slices of the scan are made from, at least one.
  func planes(forSlices slices: Range<Int>) -> Range<Int> {
    let wanted = newPlanes(ofSlices: slices)
    if wanted.isEmpty { return 0..<1 }
    let all = [back, nearest].map { $0.planes(for: wanted) }
    return (all.map(\.lowerBound).min() ?? 0)..<(all.map(\.upperBound).max() ?? 1)
  }

  /// For each slice of the box the planes of what the model sees that it is made from.
  var neededPlanes: [ClosedRange<Int>] { needed(box.extent.depth) { $0.planes(for: $1) } }

  /// For each line of the box the lines of what the model sees that it is made from.
  var neededLines: [ClosedRange<Int>] { needed(box.extent.height) { $0.lines(for: $1) } }

  private func needed(
    _ count: Int, _ inputs: (TileResampler, Int) -> ClosedRange<Int>
  ) -> [ClosedRange<Int>] {
    let (values, labels) = (TileResampler(back), TileResampler(nearest))
    return (0..<count).map { index in
      let (one, other) = (inputs(values, index), inputs(labels, index))
      return min(one.lowerBound, other.lowerBound)...max(one.upperBound, other.upperBound)
    }
  }

  /// The most slices of the box that become final with one layer of a grid.
  func maxNewSlices(_ schedule: MergeSchedule) -> Int {
    let planes = neededPlanes
    let ends = (1...schedule.grid.counts.z).map { layers in
      let end = schedule.finishedSlices(afterLayers: layers)
      return planes.partitioningIndex { $0.upperBound >= end }
    }
    return zip([0] + ends, ends).map { $1 - $0 }.max() ?? 1
  }

  /// Patches over the resampled scan, as they lie over the scan itself, to the nearest voxel.
  ///
  /// - Throws: `VoxtileError.Code.invalidGrid` where there are too many to count.
  func overScan(_ grid: PatchGrid) throws(VoxtileError) -> PatchGrid {
    let axes = try grid.axes.map { (axis, tiling) throws(VoxtileError) in
      let voxels = Double(box.extent[axis]) / Double(there.newExtent[axis])
      let patch = max(1, Int((Double(tiling.patch) * voxels).rounded()))
      var starts: [Int] = []
      for start in tiling.starts {
        let start = max(1 - patch, Int((Double(start) * voxels).rounded())) + box.origin[axis]
        if start > starts.last ?? .min, start < extent[axis] { starts.append(start) }
      }
      return try AxisTiling(
        length: extent[axis], patch: patch,
        overlap: min(patch - 1, Int((Double(tiling.overlap) * voxels).rounded())), starts: starts, axis: axis)
    }
    return try PatchGrid(over: extent, settings: grid.settings, axes: axes)
  }
}

extension AxisResampling {
  /// The same step, with the last new voxel on the last old one.
  fileprivate var fromLast: AxisResampling {
    AxisResampling(
      length: length, newLength: newLength, start: Double(length - 1) - Double(newLength - 1) * step,
      step: step, convention: convention, interpolation: interpolation)
  }

  /// From the new voxels back to the old ones.
  fileprivate func reversed(
    _ interpolation: Interpolation, as convention: ResamplingConvention
  ) -> AxisResampling {
    switch convention {
    case .monai, .torchio:
      AxisResampling(
        length: newLength, newLength: length, start: -start / step, step: 1 / step, convention: convention,
        interpolation: interpolation)
    default:
      AxisResampling(
        length: newLength, newLength: length, convention: convention, interpolation: interpolation,
        isReversed: isReversed)
    }
  }
}
