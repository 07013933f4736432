/// The order of the bytes of one number in a file.
enum ByteOrder: String, Sendable {
  case little, big

  /// The order of this machine.
  static var native: ByteOrder { UInt16(1).littleEndian == 1 ? .little : .big }

  /// Reverses the bytes of every number of a buffer in place, where this order is not the machine's.
  ///
  /// - Parameters:
  ///   - buffer: whole numbers of one size.
  ///   - byteCount: the size of a number: 1, 2, 4 or 8.
  func convertToNative(_ buffer: UnsafeMutableRawBufferPointer, numberByteCount byteCount: Int) {
    guard self != .native else { return }
    switch byteCount {
    case 2: Self.swap(UInt16.self, buffer)
    case 4: Self.swap(UInt32.self, buffer)
    case 8: Self.swap(UInt64.self, buffer)
    default: break
    }
  }

  @inline(__always)
  private static func swap<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type, _ buffer: UnsafeMutableRawBufferPointer
  ) {
    guard let base = buffer.baseAddress else { return }
    let size = MemoryLayout<Number>.size
    for index in 0..<(buffer.count / size) {
      let number = base.loadUnaligned(fromByteOffset: index * size, as: Number.self)
      base.storeBytes(of: number.byteSwapped, toByteOffset: index * size, as: Number.self)
    }
  }
}
