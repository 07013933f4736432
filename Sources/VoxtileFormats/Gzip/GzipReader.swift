import CISAL
import Synchronization
import Voxtile

/// The gzip or zlib data of a file, read through ISA-L as if they were not compressed.
///
/// Reading on from where the last read ended is one pass; a step back starts again from the beginning.
/// Callers on several threads take turns.
final class GzipReader: Sendable {
  /// The compressed file.
  let file: InputFile
  /// Where its compressed data begin.
  private let start: Int
  private let wrapper: DeflateWrapper
  private let bare: BareDeflate?
  /// Where the last read ended; `nil` before the first one, after one that failed, and where its memory was given back.
  private let inflater = Mutex<GzipInflater?>(nil)

  /// Takes a file whose compressed data begin at an offset; nothing is read yet.
  init(_ file: InputFile, at start: Int = 0, _ wrapper: DeflateWrapper = .gzip) {
    self.file = file
    self.start = start
    self.wrapper = wrapper
    bare = nil
  }

  /// Takes a part of a file that is deflate data without a wrapper; nothing is read yet.
  init(_ file: InputFile, _ bare: BareDeflate) {
    self.file = file
    start = bare.range.lowerBound
    wrapper = .none
    self.bare = bare
  }

  /// Whether a file begins like gzip.
  static func recognizes(_ prefix: [UInt8]) -> Bool { prefix.starts(with: [0x1F, 0x8B]) }

  /// Does several reads in one turn.
  func withInflater<Result>(
    _ body: (inout GzipInflater) throws(VoxtileError) -> Result
  ) throws(VoxtileError) -> Result {
    try self.inflater.withLock { (kept) throws(VoxtileError) -> Result in
      var inflater = kept.take() ?? GzipInflater(file, at: start, wrapper, bare: bare)
      let result = try body(&inflater)
      kept = consume inflater
      return result
    }
  }

  /// Gives back the memory for inflating; the next read starts from the beginning.
  func releaseBuffers() { inflater.withLock { $0 = nil } }

  /// The first uncompressed bytes of the file, fewer where it has no more.
  func prefix(_ count: Int) throws(VoxtileError) -> [UInt8] {
    let bound = file.byteCount.multipliedReportingOverflow(by: GzipInflater.expansionLimit)
    let capacity = bound.overflow ? count : min(count, bound.partialValue)
    return try withInflater { (inflater) throws(VoxtileError) -> [UInt8] in
      inflater.rewind()
      return try [UInt8](checkedCapacity: capacity) { (buffer) throws(VoxtileError) -> Int in
        try inflater.read(into: buffer)
      }
    }
  }

  /// The first uncompressed bytes of a file that begins with these, as many as can be had: for
  /// recognizing what is inside.
  static func inflated(_ prefix: [UInt8], limit: Int) -> [UInt8] {
    let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)
    defer { state.deallocate() }
    isal_inflate_init(state)
    state.pointee.crc_flag = UInt32(ISAL_GZIP)
    var input = prefix
    return [UInt8](unsafeUninitializedCapacity: limit) { output, count in
      input.withUnsafeMutableBufferPointer { input in
        state.pointee.next_in = input.baseAddress
        state.pointee.avail_in = UInt32(input.count)
        state.pointee.next_out = output.baseAddress
        state.pointee.avail_out = UInt32(limit)
        _ = isal_inflate(state)
        count = limit - Int(state.pointee.avail_out)
      }
    }
  }
}

extension [UInt8] {
  /// Creates an array whose bytes a throwing closure puts in; it gives their number.
  init(
    checkedCapacity: Int,
    _ fill: (UnsafeMutableRawBufferPointer) throws(VoxtileError) -> Int
  ) throws(VoxtileError) {
    var failure: VoxtileError?
    self.init(unsafeUninitializedCapacity: checkedCapacity) { buffer, count in
      do throws(VoxtileError) {
        // The allocation may be larger than what was asked for.
        count = try fill(
          UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<checkedCapacity]))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }
}
