import Synchronization
import Voxtile

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a person reads: messages on standard error, numbers with separators, sizes with units.
enum Console {
  /// How much is said.
  enum Level: Int {
    case quiet, usual, verbose
  }

  private static let storedLevel = Atomic<Int>(Level.usual.rawValue)

  /// How much is said on standard error; errors always are.
  static var level: Level {
    get { Level(rawValue: storedLevel.load(ordering: .relaxed)) ?? .usual }
    set { storedLevel.store(newValue.rawValue, ordering: .relaxed) }
  }

  private static let storedPrintsProgressLines = Atomic<Bool>(false)

  /// Whether lines for programs say how far a job is.
  static var printsProgressLines: Bool {
    get { storedPrintsProgressLines.load(ordering: .relaxed) }
    set { storedPrintsProgressLines.store(newValue, ordering: .relaxed) }
  }

  /// The scan that warnings are about, where there are many.
  @TaskLocal static var subject: String?

  /// What was said of other scans, where there are many: that is not repeated for each.
  @TaskLocal static var saidOfMany: WarningsOfMany?

  /// Writes an error to standard error, whatever the level.
  ///
  /// Escapes control characters except newlines. To escape newlines too, use `String.printable`.
  static func error(_ message: String) {
    write(message.printableLines + "\n", to: STDERR_FILENO)
  }

  /// Writes a message to standard error, unless told to be quiet.
  static func note(_ message: String) {
    if level != .quiet { error(message) }
  }

  /// Writes a warning to standard error, unless told to be quiet.
  static func warn(_ message: String) {
    guard level != .quiet, isNew(message, isWarning: true) else { return }
    write(
      Terminal.messages.colored("Warning:", .yellow) + " " + (subject.map { "\($0.printable): " } ?? "")
        + message.printableLines + "\n", to: STDERR_FILENO)
  }

  /// Writes what was decided about an image; of many, with the first one, and at the end once for all others.
  static func remark(_ message: String) {
    guard level != .quiet, isNew(message, isWarning: false) else { return }
    error((subject.map { "\($0.printable): " } ?? "") + message)
  }

  /// Whether a message has not been written about another scan, where there are many.
  private static func isNew(_ message: String, isWarning: Bool) -> Bool {
    guard let subject, let saidOfMany else { return true }
    return saidOfMany.isFirst(message, of: subject, isWarning: isWarning)
  }

  /// Writes a detail to standard error, with `--verbose` only.
  static func detail(_ message: @autoclosure () -> String) {
    if level == .verbose { error(message()) }
  }

  /// Says how long a step took, and how much memory the program has needed so far.
  static func detail(_ step: String, took time: Duration) {
    detail(
      "\(step) took \(rounded(time.seconds)) s"
        + (ProcessMemory.peak.map { ", at most \(bytes($0)) of memory" } ?? ""))
  }

  /// Writes a result to standard output.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be written, as on a full disk: a result that is cut
  ///   off must not pass for one.
  static func result(_ text: String) throws { try result(styled: text.printableLines) }

  /// Writes a result with the colors that it has; nothing in it may come from a file.
  static func result(styled text: String) throws {
    // A reader that goes away, such as `head`, does not make a failure of what was done.
    guard write(text + "\n", to: STDOUT_FILENO) || errno == EPIPE else {
      throw VoxtileError(
        .fileAccess, "cannot be written: \(String(cString: strerror(errno)))",
        context: .init(file: "standard output"))
    }
  }

  /// Writes a line about files that are written and complete. Where standard output takes none, as on a full disk, that is said,
  /// and is no failure of what was done.
  static func done(_ text: String, files: [String]) {
    let isWritten = write(text.printableLines + "\n", to: STDOUT_FILENO) || errno == EPIPE
    if !isWritten { sayUnwritten(files) }
  }

  /// Writes what was done as JSON, or a line where that is `nil`, after the files were written.
  ///
  /// - Throws: what ``printJSON(_:)`` throws: who reads JSON has to know that it is cut off. The files are complete, which is said.
  static func done(_ text: String, files: [String], json: (some Encodable)?) throws {
    guard let json else { return done(text, files: files) }
    do {
      try printJSON(json)
    } catch {
      sayUnwritten(files)
      throw error
    }
  }

  /// Says that files are complete although standard output cannot be written, whatever the level.
  static func sayUnwritten(_ files: [String]) {
    let reason = String(cString: strerror(errno))
    let verb = files.count == 1 ? "is" : "are"
    write(
      Terminal.messages.colored("Warning:", .yellow)
        + " standard output cannot be written: \(reason); \(files.joined(separator: ", ").printable) \(verb) complete\n",
      to: STDERR_FILENO)
  }

  /// Writes text to a descriptor as it is.
  ///
  /// - Returns: whether all of it was written.
  @discardableResult
  static func write(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = systemWrite(descriptor, rest)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
      return true
    }
  }

  /// Prints a value as JSON with sorted keys.
  static func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try result(styled: String(decoding: try encoder.encode(value), as: UTF8.self).printableJSON)
  }

  /// A whole number with separators: `7109137` is `7,109,137`.
  static func grouped(_ number: Int) -> String {
    var groups: [Substring] = []
    var rest = Substring(String(number.magnitude))
    while rest.count > 3 {
      groups.insert(rest.suffix(3), at: 0)
      rest = rest.dropLast(3)
    }
    groups.insert(rest, at: 0)
    return (number < 0 ? "-" : "") + groups.joined(separator: ",")
  }

  /// A number of things: `1 patch`, `1,200 patches`.
  static func count(_ number: Int, _ thing: String) -> String {
    let plural = thing.hasSuffix("ch") || thing.hasSuffix("s") ? "es" : "s"
    return "\(grouped(number)) \(thing)\(number == 1 ? "" : plural)"
  }

  /// A number with at most `decimals` decimals and no trailing zeros; more decimals if it would round to 0.
  static func rounded(_ number: Double, decimals: Int = 3) -> String {
    guard number.isFinite, number.magnitude < 1e15 else { return "\(number)" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    while number != 0, scale < 1e15, (number * scale).rounded() == 0 { scale *= 10 }
    let value = (number * scale).rounded() / scale
    return value == value.rounded() ? String(Int(value)) : String(value)
  }

  /// A time in seconds, in units that a person counts in: `90 s`, `12 min 5 s`, `3 h 20 min`.
  static func duration(_ seconds: Double) -> String {
    guard seconds >= 0, seconds < 1e15 else { return "\(seconds) s" }
    let whole = Int(seconds)
    if whole < 120 { return "\(whole) s" }
    return whole < 7200
      ? "\(whole / 60) min \(whole % 60) s" : "\(grouped(whole / 3600)) h \(whole / 60 % 60) min"
  }

  /// A size in bytes, in the unit that suits it: `22.8 MiB`.
  static func bytes(_ count: Int) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(count)
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return "\(rounded(value, decimals: unit == 0 ? 0 : 1)) \(units[unit])"
  }
}

/// `write` of the C library, whose name the enclosing type hides.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  write(descriptor, bytes.baseAddress, bytes.count)
}
