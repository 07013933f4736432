import Voxtile

/// The values of a batch of patches, or of what a model predicts of them.
///
/// The memory is an array, or belongs to the library that predicted; a prediction is not copied to become a
/// tensor. Copies of a tensor share their memory.
public struct PatchTensor: Sendable {
  /// The sizes `[n, channels, spatial...]`, slowest first, each at least 1.
  public let shape: [Int]
  private let storage: Storage

  private enum Storage {
    case array([Float])
    case lent(any TensorMemory)
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

  /// Creates a tensor of memory that something else owns.
  init(shape: [Int], memory: any TensorMemory) {
    precondition(
      Self.count(of: shape) == memory.values.count,
      "\(memory.values.count) values do not fill the shape \(shape)")
    self.shape = shape
    storage = .lent(memory)
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
      defer { withExtendedLifetime(memory) {} }
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

/// Memory with the values of a tensor, which lives as long as its owner and is not written to meanwhile.
protocol TensorMemory: AnyObject, Sendable {
  var values: UnsafeBufferPointer<Float> { get }
}
