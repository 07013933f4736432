import Voxtile

extension [UInt8] {
  /// The bytes as one gzip member, such as a browser inflates.
  ///
  /// - Complexity: O(bytes), about 300 MB/s; memory for the result.
  package func gzipped() -> [UInt8] {
    let compressor = DeflateBlock(.small)
    var checksum = CRC32()
    var result = GzipWriter.header
    withUnsafeBytes { bytes in
      for start in stride(from: 0, to: bytes.count, by: DeflateBlock.inputByteCount) {
        let end = Swift.min(start + DeflateBlock.inputByteCount, bytes.count)
        compressor.compress(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        result.append(contentsOf: compressor.output)
        checksum.append(compressor.checksum)
      }
    }
    return result + GzipWriter.lastBlock + GzipWriter.trailer(checksum)
  }
}
