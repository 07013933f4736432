import Voxtile

extension AtomicFile {
  /// Writes a whole file that is in memory.
  ///
  /// - Throws: as ``init(_:replacing:summed:)``, ``write(_:at:)`` and ``commit()``.
  package static func write(_ bytes: [UInt8], to path: String, replacing isReplacing: Bool) throws {
    let file = try AtomicFile(path, replacing: isReplacing)
    try bytes.withUnsafeBytes { bytes in try file.write(bytes, at: 0) }
    try file.commit()
  }
}
