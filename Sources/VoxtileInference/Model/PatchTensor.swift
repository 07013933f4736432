import Voxtile

/// The values of a batch of patches, or of what a model predicts of them.
///
/// The memory is an array, or belongs to something else, such as the library that predicted: a prediction is not copied to
/// become a tensor. Copies of a tensor share their memory.
public struct PatchTensor: Sendable {
  /// The sizes `[n, channels, spatial...]`, slowest first, each at least 1.
  public let shape: [Int]
  private let storage: Storage

  private enum Storage {
    case array([Float])
    case lent(LentMemory)
  }

  /// Creates a tensor of values, the last axis fastest.
  ///
  /// - Parameters:
  ///   - shape: the sizes, each at least 1.
  ///   - values: as many as the product of the sizes.
  public init(shape: [Int], values: [Float]) {
    precondition(
      Self.count(of: shape) == values.count, "\(values.count) values do not fill the shape \(shape)")
    self.shape = shape
    storage = .array(values)
  }

  /// Creates a tensor over memory that something else owns, without a copy.
  ///
  /// ```swift
  /// PatchTensor(shape: array.shape, memory: array.floats, owner: array)
  /// ```
  ///
  /// - Parameters:
  ///   - shape: the sizes, each at least 1.
  ///   - memory: the values, the last axis fastest; as many as the product of the sizes. Nobody may write to them while the
  ///     tensor or a copy of it exists.
  ///   - owner: keeps the memory as long as it exists itself; the tensor holds it.
  public init(shape: [Int], memory: UnsafeBufferPointer<Float>, owner: any AnyObject & Sendable) {
    precondition(
      Self.count(of: shape) == memory.count, "\(memory.count) values do not fill the shape \(shape)")
    self.shape = shape
    storage = .lent(LentMemory(values: memory, owner: owner))
  }

  /// The number of values, the product of the shape.
  public var count: Int { shape.reduce(1, *) }

  /// Lends the values, the last axis fastest.
  ///
  /// - Parameter body: must not keep the buffer.
  public func withValues<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch storage {
    case .array(let values):
      return try values.withUnsafeBufferPointer(body)
    case .lent(let memory):
      defer { withExtendedLifetime(memory.owner) {} }
      return try body(memory.values)
    }
  }

  /// A copy of the values, the last axis fastest.
  public var values: [Float] { withValues { Array($0) } }

  /// The product of the sizes, or `nil` where one is not positive or the product is too large.
  static func count(of shape: [Int]) -> Int? {
    var count = 1
    for size in shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: size)
      if size <= 0 || overflows { return nil }
      count = product
    }
    return count
  }
}

/// Values that an owner keeps.
///
/// Unchecked, because nobody writes to them.
private struct LentMemory: @unchecked Sendable {
  let values: UnsafeBufferPointer<Float>
  let owner: any AnyObject & Sendable
}
