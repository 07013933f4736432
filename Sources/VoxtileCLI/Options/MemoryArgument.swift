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

  init?(argument: String) {
    let text = argument.lowercased().filter { $0 != " " }
    guard let (unit, factor) = Self.units.first(where: { text.hasSuffix($0.0) }),
      let number = Double(text.dropLast(unit.count)), number > 0, number * Double(factor) < 0x1p62
    else { return nil }
    bytes = Int(number * Double(factor))
  }
}
