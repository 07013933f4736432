import Voxtile
import VoxtileFormats

/// Makes pictures smaller until a page can hold them.
///
/// How well a picture compresses is known only when it is there: a label map to a hundredth, noise not at all.
enum PictureBudget {
  /// The layers, made smaller by the same factor where all together have more bytes than allowed.
  ///
  /// - Parameters:
  ///   - layers: the layers.
  ///   - bytes: the most bytes of all of them in the page, compressed and in base64.
  static func fit(_ layers: [ReportData.Layer], bytes: Int) -> [ReportData.Layer] {
    var fitting = layers
    var factor = 1.0
    // Each round comes as near as the one before guessed; pictures of one voxel end it in any case.
    for _ in 0..<8 {
      let needed = fitting.reduce(0) { $0 + $1.bytes.gzipped().count * 4 / 3 }
      if needed <= bytes { break }
      factor *= 0.97 * Double(bytes) / Double(needed)
      fitting = layers.map { $0.shrunk(by: factor) }
    }
    return fitting
  }
}

extension ReportData.Layer {
  /// The layer with a part of its voxels.
  ///
  /// - Parameter factor: the part, 0...1.
  fileprivate func shrunk(by factor: Double) -> ReportData.Layer {
    let whole = Extent(width: extent[0], height: extent[1], depth: extent[2])
    // The picture's own voxels are as good as cubes already, or as fine as the image's along some axes.
    let size = PictureSize.fitting(
      whole, spacing: PerAxis(x: spacing[0], y: spacing[1], z: spacing[2]),
      voxels: max(1, Int(Double(whole.voxelCount) * factor)))
    var layer = self
    layer.extent = size.sizes.all
    layer.isExact = false
    layer.spacing = zip(spacing, zip(extent, layer.extent)).map { $0 * Double($1.0) / Double($1.1) }
    let planes = kind == .color ? 3 : 1
    layer.bytes = (0..<planes).flatMap { plane in
      let start = plane * whole.voxelCount
      return shrunk(bytes[start..<start + whole.voxelCount], from: whole, to: size)
    }
    return layer
  }

  private func shrunk(_ plane: ArraySlice<UInt8>, from whole: Extent, to size: Extent) -> [UInt8] {
    let values = plane.map { byte in
      kind == .color ? Double(byte) : byte == 0 ? .nan : levels[Int(byte) - 1]
    }
    var picture = PictureBuilder(of: whole, size: size, isLargest: kind == .difference)
    picture.add(values, at: Region(whole))
    if kind == .color { return picture.means.map { UInt8(nearest: $0) } }
    return PictureLevels(values: levels).bytes(of: kind == .labels ? picture.labels : picture.means)
  }
}
