import Voxtile

/// How the axes of a patch file run along those of the image: reversed, in another order, or as they are.
///
///     FileAxes(["-x", "z", "y"])  // x backwards; y of the file along z of the image, and z along y
public struct FileAxes: Hashable, Sendable {
  /// An axis of the image, and which way it runs.
  public struct Direction: Hashable, Sendable {
    /// The axis of the image.
    public var axis: Axis
    /// Whether the first voxel of the file is the last one of the patch.
    public var isReversed: Bool

    /// Creates a direction.
    public init(_ axis: Axis, isReversed: Bool = false) {
      self.axis = axis
      self.isReversed = isReversed
    }
  }

  /// For each axis of the file, the axis of the image that it runs along.
  public let directions: PerAxis<Direction>

  /// All axes as they are in the image.
  public static let asInImage = FileAxes(checked: PerAxis(x: .init(.x), y: .init(.y), z: .init(.z)))

  /// Creates axes; `nil` unless each axis of the image occurs once.
  public init?(_ directions: PerAxis<Direction>) {
    guard Set(directions.all.map(\.axis)).count == 3 else { return nil }
    self.init(checked: directions)
  }

  private init(checked directions: PerAxis<Direction>) { self.directions = directions }

  /// Creates axes from their names: `x`, `y` and `z` in any order, with a minus sign before a reversed one; else `nil`.
  public init?(_ names: [String]) {
    let found = names.compactMap(Direction.init)
    guard found.count == 3, names.count == 3 else { return nil }
    self.init(PerAxis(x: found[0], y: found[1], z: found[2]))
  }

  /// How the axes of the image run along those of the file.
  var inverted: FileAxes {
    var inverted = directions
    for axis in Axis.allCases {
      inverted[directions[axis].axis] = Direction(axis, isReversed: directions[axis].isReversed)
    }
    return FileAxes(checked: inverted)
  }

  /// The names of the directions, such as `-x`.
  public var names: [String] { directions.all.map(\.description) }

  /// The size of a file that holds a box of the image.
  public func fileExtent(of box: Extent) -> Extent {
    Extent(directions.map { _, direction in box[direction.axis] })
  }

  /// Where a file lies in the world.
  ///
  /// - Parameters:
  ///   - box: where a box of the image lies.
  ///   - extent: the size of that box.
  func fileMetadata(of box: VolumeMetadata, extent: Extent) -> VolumeMetadata {
    guard self != .asInImage else { return box }
    var corner = PerAxis(0.0)
    for direction in directions.all where direction.isReversed {
      corner[direction.axis] = Double(extent[direction.axis] - 1)
    }
    let start = box.affine.world(x: corner.x, y: corner.y, z: corner.z).all
    let rows = zip(box.affine.rows, start).map { row, start in
      directions.all.map { direction in
        let step = row[direction.axis.index]
        return direction.isReversed ? -step : step
      } + [start]
    }
    return box.withoutHeader(affine: Affine(rows: rows))
  }

  /// Turns a box of the image as its file has it.
  ///
  /// - Complexity: O(values), one by one.
  func turned<Scalar>(_ box: Volume<Scalar>) -> Volume<Scalar> {
    guard self != .asInImage else { return box }
    let extent = box.extent
    let steps = PerAxis(x: 1, y: extent.width, z: extent.width * extent.height)
    let start = directions.all.reduce(0) { sum, direction in
      sum + (direction.isReversed ? (extent[direction.axis] - 1) * steps[direction.axis] : 0)
    }
    let step = directions.map { _, direction in
      direction.isReversed ? -steps[direction.axis] : steps[direction.axis]
    }
    var turned = Volume<Scalar>(extent: fileExtent(of: extent), channels: box.channels)
    turned.metadata = fileMetadata(of: box.metadata, extent: extent)
    var target = 0
    for channel in 0..<box.channels {
      for z in 0..<turned.extent.depth {
        for y in 0..<turned.extent.height {
          var source = channel * extent.voxelCount + start + z * step.z + y * step.y
          for _ in 0..<turned.extent.width {
            turned.voxels[target] = box.voxels[source]
            target += 1
            source += step.x
          }
        }
      }
    }
    return turned
  }
}

extension FileAxes.Direction: LosslessStringConvertible {
  /// The axis, with a minus sign before a reversed one.
  public var description: String { (isReversed ? "-" : "") + axis.rawValue }

  /// The direction with that name, or `nil`.
  public init?(_ description: String) {
    let isReversed = description.hasPrefix("-")
    guard let axis = Axis(rawValue: String(description.dropFirst(isReversed ? 1 : 0))) else { return nil }
    self.init(axis, isReversed: isReversed)
  }
}
