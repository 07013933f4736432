/// Cuts one box out of an image of which one part or several are in memory.
///
/// Which source each row, column and slice has is decided before a voxel is copied; the padding is
/// nowhere else.
struct BoxCutter: Sendable {
  private let image: Extent
  private let region: Region
  private let padding: Padding
  /// From one value of a row of the source to the next.
  private let step: Int
  /// The columns that are copied as one run, counted in the box; none where values do not lie next to each other.
  private let columns: Range<Int>
  /// Whether the box is read while it would still be in the caches.
  private let isReadSoon: Bool
  /// For each column of the box where in a row of the image it is taken from, or -1 for a constant.
  private let picks: [Int]

  /// - Parameters:
  ///   - step: from one value of a row of the source to the next.
  ///   - isReadSoon: whether the box is read while it would still be in the caches. Memory that is fresh is in them anyway, since the
  ///     system has cleared it.
  init(image: Extent, region: Region, padding: Padding, step: Int = 1, isReadSoon: Bool = true) {
    self.isReadSoon = isReadSoon
    self.image = image
    self.region = region
    self.padding = padding
    self.step = step
    picks = region.x.map { x in padding.source(of: x, length: image.width).map { $0 * step } ?? -1 }
    let inside = region.x.clamped(to: 0..<image.width)
    let first = inside.lowerBound - region.x.lowerBound
    columns = first..<(step == 1 ? inside.upperBound - region.x.lowerBound : first)
  }

  /// Fills the target, of shape `(channels, depth, height, width)`, from parts of the image.
  ///
  /// - Precondition: for each needed slice one part has all needed rows and columns of it.
  func cut<Scalar: VoxelScalar>(
    from parts: [PlacedVolume<Scalar>], into target: inout MutableSpan<Scalar>
  ) {
    guard let channels = parts.first?.volume.channels else { return }
    cut(planes: 0..<channels * region.extent.depth, from: parts, into: &target)
  }

  /// Fills some planes of the target, counted over the slices of all channels, which are all that it holds.
  ///
  /// - Precondition: that of ``cut(from:into:)``.
  func cut<Scalar: VoxelScalar>(
    planes: Range<Int>, from parts: [PlacedVolume<Scalar>], into target: inout MutableSpan<Scalar>
  ) {
    // Looking for the part again for each plane takes a twentieth of the time.
    if parts.count == 1, let only = parts.first {
      return cut(
        planes: planes, from: only.volume.voxels.span, of: only.region, lying: only.layout, into: &target)
    }
    forEachPlane(planes, of: &target) { z, channel, start, target in
      guard let part = parts.first(where: { $0.region.z.contains(z) }) else {
        preconditionFailure("slice \(z) is needed and not in memory")
      }
      cutSlice(
        z, channel: channel, from: part.volume.voxels.span, lying: part.region, as: part.layout,
        into: &target, at: start)
    }
  }

  /// Fills the target from a whole image in memory of the caller's.
  func cut<Scalar: VoxelScalar>(
    channels: Int, from image: Span<Scalar>, lying layout: BufferLayout,
    into target: inout MutableSpan<Scalar>
  ) {
    cut(
      planes: 0..<channels * region.extent.depth, from: image, of: Region(self.image), lying: layout,
      into: &target)
  }

  /// Fills some planes of the target, which are all that it holds, from one part of the image that has all that is needed.
  func cut<Scalar: VoxelScalar>(
    planes: Range<Int>, from part: Span<Scalar>, of box: Region, lying layout: BufferLayout,
    into target: inout MutableSpan<Scalar>
  ) {
    forEachPlane(planes, of: &target) { z, channel, start, target in
      cutSlice(z, channel: channel, from: part, lying: box, as: layout, into: &target, at: start)
    }
  }

  /// Calls a body for each plane that has a slice of the image as its source; sets the others.
  private func forEachPlane<Scalar: VoxelScalar>(
    _ planes: Range<Int>, of target: inout MutableSpan<Scalar>,
    _ body: (_ z: Int, _ channel: Int, _ start: Int, _ target: inout MutableSpan<Scalar>) -> Void
  ) {
    guard region.voxelCount > 0 else { return }
    let area = region.extent.width * region.extent.height
    for plane in planes {
      let (channel, slice) = plane.quotientAndRemainder(dividingBy: region.extent.depth)
      let start = (plane - planes.lowerBound) * area
      if let z = padding.source(of: region.z.lowerBound + slice, length: image.depth) {
        body(z, channel, start, &target)
      } else {
        fill(start..<start + area, of: &target, with: constant())
      }
    }
  }

  /// Fills one slice of the box from one slice of a part of the image.
  private func cutSlice<Scalar: VoxelScalar>(
    _ z: Int, channel: Int, from source: Span<Scalar>, lying box: Region, as layout: BufferLayout,
    into target: inout MutableSpan<Scalar>, at start: Int
  ) {
    let plane = channel * layout.channel + (z - box.z.lowerBound) * layout.slice
    /// Where the part's first column is in a row of the image.
    func offset(ofRow y: Int) -> Int { plane + (y - box.y.lowerBound) * layout.row }

    let inside = region.y.clamped(to: 0..<image.height)
    let firstRow = inside.lowerBound - region.y.lowerBound
    copyRows(
      RowBlock(
        rows: inside.count, count: columns.count,
        source: offset(ofRow: inside.lowerBound) + region.x.lowerBound + columns.lowerBound
          - box.x.lowerBound,
        sourceStride: layout.row, target: start + firstRow * region.extent.width + columns.lowerBound,
        targetStride: region.extent.width),
      from: source, into: &target, isReadSoon: isReadSoon)
    guard columns.count < region.extent.width || inside.count < region.extent.height else { return }
    let rowLength = (box.extent.width - 1) * step + 1
    for row in 0..<region.extent.height {
      let line = start + row * region.extent.width
      guard let y = padding.source(of: region.y.lowerBound + row, length: image.height) else {
        fill(line..<line + region.extent.width, of: &target, with: constant())
        continue
      }
      let values = source.extracting(offset(ofRow: y)..<offset(ofRow: y) + rowLength)
      let isCopied = row >= firstRow && row < firstRow + inside.count && !columns.isEmpty
      pick(
        picks[..<(isCopied ? columns.lowerBound : picks.count)], from: values,
        startingAt: box.x.lowerBound * step, or: constant(), into: &target, at: line)
      if isCopied {
        pick(
          picks[columns.upperBound...], from: values, startingAt: box.x.lowerBound * step,
          or: constant(), into: &target, at: line + columns.upperBound)
      }
    }
  }

  private func constant<Scalar: VoxelScalar>() -> Scalar {
    if case .constant(let value) = padding { Scalar(nearest: value) } else { 0 }
  }
}

extension PlacedVolume {
  /// How the values lie in the memory of the volume.
  var layout: BufferLayout { .planar(region.extent) }
}
