import Voxtile

/// A writer that sums the bytes of its file while it writes them, so that nobody has to read the file again.
package protocol SummedFileWriter: VolumeWriter {
  /// The CRC-32 of the whole file once it is finished, or `nil` where it is not known: for an image in two files, or a
  /// file whose bytes were not written in their order.
  var fileChecksum: UInt32? { get }
}
