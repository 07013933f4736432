import Voxtile

/// The value of voxels that no chunk holds.
enum ZarrFillValue {
  /// The bytes of one value of the type in memory, in the machine's order.
  ///
  /// Integers are whole numbers that the type holds; floating point may also be `"NaN"`, `"Infinity"`, `"-Infinity"` or its
  /// bits in hexadecimal, and `bool` is `true` or `false`. In Zarr v2 `null` leaves the value open, and is 0 here.
  ///
  /// - Returns: `nil` where the value is none of these.
  static func bytes(of value: JSONValue, as type: ZarrDataType) -> [UInt8]? {
    if case .boolean(let flag) = value { return type == .boolean ? [flag ? 1 : 0] : nil }
    func wholeBytes<Integer: FixedWidthInteger>(_ integer: Integer.Type) -> [UInt8]? {
      guard case .number(let text) = value,
        let number = Integer(text) ?? value.integer.flatMap(Integer.init(exactly:))
      else { return nil }
      return withUnsafeBytes(of: number) { Array($0) }
    }
    func realBytes<Scalar: VoxelScalar>(_ scalar: Scalar.Type) -> [UInt8]? {
      real(value, type).map { number in withUnsafeBytes(of: Scalar(nearest: number)) { Array($0) } }
    }
    if let integer = type.scalarType.type as? any FixedWidthInteger.Type { return wholeBytes(integer) }
    return realBytes(type.scalarType.type)
  }

  private static func real(_ value: JSONValue, _ type: ZarrDataType) -> Double? {
    switch value {
    case .string("NaN"): return .nan
    case .string("Infinity"): return .infinity
    case .string("-Infinity"): return -.infinity
    case .string(let text) where text.hasPrefix("0x") && text.utf8.count == 2 + 2 * type.byteCount:
      guard let bits = UInt64(text.dropFirst(2), radix: 16) else { return nil }
      switch type.byteCount {
      case 2: return Double(Float(halfBits: UInt16(truncatingIfNeeded: bits)))
      case 4: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      default: return Double(bitPattern: bits)
      }
    default: return value.number
    }
  }
}
