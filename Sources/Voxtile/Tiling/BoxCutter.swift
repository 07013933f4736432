/// Cuts one box out of an image that is in memory as one slab or several.
///
/// Which source each row, column and slice has is decided before a voxel is copied; the padding is
/// nowhere else.
struct BoxCutter: Sendable {
  private let image: Extent
  private let region: Region
  /// The columns that are copied as one run, counted in the box.
  private let columns: Range<Int>
  private let padding: Padding
  /// For each column of the box the column of the image it is taken from, or -1 for a constant.
  private let picks: [Int]

  init(image: Extent, region: Region, padding: Padding) {
    self.image = image
    self.region = region
    self.padding = padding
    picks = region.x.map { padding.source(of: $0, length: image.width) ?? -1 }
    let inside = region.x.clamped(to: 0..<image.width)
    columns = inside.lowerBound - region.x.lowerBound..<inside.upperBound - region.x.lowerBound
  }

  /// The slices of the image that the box needs, as one range; empty where all are constant.
  var neededSlices: Range<Int> {
    let sources = region.z.compactMap { padding.source(of: $0, length: image.depth) }
    guard let first = sources.min(), let last = sources.max() else { return 0..<0 }
    return first..<last + 1
  }

  /// Fills the target, of shape `(channels, depth, height, width)`, from slabs that hold all the
  /// needed slices.
  func cut<Scalar: VoxelScalar>(from slabs: [Slab<Scalar>], into target: inout MutableSpan<Scalar>) {
    guard let channels = slabs.first?.volume.channels, region.voxelCount > 0 else { return }
    let area = region.extent.width * region.extent.height
    for channel in 0..<channels {
      for slice in 0..<region.extent.depth {
        let start = (channel * region.extent.depth + slice) * area
        guard let z = padding.source(of: region.z.lowerBound + slice, length: image.depth) else {
          fill(start..<start + area, of: &target, with: constant())
          continue
        }
        guard let slab = slabs.first(where: { $0.slices.contains(z) }) else {
          preconditionFailure("slice \(z) is needed and not in memory")
        }
        let offset =
          (channel * slab.slices.count + z - slab.slices.lowerBound)
          * image.width * image.height
        cutSlice(from: slab.volume.voxels.span, at: offset, into: &target, at: start)
      }
    }
  }

  /// Fills one slice of the box from one slice of the image.
  private func cutSlice<Scalar: VoxelScalar>(
    from source: Span<Scalar>, at offset: Int, into target: inout MutableSpan<Scalar>, at start: Int
  ) {
    let inside = region.y.clamped(to: 0..<image.height)
    let firstRow = inside.lowerBound - region.y.lowerBound
    copyRows(
      RowBlock(
        rows: inside.count, count: columns.count,
        source: offset + inside.lowerBound * image.width + region.x.lowerBound + columns.lowerBound,
        sourceStride: image.width, target: start + firstRow * region.extent.width + columns.lowerBound,
        targetStride: region.extent.width),
      from: source, into: &target)
    guard columns.count < region.extent.width || inside.count < region.extent.height else { return }
    for row in 0..<region.extent.height {
      let line = start + row * region.extent.width
      guard let y = padding.source(of: region.y.lowerBound + row, length: image.height) else {
        fill(line..<line + region.extent.width, of: &target, with: constant())
        continue
      }
      let values = source.extracting(offset + y * image.width..<offset + (y + 1) * image.width)
      let isCopied = row >= firstRow && row < firstRow + inside.count && !columns.isEmpty
      pick(
        picks[..<(isCopied ? columns.lowerBound : picks.count)], from: values, or: constant(),
        into: &target, at: line)
      if isCopied {
        pick(
          picks[columns.upperBound...], from: values, or: constant(), into: &target,
          at: line + columns.upperBound)
      }
    }
  }

  private func constant<Scalar: VoxelScalar>() -> Scalar {
    if case .constant(let value) = padding { Scalar(nearest: value) } else { 0 }
  }
}
