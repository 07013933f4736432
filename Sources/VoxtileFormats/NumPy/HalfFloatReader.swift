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
      destination.storeBytes(of: Self.float(bits), toByteOffset: index * 4, as: Float.self)
    }
  }

  /// The number that 16 bits stand for (IEEE 754 binary16). `Float16` is not there on every machine.
  static func float(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let (exponent, fraction) = (UInt32(bits >> 10) & 31, UInt32(bits & 0x3FF))
    switch exponent {
    case 0:
      // Multiples of 2^-24.
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
