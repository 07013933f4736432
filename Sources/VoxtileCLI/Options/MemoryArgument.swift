import ArgumentParser

/// A size in bytes: `2GiB`, `512MiB`, `1500000000`.
struct MemoryArgument: ExpressibleByArgument {
  /// The size.
  let bytes: Int

  private static let units = [
    ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30), ("tib", 1 << 40), ("kb", 1000),
    ("mb", 1_000_000), ("gb", 1_000_000_000), ("tb", 1_000_000_000_000), ("k", 1 << 10), ("m", 1 << 20),
    ("g", 1 << 30), ("t", 1 << 40), ("b", 1), ("", 1),
  ]

  /// No program runs in less. A smaller number lacks its unit.
  private static let minBytes = 1 << 20

  init?(argument: String) {
    guard let bytes = Self.bytes(of: argument), bytes >= Double(Self.minBytes), bytes < 0x1p62 else {
      return nil
    }
    self.bytes = Int(bytes)
  }

  private init(bytes: Int) { self.bytes = bytes }

  /// A share of the memory.
  func divided(by count: Int) -> MemoryArgument { MemoryArgument(bytes: bytes / count) }

  /// Whether a word is a unit of memory, such as `GB`.
  static func isUnit(_ word: String) -> Bool { units.contains { $0.0 == word.lowercased() && !$0.0.isEmpty } }

  /// The size, of any sign; `nil` where it is no number with a known unit.
  private static func bytes(of argument: String) -> Double? {
    let text = argument.lowercased().filter { $0 != " " }
    guard let (unit, factor) = units.first(where: { text.hasSuffix($0.0) }),
      let number = Double(text.dropLast(unit.count)), number.isFinite
    else { return nil }
    return number * Double(factor)
  }
}

extension MemoryArgument: ExplainedArgument {
  static func fault(in argument: String) -> String? {
    guard let bytes = bytes(of: argument) else {
      return "a size is a number and a unit, as in 2GiB, 512MiB or 1500MB"
    }
    if bytes <= 0 { return "memory is more than nothing; write for example 2GiB" }
    if bytes < Double(minBytes) {
      return
        "that is \(bytes < 1024 ? "\(bytes == 1 ? "1 byte" : "a few bytes")" : "less than 1 MiB"); give a unit, as in 2GiB"
    }
    return bytes >= 0x1p62 ? "no machine has so much memory" : nil
  }
}
