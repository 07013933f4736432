/// Memory that several threads read at the same time.
///
/// Unchecked, because the compiler cannot see that nobody writes to it meanwhile: the caller makes sure of that, and that
/// the memory outlives the work.
struct SharedInput<Scalar: VoxelScalar>: @unchecked Sendable {
  private let buffer: UnsafeBufferPointer<Scalar>

  init(_ buffer: UnsafeBufferPointer<Scalar>) { self.buffer = buffer }

  /// Lends the values.
  func withSpan<Result>(_ body: (Span<Scalar>) -> Result) -> Result { body(buffer.span) }
}
