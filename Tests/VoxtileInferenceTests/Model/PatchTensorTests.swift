import Synchronization
import Testing
import Voxtile

@testable import VoxtileInference

@Suite("PatchTensor")
struct PatchTensorTests {
  /// Memory that counts its end.
  private final class Lent: Sendable {
    nonisolated(unsafe) let values: UnsafeBufferPointer<Float>
    private let released: @Sendable () -> Void

    init(_ values: [Float], released: @escaping @Sendable () -> Void) {
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
      _ = buffer.initialize(from: values)
      self.values = UnsafeBufferPointer(buffer)
      self.released = released
    }

    deinit {
      values.deallocate()
      released()
    }
  }

  @Test("values and shape are those given")
  func values() {
    let tensor = PatchTensor(shape: [1, 2, 1, 3], values: [1, 2, 3, 4, 5, 6])
    #expect(tensor.count == 6)
    #expect(tensor.values == [1, 2, 3, 4, 5, 6])
    #expect(tensor.withValues { $0.reduce(0, +) } == 21)
  }

  @Test("lent memory is released with the last tensor over it")
  func lent() {
    let count = Mutex(0)
    var first: PatchTensor? = tensor(over: Lent([7, 8]) { count.withLock { $0 += 1 } })
    var second = first
    #expect(first?.values == [7, 8])
    first = nil
    #expect(count.withLock { $0 } == 0)
    #expect(second?.values == [7, 8])
    second = nil
    #expect(count.withLock { $0 } == 1)
  }

  private func tensor(over memory: Lent) -> PatchTensor {
    PatchTensor(shape: [1, 1, 1, 2], memory: memory.values, owner: memory)
  }

  @Test("a tensor over memory of others has that memory, not a copy")
  func notCopied() {
    let memory = Lent([7, 8]) {}
    let isSame = tensor(over: memory).withValues { $0.baseAddress == memory.values.baseAddress }
    #expect(isSame)
  }

  @Test("the product of sizes is nothing where one is not positive or it is too large")
  func counts() {
    #expect(PatchTensor.count(of: [2, 3, 4]) == 24)
    #expect(PatchTensor.count(of: [2, 0]) == nil)
    #expect(PatchTensor.count(of: [2, -3]) == nil)
    #expect(PatchTensor.count(of: [Int.max, 2]) == nil)
  }

  @Test("a closure is a model")
  func closure() async throws {
    let shape = TensorShape(name: "image", channels: 1, spatial: [nil, nil])
    let model = ClosureModel(signature: ModelSignature(input: shape, outputs: [shape])) { batch in
      [PatchTensor(shape: batch.shape, values: batch.values.map { 2 * $0 })]
    }
    #expect(model.signature.spatialRank == 2)
    #expect(try await model.predict(PatchTensor(shape: [1, 1, 1, 2], values: [1, 2]))[0].values == [2, 4])
  }
}
