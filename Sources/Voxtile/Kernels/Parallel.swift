import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How much work runs at the same time.
public struct Jobs: Hashable, Sendable {
  /// The number of threads, at least 1.
  public let count: Int

  /// Creates a number of threads.
  ///
  /// - Precondition: `count` is at least 1.
  public init(_ count: Int) {
    precondition(count >= 1, "the number of jobs is \(count), not at least 1")
    self.count = count
  }

  /// One thread.
  public static let one = Jobs(1)

  /// As many threads as the machine has cores.
  public static let all = Jobs(availableCores())

  /// Runs a body once for each index, spread over the threads.
  ///
  /// Results never depend on the number of threads: each index owns a part of the output.
  ///
  /// - Parameters:
  ///   - count: the number of indices.
  ///   - body: the work for one index; called from several threads.
  package func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
    let threads = min(self.count, count)
    guard threads > 1 else {
      for index in 0..<count { body(index) }
      return
    }
    // Whoever is free takes the next index, since neither the work nor the cores are ever all alike.
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        body(index)
      }
    }
  }

  /// Runs a body once for each index, spread over the threads, which work far from each other.
  ///
  /// Each thread goes through a part of the indices of its own. Neighbors often share a page of fresh memory, and if two
  /// threads touch a new page at once, both clear it. A thread that is done goes on with the last indices of another one.
  package func forEachApart(_ count: Int, _ body: @Sendable (Int) -> Void) {
    let threads = max(1, min(self.count, count))
    let left = Mutex((0..<threads).map { $0 * count / threads..<($0 + 1) * count / threads })
    forEach(threads) { thread in
      while let index = left.withLock({ $0.takeIndex(ofPart: thread) }) { body(index) }
    }
  }

  /// Runs a body that may fail once for each index; after a failure no further index is begun.
  ///
  /// - Throws: the error of the lowest index that failed.
  package func forEachThrowing(_ count: Int, _ body: @Sendable (Int) throws -> Void) throws {
    let failure = Mutex<(index: Int, error: any Error)?>(nil)
    forEach(count) { index in
      if failure.withLock({ $0 != nil }) { return }
      do {
        try body(index)
      } catch {
        failure.withLock { failure in
          if failure.map({ index < $0.index }) ?? true { failure = (index, error) }
        }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure.error }
  }
}

extension Jobs {
  /// The results of a body that may fail, one for each index, in order.
  package func mapThrowing<Result: Sendable>(
    _ count: Int, _ body: @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: count))
    try forEachThrowing(count) { index in
      let result = try body(index)
      results.withLock { $0[index] = result }
    }
    return results.withLock { $0.compactMap(\.self) }
  }
}

/// The cores of the machine.
private func availableCores() -> Int {
  max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
}

extension Jobs {
  /// Runs a body once for each part of an array, spread over the threads: parts of a size, the last one what is left.
  ///
  /// - Parameter body: the work for one part, which it alone can change; called from several threads.
  package func forEachPart<Scalar: VoxelScalar>(
    of array: inout [Scalar], size: Int, _ body: @Sendable (_ part: Int, inout MutableSpan<Scalar>) -> Void
  ) {
    let count = array.count
    guard count > 0 else { return }
    array.withUnsafeMutableBufferPointer { buffer in
      let output = DisjointOutput(buffer)
      forEachApart((count + size - 1) / size) { part in
        output.withPart(part * size..<min(count, (part + 1) * size)) { body(part, &$0) }
      }
    }
  }
}

extension [Range<Int>] {
  /// Takes the first index of a part, or the last one of the part that has most of them; `nil` where none is left.
  fileprivate mutating func takeIndex(ofPart own: Int) -> Int? {
    if !self[own].isEmpty {
      defer { self[own] = self[own].dropFirst() }
      return self[own].lowerBound
    }
    guard let other = indices.max(by: { self[$0].count < self[$1].count }), !self[other].isEmpty else {
      return nil
    }
    self[other] = self[other].dropLast()
    return self[other].upperBound
  }
}
