/// Planes of an image that are resampled while it is read, of types that are known only at run time.
protocol PlaneStream: Sendable {
  /// The first new plane that can still be copied.
  var firstHeld: Int { get }
  /// How many values were NaN or infinite, and were replaced.
  var replacedCount: Int { get }
  /// Reads on until all of some planes are held, and forgets those before.
  mutating func advance(to planes: Range<Int>) throws
  /// Copies a box of planes that are held, all channels.
  func copy(_ region: Region, into destination: UnsafeMutableRawBufferPointer)
}

/// The planes of all channels of an image, resampled while it is read.
struct ResampledPlanes<Stored: VoxelScalar, Output: VoxelScalar>: PlaneStream {
  private let source: any VolumeReader
  private let newExtent: Extent
  private let planesAtATime: Int
  private var channels: [PlaneResampler<Stored>]
  private var nextSource = 0
  /// New planes of each channel, from ``firstHeld`` on.
  private var held: [[Output]]
  private(set) var firstHeld = 0
  private var nextPlane = 0

  init(
    _ source: any VolumeReader, _ resampling: Resampling, bounds: [ValueBounds], notFinite: NotFinitePolicy,
    planes: Int, jobs: Jobs
  ) {
    self.source = source
    newExtent = resampling.newExtent
    planesAtATime = planes
    channels = (0..<source.info.channels).map { channel in
      PlaneResampler(
        resampling, bounds: bounds.isEmpty ? nil : bounds[channel], notFinite: notFinite, jobs: jobs)
    }
    held = channels.map { _ in [] }
  }

  var replacedCount: Int { channels.reduce(0) { $0 + $1.replacedCount } }

  private var area: Int { newExtent.width * newExtent.height }

  mutating func advance(to planes: Range<Int>) throws {
    forget(upTo: min(planes.lowerBound, nextPlane))
    while nextPlane < planes.upperBound {
      var count = 0
      for channel in channels.indices {
        // Planes before those that are asked for are made, since a spline needs all, and dropped.
        let limit = min(planesAtATime, planes.upperBound - nextPlane)
        guard let new = channels[channel].pull(upTo: limit, as: Output.self) else { break }
        if held[channel].isEmpty { held[channel] = new } else { held[channel] += new }
        count = new.count / area
      }
      nextPlane += count
      if count == 0 { try readMore() }
      forget(upTo: min(planes.lowerBound, nextPlane))
    }
  }

  private mutating func forget(upTo plane: Int) {
    guard plane > firstHeld else { return }
    for channel in held.indices { held[channel].removeFirst((plane - firstHeld) * area) }
    firstHeld = plane
  }

  private mutating func readMore() throws {
    let extent = source.info.extent
    precondition(nextSource < extent.depth, "the image has ended before plane \(nextPlane) of \(newExtent)")
    let planes = nextSource..<min(nextSource + planesAtATime, extent.depth)
    let region = Region(x: 0..<extent.width, y: 0..<extent.height, z: planes)
    let slab = try source.read(region, as: Stored.self)
    for channel in channels.indices {
      let count = region.voxelCount
      try channels[channel].push(
        channels.count == 1 ? slab.voxels : Array(slab.voxels[channel * count..<(channel + 1) * count]))
    }
    nextSource = planes.upperBound
  }

  func copy(_ region: Region, into destination: UnsafeMutableRawBufferPointer) {
    let layout = VoxelLayout(
      extent: Extent(width: newExtent.width, height: newExtent.height, depth: nextPlane - firstHeld),
      planes: 1,
      voxelByteCount: MemoryLayout<Output>.stride, offset: 0)
    let box = Region(
      x: region.x, y: region.y, z: region.z.lowerBound - firstHeld..<region.z.upperBound - firstHeld)
    var done = 0
    for planes in held {
      planes.withUnsafeBytes { bytes in
        for run in layout.runs(of: box) {
          UnsafeMutableRawBufferPointer(rebasing: destination[done..<done + run.count])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[run]))
          done += run.count
        }
      }
    }
  }
}
