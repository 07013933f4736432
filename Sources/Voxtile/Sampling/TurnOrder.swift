/// Things that take turns in a ratio, such as classes: after any number of turns each has had its share, to within about one.
struct TurnOrder: Sendable {
  private let weights: [Int]
  private let total: Int
  private var turns: [Int]
  private var count = 0

  /// - Parameter weights: how often each comes; at least one is more than 0.
  init(weights: [Int]) {
    self.weights = weights
    total = weights.reduce(0, +)
    turns = weights.map { _ in 0 }
  }

  /// The place of the one whose turn it is: that which lacks the most, the first of several.
  mutating func next() -> Int {
    count += 1
    let lacks = weights.indices.map { weights[$0] * count - turns[$0] * total }
    var best = 0
    for index in lacks.indices where lacks[index] > lacks[best] { best = index }
    turns[best] += 1
    return best
  }
}
