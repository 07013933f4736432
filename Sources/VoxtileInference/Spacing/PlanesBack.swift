import Synchronization
import Voxtile

/// Takes what is predicted of a resampled scan, slice after slice, and writes it with the voxels of the scan.
///
/// Only the two slices are held between which the next slice of the scan lies.
final class PlanesBack: VolumeWriter {
  /// What is taken: slices of the resampled scan.
  let info: VolumeInfo
  private let way: WayBack
  private let tiles: TilesBack
  private let jobs: Jobs
  /// The slices of the scan that are wanted.
  private let slices: Range<Int>
  /// The end of the wanted slices in the box; their beginning where none is in it.
  private let endOfBox: Int
  private let progress: Mutex<Progress>

  private struct Progress {
    /// The slice of the scan that is written next.
    var next: Int
    /// Two slices of what is taken: an even one, then an odd one.
    var values: [Float]
  }

  /// How many lines one thread makes at a time.
  private static let lines = 32

  /// - Parameters:
  ///   - info: what is taken.
  ///   - resampling: one of those of `way`.
  ///   - slices: the slices of the scan that are written; `nil` for all.
  ///   - outputs: what is written, one slice at a time.
  init(
    _ info: VolumeInfo, _ way: WayBack, _ resampling: Resampling, slices: Range<Int>? = nil,
    to outputs: [FinishedSlices], jobs: Jobs
  ) {
    self.info = info
    self.way = way
    self.jobs = jobs
    self.slices = slices ?? 0..<way.extent.depth
    tiles = TilesBack(way, resampling, channels: info.channels, outputs: outputs)
    let inside = self.slices.clamped(to: way.box.z)
    endOfBox = inside.isEmpty ? self.slices.lowerBound : inside.upperBound
    progress = Mutex(
      Progress(
        next: self.slices.lowerBound,
        values: [Float](repeating: 0, count: 2 * info.channels * info.extent.width * info.extent.height)))
  }

  /// The bytes that are held, of values and of what is written.
  ///
  /// - Parameters:
  ///   - channels: values for each voxel.
  ///   - outputChannels: values for each voxel of all that is written.
  static func byteCount(_ way: WayBack, channels: Int, outputChannels: Int, jobs: Jobs) -> Int {
    let area = way.back.extent.width * way.back.extent.height
    return 4 * (2 * channels * area + outputChannels * way.extent.width * way.extent.height)
      + jobs.count * TilesBack.byteCount(channels: channels)
  }

  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    try progress.withLock { progress in
      for slice in slices {
        take(slice, of: slab, slices: slices, to: &progress.values)
        try writeAll(upTo: slice, &progress)
      }
    }
  }

  /// Keeps a slice.
  private func take(
    _ slice: Int, of slab: UnsafeRawBufferPointer, slices: Range<Int>, to values: inout [Float]
  ) {
    let area = info.extent.width * info.extent.height
    for channel in 0..<info.channels {
      let source = (channel * slices.count + slice - slices.lowerBound) * area
      let target = (slice % 2 * info.channels + channel) * area
      if info.scalarType == .uint8 {
        for index in 0..<area { values[target + index] = Float(slab[source + index]) }
      } else {
        let plane = slab.bindMemory(to: Float.self)[source..<source + area]
        values.withUnsafeMutableBufferPointer {
          _ = UnsafeMutableBufferPointer(rebasing: $0[target..<target + area]).update(fromContentsOf: plane)
        }
      }
    }
  }

  /// Writes all slices of the scan that are made from slices up to one that has come.
  private func writeAll(upTo last: Int, _ progress: inout Progress) throws {
    let (extent, channels, height) = (info.extent, info.channels, way.box.extent.height)
    while progress.next < endOfBox {
      let newSlice = max(progress.next, way.box.z.lowerBound) - way.box.z.lowerBound
      guard tiles.planes(for: newSlice).upperBound <= last else { return }
      try tiles.outputs.writeBackground(from: &progress.next, before: way.box.z.lowerBound, atATime: 1)
      tiles.outputs.forEach { $0.clear(1) }
      let (tiles, values) = (tiles, progress.values)
      jobs.forEach((height + Self.lines - 1) / Self.lines) { part in
        let lines = part * Self.lines..<min(height, (part + 1) * Self.lines)
        tiles.set(newSlice, in: 0, lines: lines, from: values.span) { channel, plane, line in
          ((plane % 2 * channels + channel) * extent.height + line) * extent.width
        }
      }
      for output in tiles.outputs { try output.write(progress.next..<progress.next + 1) }
      progress.next += 1
    }
  }

  func finish() throws {
    try progress.withLock { progress in
      precondition(
        progress.next >= endOfBox, "slices up to \(progress.next) came back, not up to \(endOfBox)")
      try tiles.outputs.writeBackground(from: &progress.next, before: slices.upperBound, atATime: 1)
    }
    for output in tiles.outputs { try output.finish() }
  }
}
