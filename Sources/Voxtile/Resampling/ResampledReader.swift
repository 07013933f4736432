import Synchronization

/// Reads an image as if its file held it resampled.
///
///     let scan = try ImageFormats.open("scan.nii.gz")
///     let resampling = try Resampling(of: scan.info.extent, spacing: scan.info.metadata.spacing, to: PerAxis(1.5))
///     let reader = try ResampledReader(scan, resampling)
///     let first = try reader.read(Region(x: 0..<96, y: 0..<96, z: 0..<96), as: Float.self)
///
/// The image is read once, in ascending order, where boxes are asked for in ascending order along z; each step back starts
/// again. Where cubic values are clipped, the image is read once more before, for its least and largest value.
public final class ResampledReader: VolumeReader, FileBackedReader {
  /// The resampled image. It lies where its voxels really are.
  public let info: VolumeInfo
  /// How the image is resampled.
  public let resampling: Resampling
  private let source: any VolumeReader
  private let start: @Sendable () -> any PlaneStream
  private let stream: Mutex<(any PlaneStream)?>
  private let streamBytes: Int

  /// Slabs of the image are at most this large, unless a plane is larger.
  private static let largestSlab = 16 << 20
  /// The most planes that are read at a time.
  package static let mostPlanes = 8

  /// Creates a reader.
  ///
  /// - Parameters:
  ///   - source: the image.
  ///   - resampling: how; of an image of that size.
  ///   - type: the scalar type of the values, which whole numbers are rounded and saturated to; `nil` for that of the image. Values
  ///     that are only copied keep their type.
  ///   - notFinite: what is done with NaN and infinity where values are interpolated.
  ///   - planes: the most planes that are read at a time, at least 1.
  ///   - jobs: how many threads work; the result is the same.
  ///   - check: called now and then while the image is looked at; what it throws ends that.
  /// - Throws: what reading the image and `check` throw, and `VoxtileError.Code.invalidOption` where the values are indices
  ///   into a palette, which have no mean, or are NaN or infinite, and that is not allowed.
  /// - Precondition: the resampling is of an image of this size.
  public init(
    _ source: any VolumeReader, _ resampling: Resampling, as type: ScalarType? = nil,
    notFinite: NotFinitePolicy = .error, planes: Int = 8, jobs: Jobs = .all, check: () throws -> Void = {}
  ) throws {
    precondition(
      resampling.extent == source.info.extent,
      "a resampling of \(resampling.extent) cannot be one of \(source.info.extent)")
    if source.info.palette != nil, resampling.makesValues {
      throw VoxtileError(
        .invalidOption,
        "has indices into a palette for values, and a mean of two is another color; convert it to gray first, or take the nearest value",
        context: .init(expected: "values", found: "indices"))
    }
    self.source = source
    self.resampling = resampling
    var info = source.info
    info.extent = resampling.newExtent
    info.scalarType = resampling.makesValues ? type ?? info.scalarType : info.scalarType
    info.metadata = info.metadata.withoutHeader(affine: resampling.newAffine(of: info.metadata.affine))
    info.details = []
    info.notes = []
    self.info = info
    let area = source.info.extent.width * source.info.extent.height
    let planeBytes = max(1, area * source.info.channels * source.info.scalarType.byteCount)
    let planes = min(max(1, Self.largestSlab / planeBytes), min(Self.mostPlanes, max(1, planes)))
    streamBytes = Self.streamBytes(source.info, resampling, planes: planes, jobs: jobs)
    let bounds = try source.bounds(resampling, notFinite: notFinite, planes: planes, check: check)
    let outputType = info.scalarType
    start = {
      func open<Stored: VoxelScalar, Output: VoxelScalar>(_: Stored.Type, _: Output.Type) -> any PlaneStream {
        ResampledPlanes<Stored, Output>(
          source, resampling, bounds: bounds, notFinite: notFinite, planes: planes, jobs: jobs)
      }
      func openStored<Stored: VoxelScalar>(_ stored: Stored.Type) -> any PlaneStream {
        func openOutput<Output: VoxelScalar>(_ output: Output.Type) -> any PlaneStream {
          open(stored, output)
        }
        return openOutput(outputType.type)
      }
      return openStored(source.info.scalarType.type)
    }
    stream = Mutex(nil)
  }

