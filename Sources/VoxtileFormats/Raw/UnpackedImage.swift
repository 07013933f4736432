import Synchronization
import Voxtile

/// The voxels of an image in a scratch file, in the order of memory, for a file from which a box cannot be read by itself.
///
/// They are put there when the first box is read, and the file goes away with its owner.
final class UnpackedImage: Sendable {
  private let layout: VoxelLayout
  private let scratch = Mutex<ScratchFile?>(nil)

  /// - Parameter info: what the image is; nothing is unpacked yet.
  init(_ info: VolumeInfo) {
    layout = VoxelLayout(
      extent: info.extent, planes: info.channels, voxelByteCount: info.scalarType.byteCount, offset: 0)
  }

  /// Reads a box of all channels.
  ///
  /// - Parameters:
  ///   - region: a box inside the image.
  ///   - destination: memory for exactly its bytes.
  ///   - unpack: writes the whole image to a scratch file, in the order `(channels, depth, height, width)`; called once.
  /// - Throws: what `unpack` throws, and `VoxtileError.Code.fileAccess` where the system fails.
  func read(
    _ region: Region, into destination: UnsafeMutableRawBufferPointer,
    unpack: (ScratchFile) throws(VoxtileError) -> Void
  ) throws(VoxtileError) {
    let scratch = try scratch.withLock { (kept) throws(VoxtileError) -> ScratchFile in
      if let kept { return kept }
      let scratch = try ScratchFile()
      try unpack(scratch)
      kept = scratch
      return scratch
    }
    var done = 0
    for run in layout.runs(of: region) {
      try scratch.read(
        at: run.lowerBound,
        into: UnsafeMutableRawBufferPointer(rebasing: destination[done..<done + run.count]))
      done += run.count
    }
  }
}
