import Voxtile

/// How the axes of an array are understood as those of an image.
///
/// The last axis is x: `(z, y, x)` is a volume, `(y, x)` a 2D image, and channels come first, `(c, z, y, x)`. Only an array of
/// `uint8` whose third and last axis has 3 or 4 elements is taken for a color picture `(y, x, c)`. Channels of a picture that are
/// no such colors are `(c, 1, y, x)`, since `(c, y, x)` would be a volume of `c` slices.
struct NpyShape: Equatable, Sendable {
  /// The length of each axis.
  let axes: [Int]
  /// The size of the image.
  var extent: Extent
  /// Values per voxel.
  var channels = 1
  /// Whether the last axis is that of colors.
  var isColor = false
  /// 2 for an image, 3 for a volume.
  var spatialRank = 3
  /// What each axis is.
  var names: [String]
  /// What was guessed.
  var notes: [String] = []

  /// Understands the shape of an array.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where it is none of an image.
  init(_ header: NpyHeader) throws(VoxtileError) {
    axes = header.axes
    guard !axes.contains(0), axes.count >= 2 else { throw .noImage(header, why: "that is no image") }
    var sizes = axes[...]
    while sizes.count > 4, sizes.first == 1 { sizes = sizes.dropFirst() }
    guard sizes.count <= 4 else { throw .noImage(header, why: "that is more than channels and three axes") }
    let dropped = axes.count - sizes.count
    let last = Array(sizes.suffix(2))
    extent = Extent(width: last[1], height: last[0])
    names = ["height", "width"]
    switch sizes.count {
    case 2: spatialRank = 2
    case 3 where header.type == .plain(.uint8) && [3, 4].contains(axes[2]):
      extent = Extent(width: axes[1], height: axes[0])
      (channels, isColor, spatialRank) = (axes[2], true, 2)
      names.append("colors")
    default:
      extent = Extent(width: last[1], height: last[0], depth: sizes.suffix(3).first ?? 1)
      names.insert("depth", at: 0)
      if sizes.count == 4 {
        channels = sizes.first ?? 1
        names.insert("channels", at: 0)
      }
    }
    names = [String](repeating: "dropped", count: dropped) + names
    try checkSize(header)
    notes = guesses(header, dropped: dropped)
  }

  private func checkSize(_ header: NpyHeader) throws(VoxtileError) {
    var product = header.type.scalarType.byteCount
    for size in axes {
      let (next, overflowed) = product.multipliedReportingOverflow(by: size)
      guard !overflowed, next < 1 << 60 else {
        throw .npy("shape", expected: "one of fewer than 2^60 bytes", found: header.shapeText)
      }
      product = next
    }
  }

  private func guesses(_ header: NpyHeader, dropped: Int) -> [String] {
    var notes: [String] = []
    let text = header.shapeText
    if isColor {
      notes.append(
        "has the shape \(text) of uint8, which is taken for a picture of \(axes[1])x\(axes[0]) pixels in \(axes[2]) colors; "
          + "save a volume with an axis of channels, as (1, \(text.dropFirst())")
    }
    if axes.count - dropped == 3, !isColor, extent.width <= 4, extent.height > 4, extent.depth > 4 {
      notes.append(
        "has the shape \(text), which is taken for a volume of \(extent) voxels; channels of a picture come first here, as in "
          + "(\(extent.width), 1, \(extent.depth), \(extent.height))")
    }
    if axes.count - dropped == 4, extent.width <= 4, channels > 4 {
      notes.append(
        "has the shape \(text), which is taken for \(channels) channels of \(extent) voxels; channels come first here, so "
          + "move the axis where they are the last one")
    }
    if dropped > 0 {
      notes.append(
        "has the shape \(text), whose first \(dropped == 1 ? "axis of one element is" : "axes of one element are") dropped"
      )
    }
    return notes
  }

  /// The shape in which an image is written: one that is understood as that image.
  init(writing info: VolumeInfo) {
    let (size, channels) = (info.extent, info.channels)
    let isByte = info.scalarType == .uint8
    extent = size
    self.channels = channels
    spatialRank = info.isPlanar ? 2 : 3
    if info.isPlanar, channels == 1 {
      (axes, names) = ([size.height, size.width], ["height", "width"])
    } else if info.isPlanar, isByte, [3, 4].contains(channels), !info.channelMeaning.isKnownAsNoColors {
      isColor = true
      (axes, names) = ([size.height, size.width, channels], ["height", "width", "colors"])
    } else if channels == 1, !(isByte && [3, 4].contains(size.width)) {
      (axes, names) = ([size.depth, size.height, size.width], ["depth", "height", "width"])
    } else {
      axes = [channels, size.depth, size.height, size.width]
      names = ["channels", "depth", "height", "width"]
    }
  }

  /// The shape in words.
  var words: String { names.joined(separator: ", ") }
}

extension VoxtileError {
  fileprivate static func noImage(_ header: NpyHeader, why: String) -> VoxtileError {
    VoxtileError(
      .unsupportedFormat,
      "has the shape \(header.shapeText), and \(why); save an array of the axes (y, x), (z, y, x) or (channels, z, y, x)",
      context: .init(expected: "2 to 4 axes", found: header.shapeText))
  }
}
