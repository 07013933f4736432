/// How much of a large space of damaged files a test tries.
///
/// All of it in a release build. A debug build, whose code takes about ten times as long, tries a part; both are run before a change
/// is merged.
public enum Thoroughness {
  #if DEBUG
    private static let share = 8
  #else
    private static let share = 1
  #endif

  /// How many of many random cases are tried.
  public static func rounds(_ all: Int) -> Int { (all + share - 1) / share }

  /// The lengths, of all below that of a file, to which it is cut short: the shortest and the longest are among them.
  public static func prefixes(of byteCount: Int) -> [Int] {
    // A step that is no power of two meets each position within the words of a file.
    let step = share == 1 ? 1 : share - 1
    let spaced = Array(stride(from: 0, to: byteCount, by: step))
    return byteCount > 0 && spaced.last != byteCount - 1 ? spaced + [byteCount - 1] : spaced
  }
}
