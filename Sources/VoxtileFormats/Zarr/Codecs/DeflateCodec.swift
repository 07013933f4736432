import CISAL
import Voxtile

/// Deflate, wrapped as gzip (RFC 1952) or as zlib (RFC 1950), through ISA-L, which verifies the checksum.
struct DeflateCodec: ByteCodec {
  /// What surrounds the compressed data.
  enum Wrapper: String {
    case gzip, zlib
  }

  let wrapper: Wrapper

  var name: String { wrapper.rawValue }

  var expansionLimit: Int { GzipInflater.expansionLimit }

  func decode(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) -> Int {
    let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)
    // The end of the data is only seen with room for more.
    let rest = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 16)
    defer {
      state.deallocate()
      rest.deallocate()
    }
    isal_inflate_init(state)
    begin(state)
    // ISA-L's parameter is not const, but it only reads.
    state.pointee.next_in = UnsafeMutablePointer(
      mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
    state.pointee.avail_in = UInt32(source.count)
    setOutput(target, of: state)
    var done = 0
    var isInRest = false
    while true {
      let before = (state.pointee.avail_in, state.pointee.avail_out, state.pointee.block_state)
      let status = isal_inflate(state)
      guard status >= 0 else { throw corrupt(reason(status)) }
      if !isInRest { done = target.count - Int(state.pointee.avail_out) }
      if isInRest, state.pointee.avail_out < rest.count { throw tooLong(target.count) }
      if state.pointee.block_state == ISAL_BLOCK_FINISH {
        guard beginNextMember(state) else { return done }
        continue
      }
      if state.pointee.avail_out == 0, !isInRest {
        isInRest = true
        setOutput(rest, of: state)
        continue
      }
      let now = (state.pointee.avail_in, state.pointee.avail_out, state.pointee.block_state)
      if before == now { throw corrupt("it ends within its data") }
    }
  }

  private func begin(_ state: UnsafeMutablePointer<inflate_state>) {
    state.pointee.crc_flag = UInt32(wrapper == .gzip ? ISAL_GZIP : ISAL_ZLIB)
  }

  private func setOutput(
    _ buffer: UnsafeMutableRawBufferPointer, of state: UnsafeMutablePointer<inflate_state>
  ) {
    state.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    state.pointee.avail_out = UInt32(buffer.count)
  }

  /// Goes on with the next member of gzip data, where there is one.
  private func beginNextMember(_ state: UnsafeMutablePointer<inflate_state>) -> Bool {
    guard wrapper == .gzip, state.pointee.avail_in >= 2, let next = state.pointee.next_in, next[0] == 0x1F,
      next[1] == 0x8B
    else { return false }
    isal_inflate_reset(state)
    begin(state)
    return true
  }

  private func reason(_ status: Int32) -> String {
    switch status {
    case ISAL_INCORRECT_CHECKSUM: "its checksum differs from its content"
    case ISAL_INVALID_WRAPPER, ISAL_UNSUPPORTED_METHOD: "it does not begin as it should"
    default: "it holds no valid deflate data"
    }
  }
}
