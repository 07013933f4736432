/// The place of a voxel, counted from the first voxel of its image.
///
/// Positions may be negative: a padded grid starts before the image.
public struct Position: Hashable, Sendable {
  /// Voxels along x.
  public var x: Int
  /// Voxels along y.
  public var y: Int
  /// Voxels along z.
  public var z: Int

  /// Creates a position.
  public init(x: Int, y: Int, z: Int = 0) {
    self.x = x
    self.y = y
    self.z = z
  }

  /// The first voxel of an image.
  public static let zero = Position(x: 0, y: 0, z: 0)

  /// The coordinate along one axis.
  public subscript(axis: Axis) -> Int {
    get {
      switch axis {
      case .x: x
      case .y: y
      case .z: z
      }
    }
    set {
      switch axis {
      case .x: x = newValue
      case .y: y = newValue
      case .z: z = newValue
      }
    }
  }

  /// The sum, coordinate by coordinate.
  public static func + (a: Position, b: Position) -> Position {
    Position(x: a.x + b.x, y: a.y + b.y, z: a.z + b.z)
  }

  /// The difference, coordinate by coordinate.
  public static func - (a: Position, b: Position) -> Position {
    Position(x: a.x - b.x, y: a.y - b.y, z: a.z - b.z)
  }
}

extension Position: CustomStringConvertible {
  /// The coordinates as `(x, y, z)`.
  public var description: String { "(\(x), \(y), \(z))" }
}

/// A box inside (or, with padding, around) an image: where it starts and how large it is.
public struct Region: Hashable, Sendable {
  /// The first voxel of the box.
  public let origin: Position
  /// The size of the box.
  public let extent: Extent

  /// Creates a region.
  public init(origin: Position, extent: Extent) {
    self.origin = origin
    self.extent = extent
  }

  /// Creates the region that covers a whole image.
  public init(_ extent: Extent) {
    self.init(origin: .zero, extent: extent)
  }

  /// Creates a region from one half-open range per axis.
  public init(x: Range<Int>, y: Range<Int>, z: Range<Int> = 0..<1) {
    self.init(
      origin: Position(x: x.lowerBound, y: y.lowerBound, z: z.lowerBound),
      extent: Extent(width: x.count, height: y.count, depth: z.count))
  }

  /// The half-open range of voxels along one axis.
  public subscript(axis: Axis) -> Range<Int> {
    origin[axis]..<origin[axis] + extent[axis]
  }

  /// The half-open range along x.
  public var x: Range<Int> { self[.x] }
  /// The half-open range along y.
  public var y: Range<Int> { self[.y] }
  /// The half-open range along z.
  public var z: Range<Int> { self[.z] }

  /// The number of voxels in the box.
  public var voxelCount: Int { extent.voxelCount }

  /// Whether the box lies wholly inside an image of the given size.
  public func isInside(_ image: Extent) -> Bool {
    Axis.allCases.allSatisfy { axis in
      self[axis].lowerBound >= 0 && self[axis].upperBound <= image[axis]
    }
  }

  /// Whether the box holds a voxel.
  public func contains(_ position: Position) -> Bool {
    x.contains(position.x) && y.contains(position.y) && z.contains(position.z)
  }

  /// The part of the box that also lies in another one; empty where they do not meet.
  public func intersection(_ other: Region) -> Region {
    Region(x: x.clamped(to: other.x), y: y.clamped(to: other.y), z: z.clamped(to: other.z))
  }

  /// The smallest box that holds this one and another.
  package func union(_ other: Region) -> Region {
    func hull(_ a: Range<Int>, _ b: Range<Int>) -> Range<Int> {
      min(a.lowerBound, b.lowerBound)..<max(a.upperBound, b.upperBound)
    }
    return Region(x: hull(x, other.x), y: hull(y, other.y), z: hull(z, other.z))
  }
}

extension Region: CustomStringConvertible {
  /// The extent and where it starts: `96x96x64 at (0, 64, 0)`.
  public var description: String { "\(extent) at \(origin)" }
}
