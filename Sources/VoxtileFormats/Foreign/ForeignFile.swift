import Voxtile

/// What a file is that no format recognizes, in words that say what to do with it.
enum ForeignFile {
  /// The error of a file of a kind that is known but not read, or `nil` where it is of none.
  static func error(for probe: FormatProbe) -> VoxtileError? {
    switch probe.kind {
    case .file: fileError(probe)
    case .folder, .missing: nil
    }
  }

  private static func fileError(_ probe: FormatProbe) -> VoxtileError? {
    if probe.prefix.isEmpty { return nil }
    guard GzipReader.recognizes(probe.prefix) else {
      return kind(of: probe.prefix, probe.path).map { error($0, probe) }
    }
    let inner = GzipReader.inflated(probe.prefix, limit: 512)
    if GzipReader.recognizes(inner) {
      return unreadable(
        "is compressed with gzip, twice", "unpack it once, for example with gunzip", probe)
    }
    if let kind = kind(of: inner, probe.path) {
      return unreadable("is \(kind.name), compressed with gzip", kind.advice, probe)
    }
    return nil
  }

  /// The kind that the content says, or else the name.
  private static func kind(of prefix: [UInt8], _ path: String) -> ForeignKind? {
    let text = startOfText(prefix)
    return ForeignKind.all.first { $0.isIn(prefix, named: path) || $0.isIn(text, named: path) }
      ?? ForeignKind.all.first { $0.isNamed(path) }
  }

  /// The first bytes after a byte order mark and blanks, in lowercase where they are the start of markup.
  private static func startOfText(_ prefix: [UInt8]) -> [UInt8] {
    let start = prefix.starts(with: [0xEF, 0xBB, 0xBF]) ? prefix.dropFirst(3) : prefix[...]
    let text = start.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    guard text.first == UInt8(ascii: "<") else { return Array(text) }
    let lowered = text.prefix(16).map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
    return lowered + text.dropFirst(16)
  }

  private static func error(_ kind: ForeignKind, _ probe: FormatProbe) -> VoxtileError {
    unreadable("is \(kind.name)", kind.advice, probe)
  }

  private static func unreadable(_ what: String, _ advice: String, _ probe: FormatProbe) -> VoxtileError {
    VoxtileError(
      .unsupportedFormat, "\(what)\(what.contains(", ") ? "" : ", which is not read here"); \(advice)",
      context: .init(file: probe.path, expected: "an image", found: what))
  }
}
