import Voxtile

/// The voxel that stands at a coordinate, found by stepping along the axis voxel by voxel; `nil`
/// where a constant stands there.
public func naiveSource(of coordinate: Int, length: Int, padding: Padding) -> Int? {
  if (0..<length).contains(coordinate) { return coordinate }
  if case .constant = padding { return nil }

  var voxel = 0
  var step = coordinate < 0 ? -1 : 1
  for _ in 0..<abs(coordinate) {
    let next = voxel + step
    if (0..<length).contains(next) {
      voxel = next
      continue
    }
    switch padding {
    case .constant, .edge: break  // stays at the border
    case .wrap: voxel = step > 0 ? 0 : length - 1
    case .symmetric: step = -step  // the border voxel once more
    case .reflect:
      step = -step
      if length > 1 { voxel += step }
    }
  }
  return voxel
}

/// The values of a box in or around an image, in the order `(channels, depth, height, width)`, found
/// by mapping each index.
///
/// - Parameters:
///   - voxels: the values of the image, in the order `(channels, depth, height, width)`.
///   - extent: the size of the image.
///   - channels: values per voxel.
///   - region: the box, which may reach outside the image or lie outside of it.
///   - padding: how missing voxels are made.
///   - constant: what stands for a voxel that `Padding.constant` makes up.
public func naiveCrop<Value>(
  _ voxels: [Value], extent: Extent, channels: Int = 1, region: Region, padding: Padding,
  constant: Value
) -> [Value] {
  (0..<channels).flatMap { channel in
    region.extent.positions.map { offset in
      let voxel = region.origin + offset
      guard let x = naiveSource(of: voxel.x, length: extent.width, padding: padding),
        let y = naiveSource(of: voxel.y, length: extent.height, padding: padding),
        let z = naiveSource(of: voxel.z, length: extent.depth, padding: padding)
      else { return constant }
      return voxels[((channel * extent.depth + z) * extent.height + y) * extent.width + x]
    }
  }
}
