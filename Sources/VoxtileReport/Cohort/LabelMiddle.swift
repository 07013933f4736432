import Voxtile

/// Finds the slice in the middle of a label.
enum LabelMiddle {
  /// The slice across an axis that has as many voxels of a label before it as after it.
  ///
  /// - Parameter label: its value.
  /// - Returns: `nil` where no voxel has it.
  /// - Throws: what reading throws.
  /// - Complexity: O(voxels), in one pass; a few MiB of memory.
  static func slice(of label: Int, in reader: any VolumeReader, across axis: Axis) throws -> Int? {
    var counts = [Int](repeating: 0, count: reader.info.extent[axis])
    let isStored = reader.info.scaling == nil
    for region in reader.info.slabs(maximumBytes: 4 << 20) {
      func add<Scalar: VoxelScalar>(_ volume: Volume<Scalar>) {
        count(Scalar(nearest: Double(label)), in: volume.voxels, region, across: axis, into: &counts)
      }
      // Each of the usual types by itself, so that the loop is compiled for it.
      switch reader.info.scalarType {
      case .uint8 where isStored: add(try reader.read(region, as: UInt8.self))
      case .uint16 where isStored: add(try reader.read(region, as: UInt16.self))
      case .int16 where isStored: add(try reader.read(region, as: Int16.self))
      case .int32 where isStored: add(try reader.read(region, as: Int32.self))
      default: add(try reader.readReal(region, as: Double.self))
      }
    }
    let half = (counts.reduce(0, +) + 1) / 2
    guard half > 0 else { return nil }
    var sum = 0
    return counts.firstIndex { count in
      sum += count
      return sum >= half
    }
  }

  private static func count<Scalar: VoxelScalar>(
    _ label: Scalar, in values: [Scalar], _ region: Region, across axis: Axis, into counts: inout [Int]
  ) {
    let width = region.extent.width
    var at = 0
    for z in region.z {
      for y in region.y {
        let row = values[at..<at + width]
        at += width
        if axis == .x {
          for (x, value) in zip(region.x, row) where value == label { counts[x] += 1 }
        } else {
          var found = 0
          for value in row { found &+= value == label ? 1 : 0 }
          counts[axis == .y ? y : z] += found
        }
      }
    }
  }
}
