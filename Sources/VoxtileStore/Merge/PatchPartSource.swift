import Synchronization
import Voxtile
import VoxtileFormats

/// Gives parts of patch files to a merge that has no room for whole ones.
///
/// An uncompressed file is read where it lies. A compressed one is inflated once, when the first of its slices
/// is needed, into a scratch file, in the place of a patch whose slices have all been merged.
final class PatchPartSource<Value: VoxelScalar>: Sendable {
  private let headers: PatchFileHeaders
  private let grid: PatchGrid
  private let realType: ScalarType?
  /// How many layers are in the scratch file at a time, taking turns.
  private let layerSlots: Int
  /// Where inflated patches are kept; `nil` where files are read where they lie.
  private let scratch: ScratchFile?
  private let inflatedLayers = Mutex(0)

  /// - Parameter slices: how many slices are merged at a time.
  init(headers: PatchFileHeaders, grid: PatchGrid, realType: ScalarType?, slices: Int) throws {
    layerSlots = max(1, grid.axes.z.patches(overRunsOf: slices))
    self.headers = headers
    self.grid = grid
    self.realType = realType
    scratch = headers.isRandomAccess ? nil : try ScratchFile()
  }

  /// Inflates the layers that slices need and that have not been before.
  func prepare(_ slices: Range<Int>, jobs: Jobs) throws {
    guard scratch != nil else { return }
    try inflatedLayers.withLock { inflated in
      while inflated < grid.counts.z, grid.axes.z.starts[inflated] < slices.upperBound {
        let layer = inflated
        try jobs.forEachThrowing(grid.counts.x * grid.counts.y) { place in
          let (y, x) = place.quotientAndRemainder(dividingBy: grid.counts.x)
          let patch = grid.patch(at: Position(x: x, y: y, z: layer))
          if !headers.absent.contains(patch.index) { try inflate(patch) }
        }
        inflated += 1
      }
    }
  }

  private func inflate(_ patch: Patch) throws {
    let volume = try headers.scaled(patch, to: realType)
    guard let place = place(of: patch) else { return }
    guard let values = volume as? Volume<Value>, values.extent == patch.region.extent,
      values.channels == headers.channels
    else {
      throw VoxtileError(
        .typeMismatch, "is not what it was when the merge began; leave the patches alone until it is done",
        context: .init(file: headers.path(of: patch)))
    }
    try values.voxels.withUnsafeBytes { bytes in
      try place.write(bytes, region: Region(patch.region.extent))
    }
  }

  /// Reads one part of a patch, in image coordinates.
  func read(_ part: Region, of patch: Patch) throws -> Volume<Value> {
    let region = Region(origin: part.origin - patch.region.origin, extent: part.extent)
    if let place = place(of: patch) { return try place.read(region) }
    return try headers.part(region, of: patch, realType: realType)
  }

  /// The place of a patch in the scratch file.
  private func place(of patch: Patch) -> ScratchVolume? {
    guard let scratch else { return nil }
    let position = patch.gridPosition
    let number =
      ((position.z % layerSlots) * grid.counts.y + position.y) * grid.counts.x + position.x
    let byteCount = grid.patch.voxelCount * headers.channels * MemoryLayout<Value>.stride
    return ScratchVolume(
      VolumeInfo(
        extent: patch.region.extent, channels: headers.channels, scalarType: Value.scalarType),
      in: scratch, at: number * byteCount)
  }
}

extension AxisTiling {
  /// The most patches that lie over any run, where the axis is taken in runs of so many voxels.
  func patches(overRunsOf count: Int) -> Int {
    let runs = Swift.stride(from: 0, to: length, by: count).map { $0..<min($0 + count, length) }
    return runs.map { run in starts.indices.count { validRange(at: $0).overlaps(run) } }.max() ?? 1
  }
}
