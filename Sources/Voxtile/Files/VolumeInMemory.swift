import Synchronization

/// A volume in memory, read as a file is.
public struct VolumeInMemory: VolumeReader {
  /// What the volume is, and how its values become real ones.
  public let info: VolumeInfo
  private let volume: any AnyVolume
  private let layout: VoxelLayout

  /// Always: any part of memory costs the same.
  public var isRandomAccess: Bool { true }

  /// Creates a reader.
  ///
  /// - Parameters:
  ///   - volume: the voxels.
  ///   - scaling: how its values become real ones; `nil` where they are real already.
  public init(_ volume: some AnyVolume, scaling: VolumeInfo.Scaling? = nil) {
    self.volume = volume
    info = VolumeInfo(
      extent: volume.extent, channels: volume.channels, scalarType: volume.scalarType, scaling: scaling,
      metadata: volume.metadata)
    layout = VoxelLayout(
      extent: volume.extent, planes: volume.channels, voxelByteCount: volume.scalarType.byteCount, offset: 0)
  }

  /// Copies a box of all channels.
  ///
  /// - Precondition: the region lies inside the volume, and the destination has exactly its bytes.
  public func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    precondition(
      destination.count == info.byteCount(of: region),
      "the destination has \(destination.count) bytes, \(region) needs \(info.byteCount(of: region))")
    func copy(_ volume: some AnyVolume) {
      volume.typed.voxels.withUnsafeBytes { bytes in
        var done = 0
        for run in layout.runs(of: region) {
          UnsafeMutableRawBufferPointer(rebasing: destination[done..<done + run.count])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[run]))
          done += run.count
        }
      }
    }
    copy(volume)
  }
}

/// Collects what is written slab by slab into a volume in memory.
public final class VolumeCollector<Scalar: VoxelScalar>: VolumeWriter {
  /// What is being collected.
  public let info: VolumeInfo
  private let layout: VoxelLayout
  private let voxels: Mutex<[Scalar]>

  /// Creates a writer.
  ///
  /// - Throws: `VoxtileError.Code.typeMismatch` where something of another type is to be written.
  public init(_ info: VolumeInfo, of type: Scalar.Type = Scalar.self) throws(VoxtileError) {
    guard info.scalarType == Scalar.scalarType else {
      throw VoxtileError(
        .typeMismatch,
        "\(info.scalarType.rawValue) is to be written, but \(Scalar.scalarType.rawValue) is collected",
        context: .init(expected: Scalar.scalarType.rawValue, found: info.scalarType.rawValue))
    }
    self.info = info
    layout = VoxelLayout(
      extent: info.extent, planes: info.channels, voxelByteCount: info.scalarType.byteCount, offset: 0)
    voxels = Mutex([Scalar](repeating: 0, count: info.extent.voxelCount * info.channels))
  }

  /// Copies slices to their place in the volume.
  ///
  /// - Precondition: the slab has exactly the bytes of its slices.
  public func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    let region = Region(x: 0..<info.extent.width, y: 0..<info.extent.height, z: slices)
    precondition(
      slab.count == info.byteCount(of: region),
      "the slab has \(slab.count) bytes, not \(info.byteCount(of: region))")
    voxels.withLock { voxels in
      voxels.withUnsafeMutableBytes { bytes in
        var done = 0
        for run in layout.runs(of: region) {
          UnsafeMutableRawBufferPointer(rebasing: bytes[run])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: slab[done..<done + run.count]))
          done += run.count
        }
      }
    }
  }

  /// Does nothing: the volume is in memory already.
  public func finish() throws {}

  /// What has been written so far; 0 elsewhere.
  public var volume: Volume<Scalar> {
    get throws {
      try Volume(
        extent: info.extent, channels: info.channels, voxels: voxels.withLock { $0 },
        metadata: info.metadata)
    }
  }
}
