import Voxtile

/// The number of voxels of an image whose voxels lie one after another in a file, and how each is stored.
struct RawShape: Equatable, Sendable {
  /// The size of the image.
  var extent: Extent
  /// Values that lie side by side for one voxel.
  var components: Int
  /// How many images of all components follow each other whole.
  var planes: Int
  /// The type of each value.
  var scalarType: ScalarType

  /// Creates a shape, or `nil` where its voxels take 2^60 bytes or more.
  ///
  /// - Parameters:
  ///   - sizes: up to three sizes, the fastest axis first; all are at least 1.
  ///   - components: the sizes of the axes before them.
  ///   - planes: the sizes of the axes after them.
  init?(_ sizes: [Int], components: [Int] = [], planes: [Int] = [], scalarType: ScalarType) {
    var product = scalarType.byteCount
    for size in sizes + components + planes {
      let (next, overflowed) = product.multipliedReportingOverflow(by: size)
      // Offsets into the voxels are added to that of the first one.
      guard size >= 1, !overflowed, next < 1 << 60 else { return nil }
      product = next
    }
    let all = sizes + [1, 1, 1]
    extent = Extent(width: all[0], height: all[1], depth: all[2])
    self.components = components.reduce(1, *)
    self.planes = planes.reduce(1, *)
    self.scalarType = scalarType
  }

  /// The shape of an image that is to be written with all channels of a voxel side by side.
  init(interleaving info: VolumeInfo) {
    (extent, components, planes, scalarType) = (info.extent, info.channels, 1, info.scalarType)
  }

  /// The shape of an image that is to be written with its channels one after another, each whole.
  init(planesOf info: VolumeInfo) {
    (extent, components, planes, scalarType) = (info.extent, 1, info.channels, info.scalarType)
  }

  /// Values per voxel, over all planes.
  var channels: Int { components * planes }

  /// The size of all voxels in bytes.
  var byteCount: Int { extent.voxelCount * channels * scalarType.byteCount }
}
