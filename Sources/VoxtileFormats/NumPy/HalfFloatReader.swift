import Voxtile

/// An image of floating-point numbers of 16 bits, read as `float32`, which holds each of them exactly.
final class HalfFloatReader: FileBackedReader {
  let info: VolumeInfo
  private let stored: any FileBackedReader

  /// - Parameters:
  ///   - stored: gives the bits of the numbers as `uint16`.
  ///   - info: what the image is.
  init(_ stored: any FileBackedReader, _ info: VolumeInfo) {
    self.stored = stored
    self.info = info
  }

  var isRandomAccess: Bool { stored.isRandomAccess }

  func checkUnchanged() throws(VoxtileError) { try stored.checkUnchanged() }

  func releaseBuffers() { stored.releaseBuffers() }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    // The bits come into the second half; converting from the front never overtakes what is still to be read.
    let half = UnsafeMutableRawBufferPointer(rebasing: destination[(destination.count / 2)...])
    try stored.read(region, into: half)
    for index in 0..<half.count / 2 {
      let bits = half.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
      destination.storeBytes(of: Float(halfBits: bits), toByteOffset: index * 4, as: Float.self)
    }
  }
}
