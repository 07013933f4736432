import Voxtile

/// How the axes of a box in a file were permuted and reversed.
struct AxisTurn: Hashable, Sendable {
  /// For each axis of the box as it was cut, the axis of the file that runs along it, and whether it runs the other way.
  let sources: PerAxis<Source>

  /// One axis of the file.
  struct Source: Hashable, Sendable {
    let axis: Axis
    let isReversed: Bool
  }

  /// The turn that takes the directions of an affine to those of a file; `nil` where no permutation does, or voxels have
  /// other sizes.
  init?(from found: VolumeInfo, to cut: Affine) {
    func column(_ affine: Affine, _ axis: Axis) -> [Double] {
      let number = axis == .x ? 0 : axis == .y ? 1 : 2
      return affine.rows.map { $0[number] }
    }
    var taken: Set<Axis> = []
    func source(of axis: Axis) -> Source? {
      let due = column(cut, axis)
      let length = max(due.map(\.magnitude).max() ?? 0, .leastNormalMagnitude)
      for candidate in Axis.allCases where !taken.contains(candidate) {
        let axis = column(found.metadata.affine, candidate)
        for isReversed in [false, true] {
          let sign = isReversed ? -1.0 : 1.0
          guard zip(axis, due).allSatisfy({ abs($0 * sign - $1) <= 1e-3 * length }) else { continue }
          taken.insert(candidate)
          return Source(axis: candidate, isReversed: isReversed)
        }
      }
      return nil
    }
    guard let x = source(of: .x), let y = source(of: .y), let z = source(of: .z) else { return nil }
    sources = PerAxis(x: x, y: y, z: z)
  }

  /// Whether nothing is permuted or reversed.
  var isIdentity: Bool {
    Axis.allCases.allSatisfy { sources[$0] == Source(axis: $0, isReversed: false) }
  }

  /// The size of the box as it was cut.
  func extent(of file: Extent) -> Extent {
    Extent(
      width: file[sources.x.axis], height: file[sources.y.axis], depth: file[sources.z.axis])
  }

  /// The voxel of the file that is the first one of the box as it was cut.
  func firstVoxel(in file: Extent) -> Position {
    var first = Position.zero
    for axis in Axis.allCases where sources[axis].isReversed {
      first[sources[axis].axis] = file[sources[axis].axis] - 1
    }
    return first
  }

  /// The box of the file that holds a box of the patch as it was cut.
  func region(_ region: Region, in file: Extent) -> Region {
    var ranges = PerAxis(x: 0..<0, y: 0..<0, z: 0..<0)
    for axis in Axis.allCases {
      let source = sources[axis]
      let range = region[axis]
      let size = file[source.axis]
      ranges[source.axis] =
        source.isReversed ? size - range.upperBound..<size - range.lowerBound : range
    }
    return Region(x: ranges.x, y: ranges.y, z: ranges.z)
  }
}

/// Reads a patch whose axes were permuted or reversed as if they never had been.
struct TurnedReader: VolumeReader {
  let info: VolumeInfo
  private let file: any VolumeReader
  private let turn: AxisTurn

  /// - Parameters:
  ///   - file: the file as it is.
  ///   - turn: how its axes lie.
  ///   - metadata: where the box lies as it was cut.
  init(_ file: any VolumeReader, turn: AxisTurn, metadata: VolumeMetadata) {
    self.file = file
    self.turn = turn
    var info = file.info
    info.extent = turn.extent(of: file.info.extent)
    info.metadata = metadata
    self.info = info
  }

  var isRandomAccess: Bool { file.isRandomAccess }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    let stored = turn.region(region, in: file.info.extent)
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: file.info.byteCount(of: stored), alignment: 16)
    defer { buffer.deallocate() }
    try file.read(stored, into: buffer)
    let size = info.scalarType.byteCount
    // Steps in the file's box, in values, for one step along each axis of the box as it was cut.
    let fileSteps = PerAxis(
      x: 1, y: stored.extent.width, z: stored.extent.width * stored.extent.height)
    let steps = turn.sources.map { _, source in (source.isReversed ? -1 : 1) * fileSteps[source.axis] }
    let first = turn.firstVoxel(in: stored.extent)
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
