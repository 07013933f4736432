import Voxtile
import VoxtileFormats

/// A picture of some thousand pixels and few colors, which is a PNG of a few KiB.
struct SmallPicture: Sendable {
  /// A picture with more bytes gets fewer shades of gray.
  static let wantedBytes = 4 << 10

  private let size: (width: Int, height: Int)
  private let pixels: ThumbnailPixels

  init(size: (width: Int, height: Int), pixels: ThumbnailPixels) {
    (self.size, self.pixels) = (size, pixels)
  }

  /// Draws a slice of an image with its labels over it.
  ///
  /// - Parameters:
  ///   - labels: the labels, of the image's size.
  ///   - size: that of the picture.
  ///   - areOutlines: whether only the borders of labels are shown.
  /// - Throws: what reading throws.
  init(
    of image: any VolumeReader, labels: (any VolumeReader)?, _ view: ThumbnailView, at slice: Int,
    size: (width: Int, height: Int), areOutlines: Bool = false
  ) throws {
    let info = image.info
    let shown = try ThumbnailSlice(
      of: image, view, at: slice, size: size, channels: info.isColor ? 3 : 1
    ).planes(areLabels: info.isLabelMap)
    var over = try labels.map {
      try ThumbnailSlice(of: $0, view, at: slice, size: size, channels: 1).planes(areLabels: true)[0]
    }
    if areOutlines { over = over.map { Self.outlines($0, width: size.width) } }
    self.size = size
    if info.isLabelMap {
      pixels = ThumbnailPixels(gray: nil, labels: shown[0])
    } else if info.isColor {
      pixels = ThumbnailPixels(color: shown, scale: info.colorScale, labels: over)
    } else {
      pixels = ThumbnailPixels(gray: shown[0], labels: over, labelShare: areOutlines ? 1 : nil)
    }
  }

  /// Writes the picture, in place of an older one.
  ///
  /// - Throws: what writing throws.
  func write(to path: String) throws {
    for shades in [24, 14, 8] {
      let (indices, palette) = pixels.indexed(shades: shades)
      let extent = Extent(width: size.width, height: size.height)
      let writer = try ImageFormats.create(
        path, info: VolumeInfo(extent: extent, scalarType: .uint8, palette: palette),
        options: WriteOptions(isReplacing: true, compression: .small))
      try writer.write(Volume(extent: extent, voxels: indices), slices: 0..<1)
      try writer.finish()
      if FileVersion(path).map({ $0.byteCount <= Self.wantedBytes }) ?? true { break }
    }
  }

  /// Labels where a neighbor has another one, and 0 elsewhere.
  static func outlines(_ labels: [Double], width: Int) -> [Double] {
    labels.indices.map { pixel in
      let (label, column) = (labels[pixel], pixel % width)
      let neighbors = [
        column > 0 ? pixel - 1 : pixel, column < width - 1 ? pixel + 1 : pixel,
        pixel >= width ? pixel - width : pixel, pixel + width < labels.count ? pixel + width : pixel,
      ]
      return neighbors.contains { labels[$0] != label } ? label : 0
    }
  }
}
