extension Array where Element: VoxelScalar {
  /// Creates an array of parts of one size, each of which one thread writes.
  ///
  /// - Parameters:
  ///   - parts: the number of parts.
  ///   - count: the number of values of a part.
  ///   - jobs: how many threads work.
  ///   - fill: writes every value of a part; called once for each, from several threads.
  init(
    parts: Int, of count: Int, jobs: Jobs, _ fill: @Sendable (Int, inout MutableSpan<Element>) -> Void
  ) {
    self.init(unsafeUninitializedCapacity: parts * count) { buffer, initializedCount in
      defer { initializedCount = parts * count }
      guard parts * count > 0 else { return }
      adviseHugePages(UnsafeMutableRawBufferPointer(buffer))
      let output = DisjointOutput(UnsafeMutableBufferPointer(rebasing: buffer[..<(parts * count)]))
      jobs.forEachApart(parts) { part in
        output.withPart(part * count..<(part + 1) * count) { fill(part, &$0) }
      }
    }
  }
}
