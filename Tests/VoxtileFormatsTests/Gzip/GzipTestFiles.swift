import Voxtile

@testable import VoxtileFormats

/// Bytes that compress a little, over several blocks.
func gzipSample(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var random = TestRandom(seed: seed)
  return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() & random.next() & 0x3F) }
}

/// Writes a gzip file, in pieces of a size where that is given.
func gzip(
  _ bytes: [UInt8], to path: String, _ options: WriteOptions = WriteOptions(), piece: Int? = nil
) throws {
  let file = try AtomicFile(path, replacing: true)
  let writer = try GzipWriter(file, options: options)
  try bytes.withUnsafeBytes { bytes in
    for start in stride(from: 0, to: bytes.count, by: piece ?? max(bytes.count, 1)) {
      let end = min(start + (piece ?? bytes.count), bytes.count)
      try writer.write(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
    }
  }
  try writer.finish()
  try file.commit()
}

/// All bytes of a gzip file.
func gunzip(_ path: String) throws -> [UInt8] {
  try GzipReader(InputFile(path)).prefix(1 << 26)
}