  /// The bytes that a reader holds while it reads, without what the reader of the image holds.
  package static func streamBytes(
    _ info: VolumeInfo, _ resampling: Resampling, planes: Int, jobs: Jobs
  ) -> Int {
    func bytes<Scalar: VoxelScalar>(_ type: Scalar.Type) -> Int {
      PlaneResampler<Scalar>.byteCount(resampling, planes: planes, jobs: jobs)
    }
    let (area, newArea) = (
      resampling.extent.width * resampling.extent.height,
      resampling.newExtent.width * resampling.newExtent.height
    )
    // A slab is in memory twice while its channels are taken apart, and so is a new plane while it is handed on.
    let slabs = 2 * planes * (area * info.scalarType.byteCount + newArea * 8)
    return info.channels * (bytes(info.scalarType.type) + slabs)
  }

  /// Never: a step back starts again.
  public var isRandomAccess: Bool { false }

  /// The planes that are still needed, and what the reader of the image holds.
  public var bufferByteCount: Int { source.bufferByteCount + streamBytes }

  /// How many values were NaN or infinite, and were replaced, in what has been read.
  public var replacedCount: Int { stream.withLock { $0?.replacedCount ?? 0 } }

  /// Reads a box of all channels.
  ///
  /// - Throws: what reading the image throws, and `VoxtileError.Code.invalidOption` where a value is NaN or infinite and that
  ///   is not allowed.
  public func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    precondition(
      region.isInside(info.extent) && destination.count == info.byteCount(of: region),
      "\(region) is not read into \(destination.count) bytes")
    guard region.voxelCount > 0 else { return }
    try stream.withLock { stream in
      // Taken out, so that an error leaves no stream that has lost planes.
      var current = stream
      stream = nil
      if current.map({ region.z.lowerBound < $0.firstHeld }) ?? true { current = start() }
      guard var planes = current else { return }
      current = nil
      try planes.advance(to: region.z)
      planes.copy(region, into: destination)
      stream = planes
    }
  }

  package func checkUnchanged() throws(VoxtileError) { try source.checkFileUnchanged() }

  package func releaseBuffers() {
    stream.withLock { $0 = nil }
    (source as? any FileBackedReader)?.releaseBuffers()
  }
}

extension VolumeReader {
  /// The limits of each channel within which cubic values are kept; none where they are not.
  fileprivate func bounds(
    _ resampling: Resampling, notFinite: NotFinitePolicy, planes: Int, check: () throws -> Void
  ) throws -> [ValueBounds] {
    guard let empty = resampling.emptyBounds else { return [] }
    var bounds = [ValueBounds](repeating: empty, count: info.channels)
    func add<Stored: VoxelScalar>(_ region: Region, as type: Stored.Type) throws {
      let slab = try read(region, as: type)
      for channel in 0..<info.channels {
        let values =
          info.channels == 1
          ? slab.voxels : Array(slab.voxels[channel * region.voxelCount..<(channel + 1) * region.voxelCount])
        bounds[channel].add(values, first: region.z.lowerBound, replacement: notFinite.replacement)
      }
    }
    for z in stride(from: 0, to: info.extent.depth, by: planes) {
      try check()
      try add(
        Region(
          x: 0..<info.extent.width, y: 0..<info.extent.height, z: z..<min(z + planes, info.extent.depth)),
        as: info.scalarType.type)
    }
    let found = bounds.reduce(0) { $0 + $1.notFinite }
    if found > 0, notFinite == .error { throw NotFinitePolicy.refusal(found) }
    return bounds
  }
}
