import Dispatch
import Synchronization
import Voxtile

/// Writes one standard gzip member or zlib stream, block by block, on one or several threads.
///
/// The bytes of the file depend on the data and the compression level only, not on how they are cut into
/// calls nor on the number of threads. The header has no name and no time, so that equal data make equal
/// files. Memory: about 4 MiB per thread.
final class GzipWriter: Sendable {
  private let file: AtomicFile
  private let wrapper: DeflateWrapper
  private let start: Int
  /// One for each thread, used while the state is locked.
  private nonisolated(unsafe) let compressors: [DeflateBlock]
  private let state: Mutex<State>

  private struct State {
    /// Input that waits for its blocks to be full.
    var pending: [UInt8] = []
    var checksum = CRC32()
    /// The checksum of zlib.
    var adler = Adler32()
    var fileOffset: Int
  }

  /// The input that keeps all compressors busy once, in bytes.
  private var capacity: Int { compressors.count * DeflateBlock.inputByteCount }

  /// RFC 1952: magic, deflate, no flags, no time, no hint, operating system unknown.
  static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
  /// RFC 1951: a last block, with fixed codes, that holds only the end-of-block code.
  static let lastBlock: [UInt8] = [0x03, 0x00]

  /// Begins a member at an offset of a file.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to write.
  init(
    _ file: AtomicFile, at start: Int = 0, _ wrapper: DeflateWrapper = .gzip, options: WriteOptions
  ) throws(VoxtileError) {
    self.file = file
    self.wrapper = wrapper
    self.start = start
    state = Mutex(State(fileOffset: start))
    compressors = (0..<max(1, min(options.jobs, 64))).map { _ in DeflateBlock(options.compression) }
    try state.withLock { (state) throws(VoxtileError) in try write(wrapper.header, &state) }
  }

  /// How many compressed bytes have been written.
  var byteCount: Int { state.withLock { $0.fileOffset - start } }

  /// Appends bytes.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to write.
  func write(_ bytes: UnsafeRawBufferPointer) throws(VoxtileError) {
    try state.withLock { (state) throws(VoxtileError) in
      var done = 0
      while done < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
        if state.pending.isEmpty && rest.count >= capacity {
          // Whole blocks need not be copied.
          try compress(UnsafeRawBufferPointer(rebasing: rest[..<capacity]), &state)
          done += capacity
          continue
        }
        let count = min(capacity - state.pending.count, rest.count)
        state.pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest[..<count]))
        done += count
        if state.pending.count == capacity { try flush(&state) }
      }
    }
  }

  /// Completes the member. The file still has to be committed.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to write.
  func finish() throws(VoxtileError) {
    try state.withLock { (state) throws(VoxtileError) in
      try flush(&state)
      try write(Self.lastBlock + trailer(state), &state)
    }
  }

  /// What has been written so far: checksum and length of the data, and where their compressed bytes end in the file.
  var written: (checksum: CRC32, fileOffset: Int) { state.withLock { ($0.checksum, $0.fileOffset) } }

  /// What the wrapper has after the last block.
  private func trailer(_ state: State) -> [UInt8] {
    switch wrapper {
    case .gzip: Self.trailer(state.checksum)
    case .zlib: state.adler.bytes
    case .none: []
    }
  }

  /// What follows the last block: the checksum and the length, which is kept modulo 2^32.
  static func trailer(_ checksum: CRC32) -> [UInt8] {
    [checksum.value, UInt32(truncatingIfNeeded: checksum.byteCount)].flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
    }
  }

  /// Compresses what is pending.
  private func flush(_ state: inout State) throws(VoxtileError) {
    let pending = state.pending
    state.pending = []
    try pending.withBytes { (bytes) throws(VoxtileError) in try compress(bytes, &state) }
    state.pending = pending
    state.pending.removeAll(keepingCapacity: true)
  }

  /// Compresses at most one block for each compressor, and writes them in order.
  private func compress(
    _ bytes: UnsafeRawBufferPointer, _ state: inout State
  ) throws(VoxtileError) {
    let blockBytes = DeflateBlock.inputByteCount
    let count = (bytes.count + blockBytes - 1) / blockBytes
    guard count > 0 else { return }
    // Each iteration has a compressor and a part of the input of its own.
    nonisolated(unsafe) let bytes = bytes
    @Sendable func compressBlock(_ index: Int) {
      let range = index * blockBytes..<min((index + 1) * blockBytes, bytes.count)
      compressors[index].compress(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }
    if count == 1 {
      compressBlock(0)
    } else {
      DispatchQueue.concurrentPerform(iterations: count, execute: compressBlock)
    }
    for compressor in compressors.prefix(count) {
      try file.write(compressor.output, at: state.fileOffset)
      state.fileOffset += compressor.output.count
      state.checksum.append(compressor.checksum)
    }
    if wrapper == .zlib { state.adler.update(bytes) }
  }

  private func write(_ bytes: [UInt8], _ state: inout State) throws(VoxtileError) {
    try file.write(bytes, at: state.fileOffset)
    state.fileOffset += bytes.count
  }
}

extension AtomicFile {
  /// Writes an array at an offset.
  package func write(_ bytes: [UInt8], at offset: Int) throws(VoxtileError) {
    try bytes.withBytes { (buffer) throws(VoxtileError) in try write(buffer, at: offset) }
  }
}

extension [UInt8] {
  /// `withUnsafeBytes` that passes on typed errors.
  func withBytes<Value>(
    _ body: (UnsafeRawBufferPointer) throws(VoxtileError) -> Value
  ) throws(VoxtileError) -> Value {
    try withUnsafeBytes { buffer in
      Result { () throws(VoxtileError) in try body(buffer) }
    }.get()
  }
}
