/// The size of a box in voxels. A 2D image has depth 1.
///
///     Extent(96)                                      // 96x96x96
///     Extent(width: 181, height: 217, depth: 181)
///     Extent(width: 640, height: 480)                 // a 2D image
public struct Extent: Hashable, Sendable {
  /// Voxels along x, the axis that runs fastest in memory.
  public let width: Int
  /// Voxels along y.
  public let height: Int
  /// Voxels along z; 1 for a 2D image.
  public let depth: Int

  /// Creates an extent.
  ///
  /// - Precondition: no size is negative. A size of zero is legal and makes an empty box; a
  ///   ``PatchGrid`` refuses it.
  public init(width: Int, height: Int, depth: Int = 1) {
    precondition(width >= 0 && height >= 0 && depth >= 0, "an extent cannot be negative")
    self.width = width
    self.height = height
    self.depth = depth
  }

  /// Creates a cube.
  public init(_ side: Int) {
    self.init(width: side, height: side, depth: side)
  }

  /// Creates an extent from one size per axis.
  public init(_ sizes: PerAxis<Int>) {
    self.init(width: sizes.x, height: sizes.y, depth: sizes.z)
  }

  /// The size along one axis.
  public subscript(axis: Axis) -> Int {
    switch axis {
    case .x: width
    case .y: height
    case .z: depth
    }
  }

  /// The three sizes, one per axis.
  public var sizes: PerAxis<Int> { PerAxis(x: width, y: height, z: depth) }

  /// The number of voxels in the box.
  ///
  /// - Precondition: the product fits an `Int`. Decoders check sizes that come from outside with
  ///   ``voxelCountIfRepresentable``.
  public var voxelCount: Int { width * height * depth }

  /// The number of voxels, or `nil` where the product overflows.
  public var voxelCountIfRepresentable: Int? {
    let (area, overflowed) = width.multipliedReportingOverflow(by: height)
    if overflowed { return nil }
    let (count, overflowedAgain) = area.multipliedReportingOverflow(by: depth)
    return overflowedAgain ? nil : count
  }

  /// Whether the box is a single slice.
  public var isPlanar: Bool { depth == 1 }
}

extension Extent: CustomStringConvertible {
  /// The sizes joined by `x`; a single slice leaves the depth out: `96x96x64`, `640x480`.
  public var description: String {
    isPlanar ? "\(width)x\(height)" : "\(width)x\(height)x\(depth)"
  }
}
