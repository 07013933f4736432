import Synchronization

/// Decoded chunks that were used lately, within a number of bytes.
final class ChunkCache: Sendable {
  /// What is known of a chunk that has a file.
  enum Content: Sendable {
    /// Its values, as in memory.
    case values([UInt8])
    /// The chunks that it consists of itself.
    case shard(ShardIndex, ByteSource)
  }

  /// The most bytes that are kept.
  let byteLimit: Int
  private let state = Mutex(State())

  private struct State {
    var entries: [[Int]: Entry] = [:]
    var byteCount = 0
    var time = 0
  }

  private struct Entry {
    let content: Content
    let byteCount: Int
    var lastUse: Int
  }

  init(byteLimit: Int) { self.byteLimit = byteLimit }

  /// What is kept of a chunk, or `nil`.
  ///
  /// - Parameter key: the number of the chunk; within a shard, after that of the shard.
  subscript(key: [Int]) -> Content? {
    state.withLock { state in
      state.time += 1
      state.entries[key]?.lastUse = state.time
      return state.entries[key]?.content
    }
  }

  /// Forgets all chunks.
  func removeAll() { state.withLock { $0 = State() } }

  /// Keeps a chunk, and forgets those that were not used for the longest time where there are too many.
  ///
  /// - Parameter byteCount: what it takes; one that takes more than all may is not kept.
  func keep(_ content: Content, of key: [Int], byteCount: Int) {
    guard byteCount <= byteLimit else { return }
    state.withLock { state in
      state.time += 1
      let old = state.entries.updateValue(
        Entry(content: content, byteCount: byteCount, lastUse: state.time), forKey: key)
      state.byteCount += byteCount - (old?.byteCount ?? 0)
      guard state.byteCount > byteLimit else { return }
      // An eighth at a time, so that entries need not be sorted for each new one.
      for (oldKey, entry) in state.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
        guard state.byteCount > byteLimit - byteLimit / 8, oldKey != key else { break }
        state.entries[oldKey] = nil
        state.byteCount -= entry.byteCount
      }
    }
  }

  /// How many bytes are kept.
  var byteCount: Int { state.withLock { $0.byteCount } }
}
