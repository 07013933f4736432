import Voxtile

/// What is around the one array of a `.npz` file that is written: the headers of a ZIP archive.
///
/// Sizes and checksum come after the data, so that the file is written from its beginning to its end. Dates are those of 1980,
/// so that equal data make equal files.
enum NpzFrame {
  /// The name that `numpy.savez` gives to an array without one.
  private static let name = Array("arr_0.npy".utf8)
  /// Version 4.5, which has 64-bit sizes.
  private static let version = 45
  /// Sizes come after the data.
  private static let flags = 8
  private static let deflate = 8
  /// January 1, 1980.
  private static let date = 0x21

  /// What comes before the data.
  static var head: [UInt8] {
    let full = Int(UInt32.max)
    return ZipFields.bytes([
      (0x0403_4B50, 4), (version, 2), (flags, 2), (deflate, 2), (0, 2), (date, 2), (0, 4), (full, 4),
      (full, 4),
      (name.count, 2), (20, 2),
    ]) + name + ZipFields.bytes([(1, 2), (16, 2), (0, 8), (0, 8)])
  }

  /// What comes after the data.
  ///
  /// - Parameters:
  ///   - checksum: checksum and length of what was compressed.
  ///   - end: where the data end in the file.
  static func tail(_ checksum: CRC32, end: Int) -> [UInt8] {
    let sizes = [(checksum.byteCount, 8), (end - head.count, 8)]
    let sum = Int(checksum.value)
    let descriptor = ZipFields.bytes([
      (0x0807_4B50, 4), (sum, 4), (end - head.count, 8), (checksum.byteCount, 8),
    ])
    let full = Int(UInt32.max)
    let entry =
      ZipFields.bytes([
        (0x0201_4B50, 4), (version | 3 << 8, 2), (version, 2), (flags, 2), (deflate, 2), (0, 2), (date, 2),
        (sum, 4),
        (full, 4), (full, 4), (name.count, 2), (20, 2), (0, 2), (0, 2), (0, 2), (0o600 << 16, 4), (0, 4),
      ]) + name + ZipFields.bytes([(1, 2), (16, 2)] + sizes)
    let start = end + descriptor.count
    let place = start + entry.count
    let large = ZipFields.bytes([
      (0x0606_4B50, 4), (44, 8), (version, 2), (version, 2), (0, 4), (0, 4), (1, 8), (1, 8), (entry.count, 8),
      (start, 8), (0x0706_4B50, 4), (0, 4), (place, 8), (1, 4),
    ])
    let last = ZipFields.bytes([
      (0x0605_4B50, 4), (0, 2), (0, 2), (1, 2), (1, 2), (entry.count, 4), (min(start, full), 4), (0, 2),
    ])
    return descriptor + entry + large + last
  }
}
