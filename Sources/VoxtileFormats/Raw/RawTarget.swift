/// The one or two files of an image that is to be written: its header, and where its voxels go.
struct RawTarget: Sendable {
  /// What is compressed.
  enum Packing: Equatable, Sendable {
    /// Nothing.
    case none
    /// Each file whole, with gzip.
    case wholeFiles
    /// The voxels alone.
    case voxels(DeflateWrapper)
  }

  /// The path of the file with the header.
  var headerPath: String
  /// The path of the file with the voxels, or `nil` where they follow the header.
  var voxelPath: String?
  /// The files with the voxels of an older image whose header is going to be replaced, which nobody would find any more. Only
  /// files of its own, by their names.
  var outdated: [String] = []
  /// The bytes of the header.
  var header: [UInt8]
  /// What is compressed.
  var packing: Packing
  /// The header once the number of compressed bytes is known, with as many bytes as before; `nil` where it does not say it.
  var completed: (@Sendable (_ compressedByteCount: Int) -> [UInt8])?
}
