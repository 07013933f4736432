import Voxtile

/// The digest SHA-256 (FIPS 180-4), which says which file something was made from: `sha256sum` prints the same.
///
/// Unlike ``CRC32``, which finds damage, it tells any two files apart.
package struct SHA256 {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  /// What does not fill a block of 64 bytes yet.
  private var rest: [UInt8] = []
  private var byteCount = 0

  /// The digest of nothing.
  package init() {}

  /// Appends bytes. O(bytes).
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount += bytes.count
    var start = 0
    if !rest.isEmpty {
      start = min(64 - rest.count, bytes.count)
      rest.append(contentsOf: bytes[..<start])
      guard rest.count == 64 else { return }
      rest.withUnsafeBytes { Self.add($0, to: &state) }
      rest.removeAll(keepingCapacity: true)
    }
    let end = start + (bytes.count - start) / 64 * 64
    Self.add(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), to: &state)
    rest.append(contentsOf: bytes[end...])
  }

  /// The digest of all bytes, as 64 digits.
  package var hexadecimal: String {
    var ended = self
    var end: [UInt8] = [0x80]
    while (rest.count + end.count) % 64 != 56 { end.append(0) }
    end += (0..<8).map { UInt8(truncatingIfNeeded: (UInt64(byteCount) * 8) >> (56 - 8 * $0)) }
    end.withUnsafeBytes { ended.update($0) }
    return ended.state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  /// The digest of a file, read once, and its size in bytes.
  ///
  /// - Parameter check: called again and again; what it throws ends the reading.
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be read.
  package static func ofFile(
    _ path: String, check: () throws -> Void = {}
  ) throws -> (digest: String, byteCount: Int) {
    let file = try InputFile(path)
    var sum = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      try check()
      let count = try buffer.withUnsafeMutableBytes { try file.read(at: sum.byteCount, into: $0) }
      buffer.withUnsafeBytes { sum.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      if count < buffer.count { return (sum.hexadecimal, sum.byteCount) }
    }
  }

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let constants: InlineArray<64, UInt32> = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]

  /// Adds whole blocks.
  private static func add(_ blocks: UnsafeRawBufferPointer, to state: inout [UInt32]) {
    let constants = constants
    var words = InlineArray<64, UInt32>(repeating: 0)
    for block in stride(from: 0, to: blocks.count, by: 64) {
      for index in 0..<16 {
        words[index] = UInt32(
          bigEndian: blocks.loadUnaligned(fromByteOffset: block + 4 * index, as: UInt32.self))
      }
      for index in 16..<64 {
        let (near, far) = (words[index - 2], words[index - 15])
        words[index] =
          words[index - 16] &+ (turned(far, 7) ^ turned(far, 18) ^ far >> 3) &+ words[index - 7]
          &+ (turned(near, 17) ^ turned(near, 19) ^ near >> 10)
      }
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      var (e, f, g, h) = (state[4], state[5], state[6], state[7])
      for index in 0..<64 {
        let first =
          h &+ (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) &+ (e & f ^ ~e & g) &+ constants[index]
          &+ words[index]
        let second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) &+ (a & b ^ a & c ^ b & c)
        (h, g, f, e) = (g, f, e, d &+ first)
        (d, c, b, a) = (c, b, a, first &+ second)
      }
      for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
    }
  }

  /// The bits of a word moved to the right, those that fall out coming back on the left.
  @inline(__always)
  private static func turned(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word >> count | word << (32 - count)
  }
}
