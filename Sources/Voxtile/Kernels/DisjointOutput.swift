/// Memory that several threads write at the same time, each in a part of its own.
///
/// Unchecked, because the compiler cannot see which values a thread touches: the caller makes sure that no two threads
/// touch the same ones, and that the memory outlives the work.
package struct DisjointOutput<Scalar: VoxelScalar>: @unchecked Sendable {
  private let base: UnsafeMutablePointer<Scalar>
  /// The number of values.
  let count: Int

  package init(_ buffer: UnsafeMutableBufferPointer<Scalar>) {
    precondition(buffer.count > 0, "there is nothing to write to")
    base = buffer.baseAddress.unsafelyUnwrapped
    count = buffer.count
  }

  /// Lends one part of the memory to be written.
  package func withPart<Result>(
    _ range: Range<Int>, _ body: (inout MutableSpan<Scalar>) -> Result
  ) -> Result {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "part \(range) lies outside 0..<\(count)")
    var span = UnsafeMutableBufferPointer(start: base + range.lowerBound, count: range.count)
      .mutableSpan
    return body(&span)
  }
}
