import Voxtile
import VoxtileFormats

/// The weighted sums of the slices that patches to come still touch; all that a merge of predictions holds.
///
/// Patches come in the order of the grid, so the slices before the next layer are finished when its first patch
/// comes. Each slice has a place in a ring as deep as the deepest layer, all channels of it together. Every voxel adds its
/// patches in the order of the grid, whatever the number of threads.
final class PredictionBand: @unchecked Sendable {
  /// The grid of what is predicted.
  let grid: PatchGrid
  /// Values a voxel.
  let channels: Int
  let shares: PatchShares
  private let jobs: Jobs
  private let memory: ScratchMemory
  /// Slices in the ring.
  let depth: Int
  /// How much of what a file backs is touched before it is let go.
  private let residentBytes: Int
  private var touchedBytes = 0
  /// The slices that have been set to zero for the first time.
  private var reached = 0

  /// Numbers kept for a voxel.
  private var planes: Int { channels + (shares.needsSums ? 1 : 0) }
  private var area: Int { grid.extent.width * grid.extent.height }
  private var sliceCount: Int { planes * area }

  /// The slices of a ring for a grid.
  static func depth(of grid: PatchGrid) -> Int {
    let tiling = grid.axes.z
    return (0..<tiling.count).map { tiling.validRange(at: $0).count }.max() ?? 1
  }

  /// The bytes of a ring.
  static func byteCount(of grid: PatchGrid, channels: Int, needsSums: Bool) -> Int {
    depth(of: grid) * (channels + (needsSums ? 1 : 0)) * grid.extent.width * grid.extent.height * 4
  }

  /// Makes a band with nothing in it.
  ///
  /// - Parameter residentBytes: how much of it may be in memory at a time; the rest is in a scratch file.
  /// - Throws: `VoxtileError.Code.fileAccess` where there is no room for it.
  init(
    grid: PatchGrid, channels: Int, shares: PatchShares, residentBytes: Int, jobs: Jobs
  ) throws(VoxtileError) {
    self.grid = grid
    self.channels = channels
    self.shares = shares
    self.jobs = jobs
    self.residentBytes = residentBytes
    depth = Self.depth(of: grid)
    let bytes = Self.byteCount(of: grid, channels: channels, needsSums: shares.needsSums)
    memory = try ScratchMemory(byteCount: bytes, onDisk: bytes > residentBytes)
  }

  /// Adds what was predicted of one patch.
  ///
  /// - Parameters:
  ///   - values: of shape `(channels, depth, height, width)`, of the patch's full size.
  ///   - patch: the next patch of ``grid`` or a later one; those between are left out.
  func add(_ values: UnsafeBufferPointer<Float>, at patch: Patch) {
    let valid = patch.valid
    guard valid.voxelCount > 0 else { return }
    let fresh = reached..<max(reached, valid.z.upperBound)
    reached = fresh.upperBound
    // What a slice of the patch touches, in whole rows, since memory comes in pages.
    let sliceBytes = planes * valid.extent.height * grid.extent.width * 4
    let slices = max(1, min(valid.z.count, memory.isOnDisk ? residentBytes / max(1, 2 * sliceBytes) : .max))
    for slice in fresh { clear(slice) }
    for first in stride(from: valid.z.lowerBound, to: valid.z.upperBound, by: slices) {
      let part = first..<min(first + slices, valid.z.upperBound)
      touch(part.count * sliceBytes)
      memory.withFloats { sums in
        let output = DisjointOutput(sums)
        let source = ReadOnly(values)
        jobs.forEach(part.count) { number in
          addSlice(part.lowerBound + number, of: patch, source.buffer, to: output)
        }
      }
    }
  }

  /// Adds one slice of a patch to the sums.
  private func addSlice(
    _ z: Int, of patch: Patch, _ values: UnsafeBufferPointer<Float>, to output: DisjointOutput<Float>
  ) {
    let (valid, region) = (patch.valid, patch.region)
    let slice = z - region.origin.z
    let skipped = valid.origin.x - region.origin.x
    let width = valid.extent.width
    for y in valid.y {
      let row = y - region.origin.y
      let (weights, factor) = shares.row(row, slice: slice, of: patch)
      guard factor != 0 else { continue }
      let share = weights.span.extracting(skipped..<skipped + width)
      let place = (z % depth) * sliceCount + y * grid.extent.width + valid.origin.x
      for channel in 0..<channels {
        let start =
          ((channel * region.extent.depth + slice) * region.extent.height + row) * region.extent.width
          + skipped
        let source = UnsafeBufferPointer(rebasing: values[start..<start + width])
        output.withPart(place + channel * area..<place + channel * area + width) { sums in
          addRow(source.span, weights: share, times: factor, to: &sums)
        }
      }
      if shares.needsSums {
        output.withPart(place + channels * area..<place + channels * area + width) { sums in
          addWeights(share, times: factor, to: &sums)
        }
      }
    }
  }

  /// Lends the sums of one finished slice, of shape `(channels, height, width)`, and behind them the sums of the weights
  /// where they are not 1; then forgets them.
  func takeSlice(_ z: Int, _ body: (UnsafeBufferPointer<Float>) -> Void) {
    if z >= reached {
      // No patch has come near it.
      clear(z)
      reached = z + 1
    }
    touch(sliceCount * 4)
    let start = (z % depth) * sliceCount
    memory.withFloats { sums in
      body(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(sums)[start..<start + sliceCount]))
    }
  }

  private func clear(_ z: Int) {
    // On its first round the ring is as it was made: zero.
    guard z >= depth else { return }
    touch(sliceCount * 4)
    let start = (z % depth) * sliceCount
    memory.withFloats { sums in
      let target = UnsafeMutableBufferPointer(rebasing: sums[start..<start + sliceCount])
      target.update(repeating: 0)
    }
  }

  /// Keeps count of what is in memory, and lets it go when that is too much.
  private func touch(_ bytes: Int) {
    guard memory.isOnDisk else { return }
    if touchedBytes + bytes > residentBytes {
      memory.letGo()
      touchedBytes = 0
    }
    touchedBytes += bytes
  }
}

/// Memory that several threads only read.
private struct ReadOnly: @unchecked Sendable {
  let buffer: UnsafeBufferPointer<Float>
  init(_ buffer: UnsafeBufferPointer<Float>) { self.buffer = buffer }
}

/// Adds one row of weighted values to its sums.
private func addRow(
  _ values: Span<Float>, weights: Span<Float>, times factor: Float, to sums: inout MutableSpan<Float>
) {
  let count = sums.count
  precondition(values.count == count && weights.count == count, "rows are equally long")
  for index in 0..<count { sums[index] += values[index] * (weights[index] * factor) }
}

/// Adds one row of weights to their sums.
private func addWeights(_ weights: Span<Float>, times factor: Float, to sums: inout MutableSpan<Float>) {
  let count = sums.count
  precondition(weights.count == count, "rows are equally long")
  for index in 0..<count { sums[index] += weights[index] * factor }
}
