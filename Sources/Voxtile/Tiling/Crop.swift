// Crop: one box of an image into fresh memory, row by row.

extension Volume {
  /// Cuts one box, which must lie inside the volume.
  ///
  ///     let corner = scan[Region(x: 0..<96, y: 0..<96, z: 0..<96)]
  ///
  /// The result knows where it was cut: its affine and origin are moved.
  ///
  /// - Precondition: the region lies inside the volume.
  /// - Complexity: O(voxels of the region).
  public subscript(region: Region) -> Volume {
    precondition(
      region.isInside(extent), "region \(region) is not inside a volume of \(extent)")
    return self[region, padding: .constant(0)]
  }

  /// Cuts one box, which may reach outside the volume; the voxels there are made by the padding.
  ///
  /// - Complexity: O(voxels of the region), on all cores where the box has more than a megabyte: it is fresh memory that
  ///   takes the time.
  public subscript(region: Region, padding padding: Padding) -> Volume {
    var voxels = [Scalar](unsetCount: region.voxelCount * channels)
    cut(region, padding: padding, into: &voxels, isFresh: true)
    return Volume(
      checked: region.extent, channels: channels, voxels: voxels,
      metadata: metadata.moved(to: region.origin))
  }

  /// Cuts one box into memory of its size.
  private func cut(_ region: Region, padding: Padding, into voxels: inout [Scalar], isFresh: Bool) {
    let isLarge = voxels.count * MemoryLayout<Scalar>.stride >= 1 << 20
    let cutter = BoxCutter(
      image: extent, region: region, padding: padding, isReadSoon: isFresh || !isLarge)
    let source = [PlacedVolume(region: Region(extent), volume: self)]
    let planes = region.extent.depth * channels
    let shares = min(planes, isLarge ? Jobs.all.count : 1)
    if shares > 1 {
      voxels.withUnsafeMutableBufferPointer { buffer in
        let (output, area) = (DisjointOutput(buffer), buffer.count / planes)
        Jobs.all.forEach(shares) { share in
          let part = share * planes / shares..<(share + 1) * planes / shares
          output.withPart(part.lowerBound * area..<part.upperBound * area) { target in
            cutter.cut(planes: part, from: source, into: &target)
          }
        }
      }
    } else {
      var span = voxels.mutableSpan
      cutter.cut(from: source, into: &span)
    }
  }

  /// Cuts one patch of a grid; voxels outside the volume are made by the grid's padding.
  ///
  ///     for patch in grid { predict(scan[patch]) }
  ///
  /// - Precondition: the patch belongs to a grid over this volume's extent.
  /// - Complexity: O(voxels of the patch).
  public subscript(patch: Patch) -> Volume {
    precondition(
      patch.valid.isInside(extent), "\(patch) is not of a grid over a volume of \(extent)")
    return self[patch.region, padding: patch.padding]
  }

  /// Cuts one patch of a grid into the memory of a volume that is not needed any more.
  ///
  ///     for patch in grid {
  ///       var values = scan.cut(patch, reusing: merger.takeSpent())
  ///       denoise(&values)
  ///       try merger.add(values, at: patch)
  ///     }
  ///
  /// The system clears fresh memory page by page, which takes longer than the copy. A merger gives back what was added to it,
  /// so this helps where that has the type, the size and the channels of what is cut.
  ///
  /// - Parameters:
  ///   - patch: the patch.
  ///   - spent: the volume. Its values are ignored. It is not used if it has another size or number of channels; if it is
  ///     still shared, its memory is copied first, which is slower than without it.
  /// - Returns: the same as the subscript.
  /// - Precondition: the patch belongs to a grid over this volume's extent.
  /// - Complexity: O(voxels of the patch).
  public func cut(_ patch: Patch, reusing spent: consuming Volume?) -> Volume {
    guard var volume = spent.take(), volume.extent == patch.region.extent, volume.channels == channels else {
      return self[patch]
    }
    precondition(
      patch.valid.isInside(extent), "\(patch) is not of a grid over a volume of \(extent)")
    cut(patch.region, padding: patch.padding, into: &volume.voxels, isFresh: false)
    volume.metadata = metadata.moved(to: patch.region.origin)
    return volume
  }

  /// Cuts all patches of a grid into one array of shape `(patches, channels, depth, height, width)`.
  ///
  /// - Parameters:
  ///   - grid: a grid over this volume's extent whose patches are all of one size.
  ///   - jobs: how many threads copy.
  /// - Throws: ``VoxtileError/Code-swift.struct/shapeMismatch`` where the grid is over another extent, or
  ///   ``EdgePolicy/partial`` makes patches of several sizes, which no array holds.
  /// - Complexity: O(voxels of all patches); all of them are in memory at once.
  public func patches(of grid: PatchGrid, jobs: Jobs = .all) throws(VoxtileError) -> PatchArray<Scalar> {
    guard grid.extent == extent else { throw .gridMismatch(grid: grid.extent, volume: extent) }
    let size = grid.patch
    guard grid.axes.all.allSatisfy({ $0.patchVoxels == $0.count * $0.patch }) else {
      throw VoxtileError(
        .shapeMismatch,
        "patches of several sizes (edge policy partial) do not make one array; cut them one at a time")
    }
    let valuesPerPatch = size.voxelCount * channels
    var voxels = [Scalar](unsetCount: valuesPerPatch * grid.count)
    let source = [PlacedVolume(region: Region(extent), volume: self)]
    voxels.withUnsafeMutableBufferPointer { buffer in
      let output = DisjointOutput(buffer)
      jobs.forEachApart(grid.count) { index in
        let patch = grid[index]
        let cutter = BoxCutter(image: extent, region: patch.region, padding: patch.padding)
        output.withPart(index * valuesPerPatch..<(index + 1) * valuesPerPatch) { target in
          cutter.cut(from: source, into: &target)
        }
      }
    }
    return PatchArray(count: grid.count, channels: channels, extent: size, voxels: voxels)
  }
}

/// All patches of a grid in one array of shape `(patches, channels, depth, height, width)`.
public struct PatchArray<Scalar: VoxelScalar>: Equatable, Sendable {
  /// The number of patches.
  public let count: Int
  /// Values per voxel.
  public let channels: Int
  /// The size of each patch.
  public let extent: Extent
  /// All values, the last of the shape fastest.
  public let voxels: [Scalar]

  /// The array shape, `[patches, channels, depth, height, width]`.
  public var shape: [Int] { [count, channels, extent.depth, extent.height, extent.width] }

  /// One patch as a volume of its own, without a place in the world.
  ///
  /// - Precondition: `index` is in `0..<count`.
  public subscript(index: Int) -> Volume<Scalar> {
    precondition((0..<count).contains(index), "patch \(index) is not in an array of \(count)")
    let values = extent.voxelCount * channels
    return Volume(
      checked: extent, channels: channels,
      voxels: Array(voxels[index * values..<(index + 1) * values]), metadata: VolumeMetadata())
  }
}

extension VoxtileError {
  package static func gridMismatch(grid: Extent, volume: Extent) -> VoxtileError {
    VoxtileError(
      .shapeMismatch,
      "the grid is over \(grid), the volume is \(volume); lay the grid over the volume's extent",
      context: .init(expected: "\(grid)", found: "\(volume)"))
  }
}
