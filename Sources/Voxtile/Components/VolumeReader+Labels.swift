extension VolumeReader {
  /// Reads a label map once, in slabs of whole rows that follow each other in memory, with the scaling applied.
  ///
  /// - Parameters:
  ///   - maximumBytes: the most bytes of a slab.
  ///   - body: gets each slab, of whatever scalar type the file has; of `Double` where stored values are scaled.
  /// - Throws: `VoxtileError.Code.shapeMismatch` where there are several channels, and what reading and the body throw.
  package func forEachLabelSlab(
    maximumBytes: Int = 4 << 20, _ body: (any AnyVolume) throws -> Void
  ) throws {
    for region in info.slabs(maximumBytes: maximumBytes) { try body(readLabels(region)) }
  }

  /// Reads a box of a label map, with the scaling applied.
  ///
  /// - Returns: labels of whatever scalar type the file has; of `Double` where stored values are scaled.
  /// - Throws: `VoxtileError.Code.shapeMismatch` where there are several channels, and what reading throws.
  package func readLabels(_ region: Region) throws -> any AnyVolume {
    guard info.channels == 1 else {
      throw VoxtileError(
        .shapeMismatch, "a label map has one channel, not \(info.channels); give one channel of it",
        context: .init(expected: "1", found: "\(info.channels)"))
    }
    return try info.scaling == nil ? readAny(region) : readReal(region, as: Double.self)
  }
}
