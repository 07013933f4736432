import Voxtile
import VoxtileFormats

/// Shrinks pictures until they fit in a page.
///
/// The compressed size is known only after compression: label maps shrink a hundredfold, noise not at all.
enum PictureBudget {
  /// Shrinks all layers by the same factor if together they exceed the allowed size.
  ///
  /// - Parameters:
  ///   - layers: the layers.
  ///   - bytes: the maximum total size in bytes, compressed and in base64.
  static func fit(_ layers: [ReportData.Layer], bytes: Int) -> [ReportData.Layer] {
    var fitting = layers
    var factor = 1.0
    // Each round corrects the previous estimate. A few rounds are enough, since pictures cannot get smaller than
    // one voxel.
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
  /// Returns the layer with fewer voxels.
  ///
  /// - Parameter factor: the fraction of voxels to keep, 0...1.
  fileprivate func shrunk(by factor: Double) -> ReportData.Layer {
    let whole = Extent(width: extent[0], height: extent[1], depth: extent[2])
    // Starts from the voxel size of the picture, which is already nearly isotropic where that is possible.
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
