/// Finds the surface of one label, layer by layer.
///
/// The points of a mesh are the corners of voxels, so there is one more along each axis than there are voxels.
struct SurfaceLayers: Sendable {
  /// The label map.
  let map: LabelRows
  /// The label.
  let label: Int
  /// The box that is looked at; the label has no voxel outside of it.
  let box: Region
  /// What counts as surface.
  let definition: SurfaceDefinition
  /// Whether the image has no third axis.
  let isPlanar: Bool

  /// The number of points along each axis.
  var extent: Extent {
    guard definition == .mesh else { return box.extent }
    return Extent(
      width: box.extent.width + 1, height: box.extent.height + 1,
      depth: isPlanar ? 1 : box.extent.depth + 1)
  }

  /// The points of a layer, x first: which of the voxels around it are inside, or 0 where it does not lie on the surface.
  ///
  /// The number is the place of its area in ``SurfaceElements``; for voxels it is 1.
  ///
  /// - Returns: `nil` where no point lies on the surface.
  /// - Complexity: O(points).
  func codes(ofLayer layer: Int) -> [UInt8]? {
    switch definition {
    case .mesh:
      if isPlanar {
        guard let inside = bits(ofSlices: [0]) else { return nil }
        return corners(of: inside, bitCount: 1)
      }
      guard let inside = bits(ofSlices: [layer - 1, layer]) else { return nil }
      return corners(of: inside, bitCount: 2)
    case .voxel:
      // A slice stands for those beside it in an image without a third axis.
      let slices = isPlanar ? [0, 0, 0] : [layer - 1, layer, layer + 1]
      guard let inside = bits(ofSlices: slices) else { return nil }
      return edges(of: inside)
    }
  }

  /// One bit for each slice at each voxel of the box, with a border of one voxel around it; `nil` where all are 0.
  private func bits(ofSlices slices: [Int]) -> [UInt8]? {
    let width = box.extent.width + 2
    var plane = [UInt8](repeating: 0, count: width * (box.extent.height + 2))
    var isEmpty = true
    var span = plane.mutableSpan
    for (bit, slice) in slices.enumerated() where (0..<box.extent.depth).contains(slice) {
      for y in 0..<box.extent.height {
        for run in map.runs(y: box.y.lowerBound + y, z: box.z.lowerBound + slice) where run.value == label {
          isEmpty = false
          let start = (y + 1) * width + 1 - box.x.lowerBound
          for place in start + run.x.lowerBound..<start + run.x.upperBound { span[place] |= 1 << UInt8(bit) }
        }
      }
    }
    return isEmpty ? nil : plane
  }

  /// The set of voxels inside around each corner.
  ///
  /// - Parameters:
  ///   - inside: bits with a border.
  ///   - bitCount: how many bits a voxel has.
  private func corners(of inside: [UInt8], bitCount: UInt8) -> [UInt8]? {
    let (width, height) = (box.extent.width + 1, box.extent.height + 1)
    let full: UInt8 = bitCount == 1 ? 0xf : 0xff
    var codes = [UInt8](repeating: 0, count: width * height)
    var columns = [UInt8](repeating: 0, count: width + 1)
    var found: UInt8 = 0
    let voxels = inside.span
    var points = codes.mutableSpan
    var pairs = columns.mutableSpan
    for y in 0..<height {
      let upper = voxels.extracting(y * (width + 1)..<(y + 1) * (width + 1))
      let lower = voxels.extracting((y + 1) * (width + 1)..<(y + 2) * (width + 1))
      for x in 0...width { pairs[x] = upper[x] | lower[x] << bitCount }
      var row = points._mutatingExtracting(y * width..<(y + 1) * width)
      for x in 0..<width {
        let code = pairs[x] | pairs[x + 1] << (2 * bitCount)
        let counted = code == full ? 0 : code
        row[x] = counted
        found |= counted
      }
    }
    return found == 0 ? nil : codes
  }

  /// 1 for each voxel that is inside and has a neighbor at one of its faces that is not.
  ///
  /// - Parameter inside: bits with a border: 1 for the slice before, 2 for the voxel's own, 4 for the one after.
  private func edges(of inside: [UInt8]) -> [UInt8]? {
    let (width, height) = (box.extent.width, box.extent.height)
    var codes = [UInt8](repeating: 0, count: width * height)
    var found: UInt8 = 0
    let voxels = inside.span
    var points = codes.mutableSpan
    for y in 0..<height {
      let stride = width + 2
      let above = voxels.extracting(y * stride..<(y + 1) * stride)
      let own = voxels.extracting((y + 1) * stride..<(y + 2) * stride)
      let below = voxels.extracting((y + 2) * stride..<(y + 3) * stride)
      var row = points._mutatingExtracting(y * width..<(y + 1) * width)
      for x in 0..<width {
        let voxel = own[x + 1]
        let neighbors = above[x + 1] & below[x + 1] & own[x] & own[x + 2] & voxel >> 1 & voxel << 1
        let code = voxel >> 1 & ~(neighbors >> 1) & 1
        row[x] = code
        found |= code
      }
    }
    return found == 0 ? nil : codes
  }
}
