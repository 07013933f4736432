import CISAL
import Voxtile

/// The state of inflating the gzip or zlib data of a file: members one after another, each with its
/// checksum and length verified (by ISA-L) where it ends.
///
/// What follows the last member is ignored where it does not begin like another one, as `gzip` does;
/// padding with zeros is thus fine. A zlib stream is one member.
///
/// Unchecked, because the memory behind its pointers belongs to this one value, which cannot be copied.
struct GzipInflater: ~Copyable, @unchecked Sendable {
  /// The compressed file.
  let file: InputFile
  /// How many bytes have been given out.
  private(set) var position = 0

  /// Where in the file the compressed data begin.
  private let start: Int
  private let wrapper: DeflateWrapper
  /// Where data without a wrapper end, and what they should give.
  private let bare: BareDeflate?
  private let state: UnsafeMutablePointer<inflate_state>
  private let input: UnsafeMutableRawBufferPointer
  /// Where in the file the bytes after those in `input` lie.
  private var nextInputOffset: Int
  private var isAtEnd = false

  /// Large enough to make system calls rare, small enough to read a header in no time.
  private static let inputByteCount = 1 << 17
  /// ISA-L counts in 32 bits.
  private static let outputLimit = 1 << 30

  /// Takes a file whose compressed data begin at an offset.
  ///
  /// - Parameter bare: which bytes they are and what they should give, where there is no wrapper that says so.
  init(_ file: InputFile, at start: Int = 0, _ wrapper: DeflateWrapper = .gzip, bare: BareDeflate? = nil) {
    self.file = file
    self.start = bare?.range.lowerBound ?? start
    self.wrapper = wrapper
    self.bare = bare
    nextInputOffset = self.start
    state = .allocate(capacity: 1)
    input = .allocate(byteCount: Self.inputByteCount, alignment: 16)
    beginMember(isFirst: true)
  }

  deinit {
    state.deallocate()
    input.deallocate()
  }

  /// Starts again from the beginning of the compressed data.
  mutating func rewind() {
    position = 0
    nextInputOffset = start
    isAtEnd = false
    beginMember(isFirst: true)
  }

  /// Fills a buffer with the next bytes, or with as many as there still are.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where the data are corrupt or end within a member.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(VoxtileError) -> Int {
    var done = 0
    while done < buffer.count {
      if state.pointee.block_state == ISAL_BLOCK_FINISH { try beginNextMember() }
      if isAtEnd { break }
      let room = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      done += try inflate(into: room)
    }
    position += done
    return done
  }

  /// Fills a whole buffer from an offset in the uncompressed data. An offset before the current position
  /// means a new start from the beginning.
  mutating func readExactly(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) {
    if offset < position { rewind() }
    try skip(to: offset)
    let count = try read(into: buffer)
    guard count == buffer.count else { throw .endOfData(at: position, needed: offset + buffer.count) }
  }

  /// Inflates what follows, up to a limit, so that the checksum of the last member is verified where
  /// it ends within that.
  mutating func verifyEnd(limit: Int) throws(VoxtileError) {
    try discard(limit)
  }

  private mutating func skip(to offset: Int) throws(VoxtileError) {
    try discard(offset - position)
    guard position == offset else { throw .endOfData(at: position, needed: offset) }
  }

  private mutating func discard(_ byteCount: Int) throws(VoxtileError) {
    guard byteCount > 0 else { return }
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(byteCount, 1 << 18), alignment: 16)
    defer { scratch.deallocate() }
    var rest = byteCount
    while rest > 0 {
      let count = try read(
        into: UnsafeMutableRawBufferPointer(rebasing: scratch[..<min(rest, scratch.count)]))
      if count == 0 { break }
      rest -= count
    }
  }

  /// One step of ISA-L; gives the number of bytes put out, which may be 0.
  private mutating func inflate(
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) -> Int {
    if state.pointee.avail_in == 0 { try refill() }
    let inputCount = state.pointee.avail_in
    let room = UInt32(min(buffer.count, Self.outputLimit))
    state.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    state.pointee.avail_out = room
    let stateBefore = state.pointee.block_state
    let status = isal_inflate(state)
    let count = Int(room - state.pointee.avail_out)
    // Positive values ask for more input or room.
    guard status >= 0, status != ISAL_NEED_DICT else {
      throw .corrupt(wrapper, status, at: inputOffset)
    }
    let isStuck =
      count == 0 && state.pointee.avail_in == inputCount && state.pointee.block_state == stateBefore
    if isStuck && state.pointee.block_state != ISAL_BLOCK_FINISH {
      throw .truncated(wrapper, at: inputOffset)
    }
    return count
  }

  /// Where in the file the next unread byte lies.
  private var inputOffset: Int { nextInputOffset - Int(state.pointee.avail_in) }

  /// Reads more of the file, after what is left of the input.
  private mutating func refill() throws(VoxtileError) {
    let left = Int(state.pointee.avail_in)
    if left > 0, let next = state.pointee.next_in {
      input.baseAddress?.copyMemory(from: next, byteCount: left)
    }
    let room = min(input.count - left, (bare?.range.upperBound ?? .max) - nextInputOffset)
    let count = try file.read(
      at: nextInputOffset, into: UnsafeMutableRawBufferPointer(rebasing: input[left..<left + room]))
    nextInputOffset += count
    state.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    state.pointee.avail_in = UInt32(left + count)
  }

  private mutating func beginNextMember() throws(VoxtileError) {
    if let bare {
      let isWhole =
        state.pointee.crc == bare.checksum
        && state.pointee.total_out == UInt32(truncatingIfNeeded: bare.byteCount)
      guard isWhole else { throw .corrupt(wrapper, ISAL_INCORRECT_CHECKSUM, at: inputOffset) }
    }
    guard wrapper == .gzip else {
      isAtEnd = true
      return
    }
    if state.pointee.avail_in < 2 { try refill() }
    guard state.pointee.avail_in >= 2, let next = state.pointee.next_in, next[0] == 0x1F,
      next[1] == 0x8B
    else {
      isAtEnd = true
      return
    }
    beginMember(isFirst: false)
  }

  private mutating func beginMember(isFirst: Bool) {
    if isFirst {
      isal_inflate_init(state)
    } else {
      isal_inflate_reset(state)
    }
    state.pointee.crc_flag = wrapper.inflateFlag
  }
}

