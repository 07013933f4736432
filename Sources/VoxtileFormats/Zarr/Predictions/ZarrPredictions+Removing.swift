import Voxtile

/// Predictions that were merged and removed: a short file stands where the chunk was, so that nobody predicts the patch again.
extension ZarrPredictions {
  private static let removed = [UInt8]("merged\n".utf8)
  private static let removedSkipped = [UInt8]("merged, skipped\n".utf8)

  package func remove(_ patch: Int) throws {
    guard try holds(patch) else { return }
    let content = try isSkipped(patch) ? Self.removedSkipped : Self.removed
    try AtomicFile.write(content, to: file(ofPatch: patch), replacing: true)
  }

  package func isRemoved(_ patch: Int) throws -> Bool { try whatIsLeft(of: patch) != nil }

  /// Whether a patch that is there, or was, was skipped.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be read.
  package func isSkipped(_ patch: Int) throws -> Bool {
    if let left = try whatIsLeft(of: patch) { return left == Self.removedSkipped }
    let file = try InputFile(file(ofPatch: patch))
    // Another process may have removed it between the two looks.
    guard file.byteCount == chunkByteCount else { return try whatIsLeft(of: patch) == Self.removedSkipped }
    // The first value; those of networks are never NaN.
    let bytes = try file.bytes(at: 0, count: shape.isHalf ? 2 : 4)
    let bits = bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let value = shape.isHalf ? Float(halfBits: UInt16(truncatingIfNeeded: bits)) : Float(bitPattern: bits)
    return value.isNaN
  }

  /// What stands in the place of a chunk that was removed; `nil` where the chunk is there, or nothing.
  private func whatIsLeft(of patch: Int) throws -> [UInt8]? {
    let path = file(ofPatch: patch)
    let contents = [Self.removed, Self.removedSkipped]
    guard let count = FileVersion(path)?.byteCount, count != chunkByteCount,
      contents.contains(where: { $0.count == count })
    else { return nil }
    let found = try InputFile(path).bytes(at: 0, count: count)
    return contents.contains(found) ? found : nil
  }
}
