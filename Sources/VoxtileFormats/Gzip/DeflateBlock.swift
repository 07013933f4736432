import CISAL
import Voxtile

/// Compresses one block after another, each on its own: no block refers to bytes of an earlier one, and
/// each ends on a byte boundary (a full flush), so that blocks made anywhere can be joined.
///
/// Not for use on two threads at once; each thread has its own.
final class DeflateBlock {
  /// Bytes of input a block, at most. The window of deflate is 32 KiB, so little is lost at a seam.
  static let inputByteCount = 1 << 20

  /// The compressed bytes of the last block.
  private(set) var output: UnsafeRawBufferPointer
  /// The checksum of the last block's input.
  private(set) var checksum = CRC32()

  private let levels: [UInt32]
  private let stream: UnsafeMutablePointer<isal_zstream>
  private let levelBuffer: UnsafeMutableRawBufferPointer
  private let candidates: [UnsafeMutableRawBufferPointer]

  /// Incompressible data are stored, which adds a few bytes for each 64 KiB; an eighth is ample.
  private static let outputByteCount = inputByteCount + inputByteCount / 8

  init(_ compression: WriteOptions.CompressionLevel) {
    levels = compression.isalLevels
    stream = .allocate(capacity: 1)
    // No stricter than the allocator's own: glibc before 2.38 hardly ever uses a freed buffer of a stricter alignment again,
    // so that each file of a crop would take a new one.
    levelBuffer = .allocate(byteCount: VOXTILE_ISAL_LEVEL_BUFFER_BYTES, alignment: 16)
    candidates = levels.map { _ in .allocate(byteCount: Self.outputByteCount, alignment: 16) }
    output = UnsafeRawBufferPointer(start: nil, count: 0)
  }

  deinit {
    stream.deallocate()
    levelBuffer.deallocate()
    for candidate in candidates { candidate.deallocate() }
  }

  /// Compresses a block; the result is in ``output`` until the next one.
  ///
  /// - Precondition: the block has 1...``inputByteCount`` bytes.
  func compress(_ input: UnsafeRawBufferPointer) {
    precondition(
      (1...Self.inputByteCount).contains(input.count),
      "a block of \(input.count) bytes is not between 1 byte and 1 MiB")
    checksum = CRC32(input)
    for (index, (level, candidate)) in zip(levels, candidates).enumerated() {
      let count = deflate(input, level: level, into: candidate)
      if index == 0 || count < output.count {
        output = UnsafeRawBufferPointer(rebasing: candidate[..<count])
      }
    }
  }

  private func deflate(
    _ input: UnsafeRawBufferPointer, level: UInt32, into candidate: UnsafeMutableRawBufferPointer
  ) -> Int {
    isal_deflate_init(stream)
    stream.pointee.level = level
    stream.pointee.level_buf = levelBuffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.level_buf_size = UInt32(levelBuffer.count)
    stream.pointee.flush = UInt16(FULL_FLUSH)
    // ISA-L's parameter is not const, but it only reads.
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(input.count)
    stream.pointee.next_out = candidate.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(candidate.count)
    let status = isal_deflate(stream)
    precondition(
      status == COMP_OK && stream.pointee.avail_in == 0 && stream.pointee.avail_out > 0,
      "the output buffer is too small")
    return candidate.count - Int(stream.pointee.avail_out)
  }
}

extension WriteOptions.CompressionLevel {
  /// The levels of ISA-L, of which the better is kept block by block.
  ///
  /// Measured on the 13 brains and atlases of MRIcron: level 2 is smaller than zlib's level 1 by 1 to 23 % on
  /// 12 of them, larger by 1.7 % on one (a noisy scan), and takes hardly more time than level 1 of ISA-L; level 0 saves no time and is 15 to 40 % larger; level 3 is smaller
  /// on sparse label maps and larger on most else. No level is the smallest for every block, so the smallest
  /// result tries all three and takes three to five times as long.
  fileprivate var isalLevels: [UInt32] {
    switch self {
    case .fast: [1]
    case .standard: [2]
    case .small: [1, 2, 3]
    }
  }
}
