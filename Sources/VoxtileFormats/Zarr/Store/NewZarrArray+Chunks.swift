import Voxtile

extension NewZarrArray {
  /// Writes a chunk, unless it holds nothing but 0: then it needs no file.
  ///
  /// - Parameters:
  ///   - values: all values of the chunk, in the machine's byte order; the last axis runs fastest.
  ///   - chunk: its number along each axis.
  ///   - folder: the folder of the array, in which that of the chunk is already.
  ///   - isReplacing: whether the chunk may be there already, and be read while it is written.
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to write.
  func write(
    _ values: consuming [UInt8], chunk: [Int], to folder: String, replacing isReplacing: Bool = false
  ) throws {
    let path = "\(folder)/\(keys.path(of: chunk))"
    if values.isZero {
      if isReplacing { try ZarrFolder.remove(path) }
      return
    }
    var values = values
    let size = isHalf ? 2 : scalarType.byteCount
    if isHalf {
      values = try values.withUnsafeBytes { try UInt16.halves(of: $0).withUnsafeBytes { Array($0) } }
    }
    values.withUnsafeMutableBytes { ByteOrder.little.convertToNative($0, numberByteCount: size) }
    let encoded = try ZstdCodec.encoded(values, compression)
    let file = try AtomicFile(path, replacing: isReplacing, durable: false)
    try file.write(encoded, at: 0)
    try file.commit()
  }
}

extension [UInt8] {
  /// Whether all bytes are 0.
  fileprivate var isZero: Bool {
    withUnsafeBytes { bytes in
      let words = bytes.count / 8
      for index in 0..<words where bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self) != 0 {
        return false
      }
      return bytes[(8 * words)...].allSatisfy { $0 == 0 }
    }
  }
}
