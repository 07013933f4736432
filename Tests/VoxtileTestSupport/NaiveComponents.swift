import Voxtile

/// The number of each voxel's component in memory order, 0 for none, found by walking from voxel to voxel.
///
/// - Parameters:
///   - neighbors: 6, 18 or 26.
///   - joins: whether two labels, both counted, are of one component where they touch.
///   - counts: whether a label makes components.
public func naiveComponents(
  _ labels: [Int], extent: Extent, neighbors: Int, joins: Bool, counts: (Int) -> Bool
) -> [Int] {
  var numbers = [Int](repeating: 0, count: labels.count)
  func place(_ voxel: Position) -> Int { (voxel.z * extent.height + voxel.y) * extent.width + voxel.x }
  let farthest = [6: 1, 18: 2, 26: 3][neighbors] ?? 0
  var last = 0
  for start in extent.positions where counts(labels[place(start)]) && numbers[place(start)] == 0 {
    last += 1
    numbers[place(start)] = last
    var waiting = [start]
    while let voxel = waiting.popLast() {
      for z in -1...1 {
        for y in -1...1 {
          for x in -1...1 where abs(x) + abs(y) + abs(z) <= farthest {
            let other = voxel + Position(x: x, y: y, z: z)
            guard Region(extent).contains(other), numbers[place(other)] == 0, counts(labels[place(other)]),
              joins || labels[place(other)] == labels[place(voxel)]
            else { continue }
            numbers[place(other)] = last
            waiting.append(other)
          }
        }
      }
    }
  }
  return numbers
}
