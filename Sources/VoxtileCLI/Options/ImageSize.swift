import Voxtile

/// The size of an image that an option is about, and whether that is a 2D image or a volume.
struct ImageSize {
  let extent: Extent
  /// Whether it has no depth. A volume of one slice has one.
  let isPlanar: Bool

  init(_ info: VolumeInfo) { self.init(info.extent, isPlanar: info.isPlanar) }

  init(_ extent: Extent, isPlanar: Bool) {
    self.extent = extent
    self.isPlanar = isPlanar
  }

  /// One slice of the image, as a 2D network sees it.
  var slice: ImageSize {
    ImageSize(Extent(width: extent.width, height: extent.height), isPlanar: true)
  }
}

extension ImageSize: CustomStringConvertible {
  /// The size with what it counts: `512x512 pixels`, `20x18x1 voxels`.
  var description: String {
    isPlanar ? "\(extent) pixels" : extent.sizes.all.map(String.init).joined(separator: "x") + " voxels"
  }
}

extension VolumeInfo {
  /// What the image consists of: `pixel` or `voxel`.
  var element: String { isPlanar ? "pixel" : "voxel" }
}
