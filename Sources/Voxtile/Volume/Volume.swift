/// A 2D image or 3D volume of one or more channels, in memory.
///
/// Voxels lie in the order of the array shape `(channels, depth, height, width)`: x runs fastest,
/// channels are planar. Time points, vector components, colors and classes all are channels.
///
///     let scan = try Volume(extent: Extent(width: 4, height: 2), voxels: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt8])
///     scan[x: 1, y: 1]                                             // 6
///     scan[Region(x: 1..<3, y: 0..<2)].voxels                      // [2, 3, 6, 7]
///
/// A volume has value semantics and copies its voxels only when a shared one is changed. For an image
/// that does not fit in memory, read slabs instead and cut them with ``CropWindow``.
public struct Volume<Scalar: VoxelScalar>: Sendable {
  /// The size of the box in voxels.
  public let extent: Extent
  /// The number of values per voxel, at least 1.
  public let channels: Int
  /// All values, in the order `(channels, depth, height, width)`.
  ///
  /// - Precondition: a new array has as many values as the old one.
  public var voxels: [Scalar] {
    get { storage }
    // In place: an observer would copy all voxels at each change.
    _modify {
      defer {
        precondition(
          storage.count == channels * extent.voxelCount,
          "a volume of \(channels) x \(extent) voxels cannot hold \(storage.count) values")
      }
      yield &storage
    }
  }
  private var storage: [Scalar]
  /// Where the volume lies in the world.
  public var metadata: VolumeMetadata

  /// Creates a volume from its values.
  ///
  /// - Parameters:
  ///   - extent: the size in voxels.
  ///   - channels: values per voxel, at least 1.
  ///   - voxels: the values, in the order `(channels, depth, height, width)`.
  ///   - metadata: where the volume lies in the world.
  /// - Throws: ``VoxtileError/Code-swift.struct/shapeMismatch`` where the number of values is not `channels` times the
  ///   number of voxels, or there is no channel.
  public init(
    extent: Extent, channels: Int = 1, voxels: [Scalar],
    metadata: VolumeMetadata = VolumeMetadata()
  ) throws(VoxtileError) {
    let expected = extent.voxelCountIfRepresentable?.multipliedReportingOverflow(by: channels)
    guard channels >= 1, let expected, !expected.overflow, expected.partialValue == voxels.count
    else {
      throw VoxtileError(
        .shapeMismatch,
        "\(channels) channels of \(extent) voxels do not make \(voxels.count) values",
        context: .init(expected: "\(expected?.partialValue ?? 0)", found: "\(voxels.count)"))
    }
    self.init(checked: extent, channels: channels, voxels: voxels, metadata: metadata)
  }

  /// Creates a volume with one value everywhere.
  public init(extent: Extent, channels: Int = 1, repeating value: Scalar = 0) {
    precondition(channels >= 1, "channels is \(channels), not at least 1")
    self.init(
      checked: extent, channels: channels,
      voxels: [Scalar](repeating: value, count: channels * extent.voxelCount),
      metadata: VolumeMetadata())
  }

  /// Creates a volume whose number of values the caller has made sure of.
  init(checked extent: Extent, channels: Int, voxels: [Scalar], metadata: VolumeMetadata) {
    self.extent = extent
    self.channels = channels
    storage = voxels
    self.metadata = metadata
  }

  /// The value of one voxel.
  ///
  /// - Precondition: the voxel and the channel exist.
  public subscript(x x: Int, y y: Int, z z: Int = 0, channel channel: Int = 0) -> Scalar {
    get { voxels[offset(x: x, y: y, z: z, channel: channel)] }
    set { voxels[offset(x: x, y: y, z: z, channel: channel)] = newValue }
  }

  private func offset(x: Int, y: Int, z: Int, channel: Int) -> Int {
    precondition(
      Region(extent).contains(Position(x: x, y: y, z: z)) && (0..<channels).contains(channel),
      "voxel \(Position(x: x, y: y, z: z)), channel \(channel) is not in \(channels) x \(extent)")
    return ((channel * extent.depth + z) * extent.height + y) * extent.width + x
  }
}

extension Volume: Equatable {
  /// Whether two volumes have the same shape and equal values; where they lie is not compared.
  public static func == (a: Volume, b: Volume) -> Bool {
    a.extent == b.extent && a.channels == b.channels && a.voxels == b.voxels
  }
}

/// A volume whose scalar type is known only at run time. ``Volume`` conforms, and nothing else can.
///
/// Pass it to a generic function to get at its voxels: `func f<T>(_ volume: some AnyVolume<T>)`, or
/// open it with ``AnyVolume/typed``.
public protocol AnyVolume<Scalar>: Sendable {
  /// The type of the values.
  associatedtype Scalar: VoxelScalar
  /// The size of the box in voxels.
  var extent: Extent { get }
  /// The number of values per voxel.
  var channels: Int { get }
  /// Where the volume lies in the world.
  var metadata: VolumeMetadata { get set }
  /// The volume itself.
  var typed: Volume<Scalar> { get }
  /// Proof that the type is one of this package's.
  @_documentation(visibility: internal)
  static var seal: PackageSeal { get }
}

extension Volume: AnyVolume {
  /// The volume itself.
  public var typed: Volume<Scalar> { self }

  /// Proof that the type is one of this package's.
  @_documentation(visibility: internal)
  public static var seal: PackageSeal { PackageSeal() }
}

extension AnyVolume {
  /// The type of the values, as a name.
  public var scalarType: ScalarType { Scalar.scalarType }
}
