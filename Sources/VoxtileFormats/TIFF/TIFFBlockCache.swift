import Synchronization

/// Decoded blocks of all TIFFs that are open, as long as they were used lately: boxes that overlap share them.
///
/// There are two generations. When the young one is full, it becomes the old one, whose blocks are let go unless they were used
/// again.
final class TIFFBlockCache: Sendable {
  /// Which block it is.
  struct Key: Hashable, Sendable {
    /// The number of the reader, of which each has its own.
    let reader: Int
    let page: Int
    let block: Int
  }

  private struct Generations {
    var young: [Key: [UInt8]] = [:]
    var old: [Key: [UInt8]] = [:]
    var youngBytes = 0
    var readers = 0
  }

  static let shared = TIFFBlockCache(byteCount: 16 << 20)

  /// How much memory blocks may take, but that the last ones are kept however large they are.
  let byteCount: Int
  private let generations = Mutex(Generations())

  init(byteCount: Int) { self.byteCount = byteCount }

  /// A number for a new reader.
  func newReader() -> Int {
    generations.withLock { state in
      state.readers += 1
      return state.readers
    }
  }

  /// A block that is kept, or `nil`.
  subscript(key: Key) -> [UInt8]? {
    generations.withLock { state in
      if let block = state.young[key] { return block }
      guard let block = state.old[key] else { return nil }
      keep(block, key, &state)
      return block
    }
  }

  /// Keeps a block.
  func keep(_ block: [UInt8], as key: Key) {
    generations.withLock { state in keep(block, key, &state) }
  }

  private func keep(_ block: [UInt8], _ key: Key, _ state: inout Generations) {
    if state.youngBytes > 0, state.youngBytes + block.count > byteCount / 2 {
      state.old = state.young
      state.young = [:]
      state.youngBytes = 0
    }
    state.young[key] = block
    state.youngBytes += block.count
  }
}
