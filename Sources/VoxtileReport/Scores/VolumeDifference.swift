import Voxtile

/// How a merged image differs from the original.
package struct VolumeDifference: Codable, Sendable {
  /// The number of compared values: voxels times channels.
  package var values = 0
  /// The number of values that differ. Unlike in IEEE arithmetic, NaN equals NaN here.
  package var differing = 0
  /// How many of the differing values have no finite difference, such as NaN compared with a number.
  package var incomparable = 0
  /// The largest finite absolute difference.
  package var largest = 0.0
  /// The voxel `[x, y, z]` with the largest finite difference. If no difference is finite, the first voxel that
  /// differs; `nil` if none differs.
  package var position: [Int]?
  /// The mean of the finite absolute differences, over all compared values.
  package var mean: Double { values == 0 ? 0 : min(sum / Double(values), .greatestFiniteMagnitude) }
  /// The number of differing values in exactly one patch, in several patches, and in no patch, in this order.
  package var differingByCover = [0, 0, 0]

  private var sum = 0.0

  /// Creates an empty comparison.
  init() {}

  /// Compares a box of the merged image with the same box of the original.
  ///
  /// - Returns: the absolute difference of each value, in the same order; NaN if it is not finite.
  mutating func add(
    _ merged: Volume<Double>, _ original: Volume<Double>, at region: Region, coverage: Coverage
  ) -> [Double] {
    var differences: [Double] = []
    differences.reserveCapacity(merged.voxels.count)
    for _ in 0..<merged.channels {
      for z in region.z {
        for y in region.y {
          let inRow = coverage.counts.y[y] * coverage.counts.z[z]
          for x in region.x {
            let index = differences.count
            differences.append(
              add(
                merged.voxels[index], original.voxels[index], covers: inRow * coverage.counts.x[x],
                at: Position(x: x, y: y, z: z)))
          }
        }
      }
    }
    return differences
  }

  /// Compares two values.
  ///
  /// - Parameters:
  ///   - a: the value of the merged image.
  ///   - b: the value of the original.
  ///   - covers: the number of patches that contain the voxel.
  ///   - position: the voxel.
  /// - Returns: the absolute difference; NaN if it is not finite.
  mutating func add(_ a: Double, _ b: Double, covers: Int, at position: Position) -> Double {
    values += 1
    if a == b || (a.isNaN && b.isNaN) { return a.isFinite ? 0 : .nan }
    differing += 1
    differingByCover[covers == 1 ? 0 : covers > 1 ? 1 : 2] += 1
    let difference = (a - b).magnitude
    let isNumber = difference.isFinite
    if isNumber { sum += difference } else { incomparable += 1 }
    if self.position == nil || (isNumber && difference > largest) {
      self.position = [position.x, position.y, position.z]
    }
    if isNumber { largest = max(largest, difference) }
    return isNumber ? difference : .nan
  }

  private enum CodingKeys: String, CodingKey {
    case values, differing, incomparable, largest, position, mean, differingByCover
  }

  /// Decodes what ``encode(to:)`` wrote.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    values = try container.decode(Int.self, forKey: .values)
    differing = try container.decode(Int.self, forKey: .differing)
    incomparable = try container.decode(Int.self, forKey: .incomparable)
    largest = try container.decode(Double.self, forKey: .largest)
    position = try container.decodeIfPresent([Int].self, forKey: .position)
    differingByCover = try container.decode([Int].self, forKey: .differingByCover)
    sum = try container.decode(Double.self, forKey: .mean) * Double(values)
  }

  /// Encodes all numbers, including the mean.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(values, forKey: .values)
    try container.encode(differing, forKey: .differing)
    try container.encode(incomparable, forKey: .incomparable)
    try container.encode(largest, forKey: .largest)
    try container.encodeIfPresent(position, forKey: .position)
    try container.encode(mean, forKey: .mean)
    try container.encode(differingByCover, forKey: .differingByCover)
  }
}
