extension JSONValue {
  /// The document in UTF-8.
  ///
  /// - Parameter isIndented: whether objects have a line for each member, for people.
  func bytes(isIndented: Bool = false) -> [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes, indent: isIndented ? 0 : nil)
    if isIndented { bytes.append(UInt8(ascii: "\n")) }
    return bytes
  }

  /// - Parameter indent: the levels around the value; `nil` for one line.
  private func write(to bytes: inout [UInt8], indent: Int?) {
    switch self {
    case .object(let members):
      Self.write("{", "}", count: members.count, to: &bytes, indent: indent) { index, bytes, inner in
        Self.write(members[index].key, to: &bytes)
        bytes += (inner == nil ? ":" : ": ").utf8
        members[index].value.write(to: &bytes, indent: inner)
      }
    case .array(let values):
      // Numbers and texts stand in one line.
      let isFlat = values.allSatisfy { $0.values == nil && $0.members.isEmpty }
      Self.write("[", "]", count: values.count, to: &bytes, indent: isFlat ? nil : indent) {
        index, bytes, inner in
        if isFlat, indent != nil, index > 0 { bytes.append(UInt8(ascii: " ")) }
        values[index].write(to: &bytes, indent: inner)
      }
    case .string(let text): Self.write(text, to: &bytes)
    case .number(let text): bytes += text.utf8
    case .boolean(let value): bytes += "\(value)".utf8
    case .null: bytes += "null".utf8
    }
  }

  private static func write(
    _ open: String, _ close: String, count: Int, to bytes: inout [UInt8], indent: Int?,
    _ element: (_ index: Int, inout [UInt8], _ indent: Int?) -> Void
  ) {
    func newLine(_ levels: Int?) {
      guard let levels, count > 0 else { return }
      bytes.append(UInt8(ascii: "\n"))
      bytes += [UInt8](repeating: UInt8(ascii: " "), count: 2 * levels)
    }
    bytes += open.utf8
    let inner = indent.map { $0 + 1 }
    for index in 0..<count {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      newLine(inner)
      element(index, &bytes, inner)
    }
    newLine(indent)
    bytes += close.utf8
  }

  private static func write(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0x0A: bytes += "\\n".utf8
      case 0x09: bytes += "\\t".utf8
      case ..<0x20:
        let digits = String(byte, radix: 16)
        bytes += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
