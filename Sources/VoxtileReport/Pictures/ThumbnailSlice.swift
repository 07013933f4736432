import Voxtile
import VoxtileFormats

/// Reads one slice of an image, shrunk to a small picture.
struct ThumbnailSlice {
  /// The most values of a band of rows that is read at a time. Of a slice that is larger, some rows of each band are read.
  private static let bandValues = 1 << 13
  /// The most values of a slice that can only be read as a whole.
  private static let wholeValues = 1 << 25

  private let pictures: [PictureBuilder]
  private let view: ThumbnailView
  private let size: (width: Int, height: Int)

  /// For each of the channels that were asked for, the values of the pixels from left to right and from top to bottom.
  ///
  /// - Parameter areLabels: whether a pixel has the value in the middle of what it stands for, instead of their mean.
  func planes(areLabels: Bool) -> [[Double]] {
    pictures.map { Self.turned(areLabels ? $0.labels : $0.means, of: $0.extent, view, size) }
  }

  /// - Parameters:
  ///   - index: the slice.
  ///   - size: that of the picture.
  ///   - channels: how many of the first channels are read.
  /// - Throws: what reading throws; `VoxtileError.Code.memoryTooLow` where too much would be read.
  init(
    of reader: any VolumeReader, _ view: ThumbnailView, at index: Int, size: (width: Int, height: Int),
    channels: Int
  ) throws {
    let extent = reader.info.extent
    let sizes = extent.sizes.map { axis, length in
      axis == view.axis ? 1 : min(length, axis == view.across ? size.width : size.height)
    }
    let flat = Extent(extent.sizes.map { axis, length in axis == view.axis ? 1 : length })
    var pictures = (0..<channels).map { _ in PictureBuilder(of: flat, size: Extent(sizes)) }
    let slow: Axis = view.axis == .z ? .y : .z
    for rows in try Self.bands(of: reader, along: slow, in: flat, count: sizes[slow]) {
      let ranges = extent.sizes.map { axis, length in
        axis == view.axis ? index..<index + 1 : axis == slow ? rows : 0..<length
      }
      let values: Volume<Double> = try reader.readReal(Region(x: ranges.x, y: ranges.y, z: ranges.z))
      let place = ranges.map { axis, range in axis == view.axis ? 0..<1 : range }
      let region = Region(x: place.x, y: place.y, z: place.z)
      for channel in pictures.indices {
        pictures[channel].add(values.voxels, from: channel * region.voxelCount, at: region)
      }
    }
    (self.pictures, self.view, self.size) = (pictures, view, size)
  }

  /// The rows to read, in ascending order, so that a compressed file costs one pass.
  private static func bands(
    of reader: any VolumeReader, along slow: Axis, in flat: Extent, count: Int
  ) throws -> [Range<Int>] {
    let info = reader.info
    let rowValues = flat.voxelCount / flat[slow] * info.channels
    // The channels of a compressed file lie far apart, so they are read at once.
    if info.channels > 1, !reader.isRandomAccess, !info.isColor {
      guard rowValues * flat[slow] <= wholeValues else {
        throw VoxtileError(
          .memoryTooLow, "a slice of it is too large for a small picture",
          context: .init(expected: "at most \(wholeValues) values", found: "\(rowValues * flat[slow])"))
      }
      return [0..<flat[slow]]
    }
    let axis = PictureAxis(count: count, length: flat[slow])
    let most = max(1, bandValues / max(1, rowValues))
    return (0..<count).map { index in
      let rows = axis.sources(of: index)
      guard rows.count > most else { return rows }
      let start = max(rows.lowerBound, axis.center(of: index) - most / 2)
      return start..<min(rows.upperBound, start + most)
    }
  }

  /// Turns a picture as it is seen, and repeats voxels that are larger than pixels.
  static func turned(
    _ values: [Double], of extent: Extent, _ view: ThumbnailView, _ size: (width: Int, height: Int)
  ) -> [Double] {
    let step = PerAxis(x: 1, y: extent.width, z: extent.width * extent.height)
    let (columns, rows) = (extent[view.across], extent[view.down])
    var turned: [Double] = []
    turned.reserveCapacity(size.width * size.height)
    for y in 0..<size.height {
      let row = y * rows / size.height
      let start = (view.isDownReversed ? rows - 1 - row : row) * step[view.down]
      for x in 0..<size.width {
        let column = x * columns / size.width
        turned.append(
          values[start + (view.isAcrossReversed ? columns - 1 - column : column) * step[view.across]])
      }
    }
    return turned
  }
}
