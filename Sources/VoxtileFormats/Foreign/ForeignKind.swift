/// A kind of file that is not read here: how it is recognized, what it is, and what to do with it.
struct ForeignKind: Sendable {
  /// Bytes at an offset by which a kind is recognized.
  struct Mark: Sendable {
    let bytes: [UInt8]
    let offset: Int

    init(_ bytes: [UInt8], at offset: Int = 0) {
      self.bytes = bytes
      self.offset = offset
    }

    init(_ text: String, at offset: Int = 0) { self.init(Array(text.utf8), at: offset) }

    /// Whether the first bytes of a file have it.
    func isIn(_ prefix: [UInt8]) -> Bool {
      prefix.count >= offset + bytes.count && prefix[offset...].starts(with: bytes)
    }
  }

  /// What it is, after "is".
  let name: String
  /// What to do.
  let advice: String
  /// Any of these is enough; none for a kind that only endings tell.
  var marks: [Mark] = []
  /// Lowercase endings with their dot. A kind with marks and endings needs both where `needsBoth` says so; otherwise an ending
  /// is what is left where no mark of any kind is found.
  var endings: [String] = []
  var needsBoth = false

  /// Whether the content says that a file is of this kind.
  func isIn(_ prefix: [UInt8], named path: String) -> Bool {
    marks.contains { $0.isIn(prefix) } && (!needsBoth || isNamed(path))
  }

  /// Whether the name says so.
  func isNamed(_ path: String) -> Bool {
    let name = path.lowercased()
    return endings.contains { name.hasSuffix($0) }
  }
}
