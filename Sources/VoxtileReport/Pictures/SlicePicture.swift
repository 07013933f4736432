import Voxtile

/// A slice of an image in shades of gray, to be shown while the rest of the image is read.
package struct SlicePicture: Sendable {
  /// The most pixels along a side.
  private static let side = 512

  /// The slice, counted from 0 along the axis in which images are stored, and how many there are.
  package let slice: Int
  package let count: Int
  /// What radiologists call the plane; `nil` where it is not known how the image lies.
  package let plane: String?
  package let width: Int
  package let height: Int
  /// Row after row, 0 for black.
  package let pixels: [UInt8]

  /// Draws the last slice of what was read.
  ///
  /// - Parameters:
  ///   - bytes: whole slices as they are stored, channel after channel.
  ///   - slices: which they are.
  ///   - info: the image.
  /// - Returns: `nil` where slices are no pictures in shades of gray.
  package init?(_ bytes: UnsafeRawBufferPointer, slices: Range<Int>, of info: VolumeInfo) {
    guard let last = slices.last, !info.isColor, info.extent.depth > 1,
      let view = ThumbnailView.all(of: info).first(where: { $0.axis == .z })
    else { return nil }
    func slice<Scalar: VoxelScalar>(_ type: Scalar.Type) throws -> any AnyVolume {
      let area = info.extent.width * info.extent.height
      let first = (slices.count - 1) * area
      return try Volume(
        extent: Extent(width: info.extent.width, height: info.extent.height, depth: 1),
        voxels: [Scalar](bytes.bindMemory(to: Scalar.self)[first..<first + area]), metadata: info.metadata)
    }
    let size = view.size(of: info, side: Self.side)
    guard let volume = try? slice(info.scalarType.type),
      let thumbnail = try? ThumbnailSlice(
        of: VolumeInMemory(volume), view, at: 0, size: size, channels: 1)
    else { return nil }
    let gray = thumbnail.planes(areLabels: info.isLabelMap)[0]
    let (indices, palette) = ThumbnailPixels(gray: gray, labels: nil).indexed(shades: 256)
    pixels = indices.map { palette[Int($0)].red }
    (self.slice, count) = (last, info.extent.depth)
    plane = view.plane(of: info)
    (width, height) = size
  }
}
