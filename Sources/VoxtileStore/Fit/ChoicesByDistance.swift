import Voxtile

/// Choices along three axes in groups of ascending distance, the sum of the distances along the axes.
struct ChoicesByDistance: Sequence, IteratorProtocol {
  private let axes: PerAxis<[Int: [Int]]>
  /// The axes by number of distances. The last has the most; the remaining distance is looked up there.
  private let order: (Axis, Axis, last: Axis)
  /// The distances of that axis, ascending.
  private let rests: [Int]
  private var distance = 0

  init(_ choices: PerAxis<[(value: Int, distance: Int)]>) {
    let axes = choices.map { _, choices in
      Dictionary(grouping: choices, by: \.distance).mapValues { $0.map(\.value) }
    }
    let sorted = Axis.allCases.sorted { axes[$0].count < axes[$1].count }
    self.axes = axes
    order = (sorted[0], sorted[1], sorted[2])
    rests = axes[sorted[2]].keys.sorted()
  }

  /// The next group. Distances without choices are skipped in one step, however many they are.
  mutating func next() -> [PerAxis<Int>]? {
    guard let nearest = nearestDistance else { return nil }
    var group: [PerAxis<Int>] = []
    var choice = PerAxis(0)
    for (inFirst, firsts) in axes[order.0] {
      for (inSecond, seconds) in axes[order.1] {
        for last in axes[order.last][nearest - inFirst - inSecond] ?? [] {
          choice[order.last] = last
          for first in firsts {
            choice[order.0] = first
            for second in seconds {
              choice[order.1] = second
              group.append(choice)
            }
          }
        }
      }
    }
    distance = nearest + 1
    return group
  }

  /// The smallest sum of distances that has not been returned yet.
  private var nearestDistance: Int? {
    var nearest: Int?
    for inFirst in axes[order.0].keys {
      for inSecond in axes[order.1].keys {
        let index = rests.partitioningIndex { $0 >= distance - inFirst - inSecond }
        guard index < rests.count else { continue }
        nearest = Swift.min(nearest ?? .max, inFirst + inSecond + rests[index])
      }
    }
    return nearest
  }
}
