import Voxtile

/// Reads a patch whose axes were permuted or reversed as if they never had been.
struct TurnedReader: VolumeReader {
  let info: VolumeInfo
  private let file: any VolumeReader
  private let axes: FileAxes

  /// - Parameters:
  ///   - file: the file as it is.
  ///   - axes: how its axes run along those of the image.
  ///   - metadata: where the box lies as it was cut.
  init(_ file: any VolumeReader, axes: FileAxes, metadata: VolumeMetadata) {
    self.file = file
    self.axes = axes
    var info = file.info
    info.extent = axes.boxExtent(of: file.info.extent)
    info.metadata = metadata
    self.info = info
  }

  var isRandomAccess: Bool { file.isRandomAccess }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    let stored = axes.fileRegion(of: region, in: file.info.extent)
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: file.info.byteCount(of: stored), alignment: 16)
    defer { buffer.deallocate() }
    try file.read(stored, into: buffer)
    let size = info.scalarType.byteCount
    // Steps in the file's box, in values, for one step along each axis of the box as it was cut.
    let fileSteps = PerAxis(x: 1, y: stored.extent.width, z: stored.extent.width * stored.extent.height)
    var steps = fileSteps
    for axis in Axis.allCases {
      let direction = axes.directions[axis]
      steps[direction.axis] = direction.isReversed ? -fileSteps[axis] : fileSteps[axis]
    }
    let first = axes.firstVoxel(in: stored.extent)
    let start = first.x + first.y * fileSteps.y + first.z * fileSteps.z
    var target = 0
    for channel in 0..<info.channels {
      let plane = channel * stored.voxelCount + start
      for z in 0..<region.extent.depth {
        for y in 0..<region.extent.height {
          var source = plane + z * steps.z + y * steps.y
          for _ in 0..<region.extent.width {
            UnsafeMutableRawBufferPointer(rebasing: destination[target..<target + size])
              .copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[source * size..<(source + 1) * size]))
            target += size
            source += steps.x
          }
        }
      }
    }
  }
}

extension FileAxes {
  /// The axes of a file, from the directions and sizes of its voxels and those of the image; `nil` where no permutation of
  /// the axes takes one to the other.
  init?(of file: Affine, in image: Affine) {
    func column(_ affine: Affine, _ axis: Axis) -> [Double] {
      affine.rows.map { $0[axis.index] }
    }
    func direction(of axis: Axis) -> Direction? {
      let found = column(file, axis)
      for candidate in Axis.allCases {
        let due = column(image, candidate)
        let limit = 1e-3 * (due.map(\.magnitude).max() ?? 0)
        for isReversed in [false, true] {
          let sign = isReversed ? -1.0 : 1.0
          guard zip(found, due).allSatisfy({ abs($0 * sign - $1) <= limit }) else { continue }
          return Direction(candidate, isReversed: isReversed)
        }
      }
      return nil
    }
    guard let x = direction(of: .x), let y = direction(of: .y), let z = direction(of: .z) else { return nil }
    self.init(PerAxis(x: x, y: y, z: z))
  }

  /// The size of the box of the image that a file holds.
  func boxExtent(of file: Extent) -> Extent {
    var sizes = PerAxis(0)
    for axis in Axis.allCases { sizes[directions[axis].axis] = file[axis] }
    return Extent(sizes)
  }

  /// The voxel of a file that is the first one of the box.
  func firstVoxel(in file: Extent) -> Position {
    var first = Position.zero
    for axis in Axis.allCases where directions[axis].isReversed { first[axis] = file[axis] - 1 }
    return first
  }

  /// The part of a file that holds a part of the box.
  func fileRegion(of region: Region, in file: Extent) -> Region {
    let ranges = directions.map { axis, direction in
      let range = region[direction.axis]
      return direction.isReversed ? file[axis] - range.upperBound..<file[axis] - range.lowerBound : range
    }
    return Region(x: ranges.x, y: ranges.y, z: ranges.z)
  }
}
