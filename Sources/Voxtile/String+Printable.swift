extension String {
  /// The text with characters escaped that a terminal would obey, or that would look like the end of the line.
  ///
  /// File names and headers may come from anywhere. Control characters become `\n`, `\t` or `\x1B`; marks that turn the
  /// direction of writing, and line separators, become `\u{202E}`.
  ///
  /// - Complexity: O(length); text without such characters is returned as it is.
  package var printable: String { escapingControls(keepingNewlines: false) }

  /// The same, for text of several lines.
  package var printableLines: String { escapingControls(keepingNewlines: true) }

  /// The same, for JSON, whose escapes are `\u007F` and whose lines stay.
  package var printableJSON: String { escaping(keepingNewlines: true) { $0.jsonEscape } }

  private func escapingControls(keepingNewlines: Bool) -> String {
    escaping(keepingNewlines: keepingNewlines) { $0.escape }
  }

  private func escaping(keepingNewlines: Bool, _ escape: (Unicode.Scalar) -> String) -> String {
    func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
      scalar.isUnprintable && !(keepingNewlines && scalar == "\n")
    }
    guard unicodeScalars.contains(where: isEscaped) else { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if isEscaped(scalar) { text += escape(scalar) } else { text.unicodeScalars.append(scalar) }
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isUnprintable: Bool {
    switch value {
    // C0, DEL, C1.
    case 0..<0x20, 0x7F..<0xA0: true
    // Line and paragraph separator; embeddings, overrides and isolates of direction.
    case 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  fileprivate var escape: String {
    switch self {
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    default:
      let digits = String(value, radix: 16, uppercase: true)
      return value < 0x100
        ? "\\x" + (digits.count < 2 ? "0" : "") + digits : "\\u{\(digits)}"
    }
  }

  /// None of them needs more than four digits.
  fileprivate var jsonEscape: String {
    let digits = String(value, radix: 16, uppercase: true)
    return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
