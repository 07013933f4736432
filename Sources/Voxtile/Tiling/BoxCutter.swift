/// Cuts one box out of an image of which one part or several are in memory.
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

  /// Fills the target, of shape `(channels, depth, height, width)`, from parts of the image.
  ///
  /// - Precondition: for each needed slice one part has all needed rows and columns of it.
  func cut<Scalar: VoxelScalar>(
    from parts: [ImagePart<Scalar>], into target: inout MutableSpan<Scalar>
  ) {
    guard let channels = parts.first?.volume.channels else { return }
    cut(planes: 0..<channels * region.extent.depth, from: parts, into: &target)
  }

  /// Fills some planes of the target, counted over the slices of all channels, which are all that it holds.
  ///
  /// - Precondition: that of ``cut(from:into:)``.
  func cut<Scalar: VoxelScalar>(
    planes: Range<Int>, from parts: [ImagePart<Scalar>], into target: inout MutableSpan<Scalar>
  ) {
    guard region.voxelCount > 0 else { return }
    let area = region.extent.width * region.extent.height
    for plane in planes {
      let (channel, slice) = plane.quotientAndRemainder(dividingBy: region.extent.depth)
      let start = (plane - planes.lowerBound) * area
      guard let z = padding.source(of: region.z.lowerBound + slice, length: image.depth) else {
        fill(start..<start + area, of: &target, with: constant())
        continue
      }
      guard let part = parts.first(where: { $0.region.z.contains(z) }) else {
        preconditionFailure("slice \(z) is needed and not in memory")
      }
      cutSlice(z, channel: channel, of: part, into: &target, at: start)
    }
  }

  /// Fills one slice of the box from one slice of a part.
  private func cutSlice<Scalar: VoxelScalar>(
    _ z: Int, channel: Int, of part: ImagePart<Scalar>, into target: inout MutableSpan<Scalar>,
    at start: Int
  ) {
    let source = part.volume.voxels.span
    let (width, height) = (part.region.extent.width, part.region.extent.height)
    let plane = channel * part.region.extent.depth + z - part.region.z.lowerBound
    /// Where the part's first column would be in a row of the image.
    func offset(ofRow y: Int) -> Int { (plane * height + y - part.region.y.lowerBound) * width }

    let inside = region.y.clamped(to: 0..<image.height)
    let firstRow = inside.lowerBound - region.y.lowerBound
    copyRows(
      RowBlock(
        rows: inside.count, count: columns.count,
        source: offset(ofRow: inside.lowerBound) + region.x.lowerBound + columns.lowerBound
          - part.region.x.lowerBound,
        sourceStride: width, target: start + firstRow * region.extent.width + columns.lowerBound,
        targetStride: region.extent.width),
      from: source, into: &target)
    guard columns.count < region.extent.width || inside.count < region.extent.height else { return }
    for row in 0..<region.extent.height {
      let line = start + row * region.extent.width
      guard let y = padding.source(of: region.y.lowerBound + row, length: image.height) else {
        fill(line..<line + region.extent.width, of: &target, with: constant())
        continue
      }
      let values = source.extracting(offset(ofRow: y)..<offset(ofRow: y) + width)
      let isCopied = row >= firstRow && row < firstRow + inside.count && !columns.isEmpty
      pick(
        picks[..<(isCopied ? columns.lowerBound : picks.count)], from: values,
        startingAt: part.region.x.lowerBound, or: constant(), into: &target, at: line)
      if isCopied {
        pick(
          picks[columns.upperBound...], from: values, startingAt: part.region.x.lowerBound,
          or: constant(), into: &target, at: line + columns.upperBound)
      }
    }
  }

  private func constant<Scalar: VoxelScalar>() -> Scalar {
    if case .constant(let value) = padding { Scalar(nearest: value) } else { 0 }
  }
}
