/// Numbers from 0 on, in sets that can be joined. A set is named by its lowest number, its root.
struct DisjointSets: Sendable {
  private var parents: [UInt32] = []

  /// How many numbers there are.
  var count: Int { parents.count }

  /// Makes a set of a new number.
  ///
  /// - Returns: the number; `nil` where there are 2^32 already.
  mutating func insert() -> UInt32? {
    guard let number = UInt32(exactly: parents.count) else { return nil }
    parents.append(number)
    return number
  }

  /// Makes one set of two.
  ///
  /// - Returns: the root that stays and the one that is none any more; `nil` where it is one set already.
  @discardableResult
  mutating func join(_ a: UInt32, _ b: UInt32) -> (kept: UInt32, gone: UInt32)? {
    let (a, b) = (root(of: a), root(of: b))
    guard a != b else { return nil }
    let (kept, gone) = (min(a, b), max(a, b))
    parents[Int(gone)] = kept
    return (kept, gone)
  }

  /// The root of a number's set.
  ///
  /// - Complexity: nearly O(1) on average: each look-up halves the path for the next one.
  mutating func root(of number: UInt32) -> UInt32 {
    var number = number
    while true {
      let parent = parents[Int(number)]
      guard parent != number else { return number }
      parents[Int(number)] = parents[Int(parent)]
      number = parents[Int(parent)]
    }
  }

  /// Whether a number names its set.
  func isRoot(_ number: Int) -> Bool { parents[number] == number }
}
