import Voxtile

/// Reads the voxels of one reader, with what is known of them from elsewhere.
struct DescribedReader: VolumeReader {
  let info: VolumeInfo
  private let voxels: any VolumeReader

  /// - Parameter info: of the same size and type.
  init(_ voxels: any VolumeReader, like info: VolumeInfo) {
    self.voxels = voxels
    self.info = info
  }

  var isRandomAccess: Bool { voxels.isRandomAccess }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    try voxels.read(region, into: destination)
  }
}
