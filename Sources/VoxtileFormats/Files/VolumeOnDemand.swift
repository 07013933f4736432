import Voxtile

/// A file that is open only while voxels are read, so any number of them can be used at a time: the system limits how many
/// files are open.
package struct VolumeOnDemand: VolumeReader {
  /// The path of the file.
  package let path: String
  /// What the file says, without its own header and details.
  package let info: VolumeInfo
  package let isRandomAccess: Bool

  /// Reads the header of a file.
  ///
  /// - Throws: what `ImageFormats.open(_:)` throws.
  package init(_ path: String) throws {
    let reader = try ImageFormats.open(path)
    var info = reader.info
    info.metadata = info.metadata.withoutHeader(affine: info.metadata.affine)
    info.metadata.channelHeader = nil
    info.details = []
    self.path = path
    self.info = info
    isRandomAccess = reader.isRandomAccess
  }

  /// Opens the file and reads a box, which costs what reading it first costs.
  package func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    try ImageFormats.open(path).read(region, into: destination)
  }
}
