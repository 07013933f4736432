#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a terminal can show.
struct Terminal {
  /// A few colors. No meaning is carried by color alone.
  enum Color: String {
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
  }

  /// Standard output.
  static let output = Terminal(STDOUT_FILENO)
  /// Standard error.
  static let messages = Terminal(STDERR_FILENO)

  /// Whether a person sees it.
  let isTerminal: Bool
  /// Whether a line can be drawn over: on a terminal that is not a dumb one.
  let isRedrawable: Bool
  /// Whether colors are shown: where lines can be drawn over, unless `NO_COLOR` says otherwise.
  let hasColors: Bool
  /// Whether characters other than ASCII are shown.
  let hasUnicode: Bool
  /// The number of columns, at least 20: that of the terminal, or `COLUMNS`, or 80.
  let width: Int

  /// Asks about a descriptor, and the environment.
  ///
  /// - Parameters:
  ///   - descriptor: where text is written to.
  ///   - known: the number of columns, where that is not to be asked.
  init(_ descriptor: Int32, width known: Int? = nil) {
    isTerminal = isatty(descriptor) == 1
    isRedrawable = isTerminal && Self.variable("TERM") != "dumb"
    hasColors = isRedrawable && Self.variable("NO_COLOR") == nil
    let locale = (Self.variable("LC_ALL") ?? Self.variable("LC_CTYPE") ?? Self.variable("LANG") ?? "")
      .lowercased()
    hasUnicode = locale.hasSuffix("utf-8") || locale.hasSuffix("utf8")
    var size = winsize()
    let isKnown = isTerminal && ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    let columns = known ?? (isKnown ? Int(size.ws_col) : Self.variable("COLUMNS").flatMap { Int($0) } ?? 80)
    width = min(max(columns, 20), 1000)
  }

  /// Text in a color, where there are any.
  func colored(_ text: String, _ color: Color) -> String {
    hasColors && !text.isEmpty ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// A variable of the environment; `nil` where it is empty, as it is for `NO_COLOR`.
  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
