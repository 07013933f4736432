import Synchronization
import Voxtile

/// Counts the voxels of each label of a map, and sums how confident the network was in them, while the map is written.
final class LabelCounts: Sendable {
  /// What is known of a label.
  struct Label {
    var voxels = 0
    /// The sum of the probabilities with which it won.
    var confidence = 0.0
  }

  private struct State {
    var labels: [Int: Label] = [:]
    /// Probabilities of voxels whose labels are still to come, in steps of 1/65535.
    var waiting: [UInt16] = []
    /// How many of them have been used.
    var used = 0
  }

  private let scalarType: ScalarType
  private let state = Mutex(State())

  /// - Parameter scalarType: that of the map.
  init(of scalarType: ScalarType) { self.scalarType = scalarType }

  /// The labels that were counted.
  var labels: [Int: Label] { state.withLock { $0.labels } }

  /// Takes the probabilities of the next voxels, whose labels come later.
  func keep(confidence bytes: UnsafeRawBufferPointer) {
    let values = bytes.bindMemory(to: Float.self)
    state.withLock { state in
      if state.used > 0 {
        state.waiting.removeFirst(state.used)
        state.used = 0
      }
      state.waiting.reserveCapacity(state.waiting.count + values.count)
      for value in values { state.waiting.append(UInt16((min(1, max(0, value)) * 65535).rounded())) }
    }
  }

  /// Takes the labels of the next voxels.
  func count(_ bytes: UnsafeRawBufferPointer) {
    func count<Value: FixedWidthInteger>(_ type: Value.Type) {
      add(bytes.bindMemory(to: type))
    }
    switch scalarType {
    case .uint8: count(UInt8.self)
    case .uint16: count(UInt16.self)
    case .int16: count(Int16.self)
    default: count(Int32.self)
    }
  }

  private func add<Value: FixedWidthInteger>(_ labels: UnsafeBufferPointer<Value>) {
    state.withLock { state in
      let hasConfidence = state.waiting.count - state.used >= labels.count
      var start = 0
      // A run of one label at a time: there are few of them.
      while start < labels.count {
        let label = labels[start]
        var end = start
        var sum = 0
        while end < labels.count, labels[end] == label {
          if hasConfidence { sum += Int(state.waiting[state.used + end]) }
          end += 1
        }
        state.labels[Int(label), default: Label()].voxels += end - start
        state.labels[Int(label), default: Label()].confidence += Double(sum) / 65535
        start = end
      }
      if hasConfidence { state.used += labels.count }
    }
  }
}