/// Deflate data inside a file without a wrapper of their own, such as an entry of a ZIP archive.
struct BareDeflate: Sendable {
  /// The bytes of the file that they are.
  var range: Range<Int>
  /// The CRC-32 of what they inflate to, which is verified at the end.
  var checksum: UInt32
  /// How many bytes they inflate to.
  var byteCount: Int
}

extension GzipInflater {
  /// The most that one byte of deflate data can stand for, in bytes: 258 bytes for two bits.
  static let expansionLimit = 1032

  /// Checks that a file can hold as much as its content declares, before that much is allocated.
  static func check(
    declared: Int, canComeFrom file: InputFile
  ) throws(VoxtileError) {
    let (bound, overflowed) = file.byteCount.multipliedReportingOverflow(by: expansionLimit)
    guard overflowed || declared <= bound else {
      throw VoxtileError(
        .malformedFile,
        "declares \(declared) bytes, but its \(file.byteCount) compressed bytes cannot hold more than "
          + "\(bound); it is truncated or its header is wrong",
        context: .init(file: file.path, expected: "\(declared) bytes", found: "at most \(bound) bytes"))
    }
  }
}

extension VoxtileError {
  fileprivate static func corrupt(
    _ wrapper: DeflateWrapper, _ status: Int32, at offset: Int
  ) -> VoxtileError {
    let reason =
      switch status {
      case ISAL_INCORRECT_CHECKSUM: "its checksum or length differs from its content"
      case ISAL_INVALID_WRAPPER: "its \(wrapper) header is invalid"
      case ISAL_NEED_DICT: "it needs a dictionary, which no image file has"
      case ISAL_UNSUPPORTED_METHOD: "its compression method is not deflate"
      case ISAL_INVALID_LOOKBACK: "it refers to bytes before its beginning"
      default: "it holds no valid deflate data"
      }
    return VoxtileError(
      .malformedFile,
      "is corrupt near compressed byte \(offset): \(reason); get the file again",
      context: .init(byteOffset: offset))
  }

  fileprivate static func truncated(_ wrapper: DeflateWrapper, at offset: Int) -> VoxtileError {
    VoxtileError(
      .malformedFile,
      "ends at compressed byte \(offset), within its \(wrapper) data; it is truncated, get the file again",
      context: .init(byteOffset: offset, expected: "more data", found: "the end of the file"))
  }

  fileprivate static func endOfData(at offset: Int, needed: Int) -> VoxtileError {
    VoxtileError(
      .malformedFile,
      "ends at uncompressed byte \(offset), but byte \(needed) is needed; it is truncated",
      context: .init(byteOffset: offset, expected: "\(needed) bytes", found: "\(offset) bytes"))
  }
}
