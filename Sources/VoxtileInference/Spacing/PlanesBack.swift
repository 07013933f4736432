import Synchronization
import Voxtile

/// Takes what is predicted of a resampled scan, slice after slice, and writes it with the voxels of the scan.
///
/// Of each channel only the planes are held between which the next plane of the scan lies.
final class PlanesBack: VolumeWriter {
  /// What is taken: slices of the resampled scan.
  let info: VolumeInfo
  private let way: WayBack
  private let channels: [ChannelBack]
  private let outputs: [FinishedSlices]
  private let jobs: Jobs
  /// The slices of the scan that are wanted.
  private let slices: Range<Int>
  /// The first slice that is needed of what is taken; earlier ones are passed over.
  private let firstNeeded: Int
  /// The slice of the scan that is written next.
  private let next: Mutex<Int>

  /// How many lines become labels at a time.
  private static let lines = 16

  /// - Parameters:
  ///   - info: what is taken.
  ///   - resampling: of a channel, one of those of `way`.
  ///   - slices: the slices of the scan that are written; `nil` for all.
  ///   - outputs: what is written, one slice at a time.
  init(
    _ info: VolumeInfo, _ way: WayBack, _ resampling: Resampling, slices: Range<Int>? = nil,
    to outputs: [FinishedSlices], jobs: Jobs
  ) {
    self.info = info
    self.way = way
    self.outputs = outputs
    self.jobs = jobs
    self.slices = slices ?? 0..<way.extent.depth
    next = Mutex(self.slices.lowerBound)
    let planes = way.newPlanes(ofSlices: self.slices)
    let first = planes.isEmpty ? 0 : planes.lowerBound
    firstNeeded = resampling.planes(for: first..<first + 1).lowerBound
    channels = (0..<info.channels).map { _ in ChannelBack(resampling, from: first) }
  }

  /// The end of the wanted slices in the box; their beginning where none is in it.
  private var endOfBox: Int {
    let inside = slices.clamped(to: way.box.z)
    return inside.isEmpty ? slices.lowerBound : inside.upperBound
  }
  private var isComplete: Bool { next.withLock { $0 } >= endOfBox }

  /// The bytes that are held, of values and of what is written.
  ///
  /// - Parameters:
  ///   - channels: values for each voxel.
  ///   - outputChannels: values for each voxel of all that is written.
  static func byteCount(_ way: WayBack, channels: Int, outputChannels: Int, jobs: Jobs) -> Int {
    let (source, area) = (
      way.back.extent.width * way.back.extent.height, way.box.extent.width * way.box.extent.height
    )
    func bytes(_ count: Int) -> Int {
      PlaneResampler<Float>.byteCount(way.back, planes: 1, jobs: Jobs(count))
    }
    // What each thread works with, while it makes a plane of one channel.
    let working = bytes(2) - bytes(1)
    let held = channels * (bytes(1) - working) + jobs.count * working
    return held + 4 * channels * (source + area) + 4 * jobs.count * area
      + 4 * outputChannels * way.extent.width * way.extent.height
  }

  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    let area = info.extent.width * info.extent.height
    for slice in 0..<slices.count where slices.lowerBound + slice >= firstNeeded && !isComplete {
      let planes = channels.indices.map { channel in
        let first = (channel * slices.count + slice) * area
        return info.scalarType == .uint8
          ? slab[first..<first + area].map { Float($0) }
          : [Float](slab.bindMemory(to: Float.self)[first..<first + area])
      }
      try jobs.forEachThrowing(channels.count) { try channels[$0].push(planes[$0]) }
      while !isComplete, let values = pull() { try write(values) }
    }
  }

  /// The next plane of all channels; `nil` where more has to come first.
  private func pull() -> [Float]? {
    let area = way.box.extent.width * way.box.extent.height
    let found = Atomic(0)
    var values = [Float](unsetCount: channels.count * area)
    jobs.forEachPart(of: &values, size: area) { channel, part in
      if self.channels[channel].pull(into: &part) { found.wrappingAdd(1, ordering: .relaxed) }
    }
    return found.load(ordering: .relaxed) == channels.count ? values : nil
  }

  /// Writes the next slice of the box.
  private func write(_ values: [Float]) throws {
    try writeBackground(before: way.box.z.lowerBound)
    let (width, height) = (way.box.extent.width, way.box.extent.height)
    let stride = width * height
    for output in outputs {
      output.clear(1)
      jobs.forEach((height + Self.lines - 1) / Self.lines) { part in
        let lines = part * Self.lines..<min(height, (part + 1) * Self.lines)
        let end = (self.channels.count - 1) * stride + lines.upperBound * width
        output.set(
          FinishedLines(count: lines.count, width: width, stride: stride, hasWeights: false, differing: 0),
          sums: values.span.extracting(lines.lowerBound * width..<end), slice: 0,
          at: (x: self.way.box.origin.x, y: self.way.box.origin.y + lines.lowerBound))
      }
    }
    try writeSlice()
  }

  /// Writes the slice that has been set.
  private func writeSlice() throws {
    let slice = next.withLock { $0 }
    for output in outputs { try output.write(slice..<slice + 1) }
    next.withLock { $0 += 1 }
  }

  /// Writes slices outside of the box.
  private func writeBackground(before end: Int) throws {
    while next.withLock({ $0 }) < end {
      for output in outputs { output.clear(1) }
      try writeSlice()
    }
  }

  func finish() throws {
    precondition(isComplete, "slices up to \(next.withLock { $0 }) came back, not up to \(endOfBox)")
    try writeBackground(before: slices.upperBound)
    for output in outputs { try output.finish() }
  }
}

/// One channel on its way back. One thread at a time works on it.
private final class ChannelBack: Sendable {
  private let planes: Mutex<PlaneResampler<Float>>

  init(_ resampling: Resampling, from newPlane: Int) {
    planes = Mutex(PlaneResampler(resampling, fromNewPlane: newPlane, jobs: .one))
  }

  func push(_ plane: [Float]) throws { try planes.withLock { try $0.push(plane) } }

  /// - Returns: whether there was a plane.
  func pull(into target: inout MutableSpan<Float>) -> Bool {
    guard let plane = planes.withLock({ $0.pull(upTo: 1, as: Float.self) }) else { return false }
    for index in 0..<plane.count { target[index] = plane[index] }
    return true
  }
}
