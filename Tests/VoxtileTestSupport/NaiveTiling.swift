import Voxtile

/// Where patches lie along one axis, found by walking along it: the reference for `AxisTiling`.
///
/// Each rule is written down as it is explained to a person, one patch after the other.
public struct NaiveTiling: Equatable, Sendable {
  /// The voxels of each patch, half-open, in order; outside the image where a patch is padded.
  public let ranges: [Range<Int>]

  /// Lays the patches; `nil` where the image is smaller than the patch and the policy says no.
  public init?(_ axis: AxisCase, edge: EdgePolicy) {
    let (length, patch) = (axis.length, axis.patch)
    if patch > length, [.shift, .discard, .balance].contains(edge) { return nil }
    let walk = Self.walk(axis)

    switch edge {
    case .discard:
      ranges = walk.filter { $0.upperBound <= length }
    case .shift:
      ranges = walk.map { $0.upperBound > length ? length - patch..<length : $0 }
    case .partial:
      ranges = walk.map { $0.lowerBound..<min($0.upperBound, length) }
    case .pad(.end):
      ranges = walk
    case .pad(.both):
      let madeUp = (walk.last?.upperBound ?? 0) - length
      let before = madeUp / 2
      ranges = walk.map { $0.lowerBound - before..<$0.upperBound - before }
    case .balance:
      ranges = walk.indices.map { index in
        let start = Self.spread(index, of: walk.count, over: length - patch)
        return start..<start + patch
      }
    }
  }

  /// Patches a stride apart until the last voxel is reached.
  private static func walk(_ axis: AxisCase) -> [Range<Int>] {
    var ranges = [0..<axis.patch]
    while let last = ranges.last, last.upperBound < axis.length {
      let start = last.upperBound - axis.overlap
      ranges.append(start..<start + axis.patch)
    }
    return ranges
  }

  /// The whole number nearest to `index * room / (count - 1)`, the even one of two, by trying them.
  private static func spread(_ index: Int, of count: Int, over room: Int) -> Int {
    if count == 1 { return 0 }
    // Compared after multiplying by (count - 1), so that there are no fractions.
    func distance(_ start: Int) -> Int { abs(start * (count - 1) - index * room) }
    let guess = index * room / (count - 1)
    let candidates = Array(guess - 2...guess + 2)
    let nearest = candidates.map(distance).min()
    let best = candidates.filter { distance($0) == nearest }
    return best.count == 1 ? best[0] : best[best[0].isMultiple(of: 2) ? 0 : 1]
  }

  /// The starts of the patches.
  public var starts: [Int] { ranges.map(\.lowerBound) }

  /// The numbers of the patches that hold a voxel.
  public func patches(covering voxel: Int) -> [Int] {
    ranges.indices.filter { ranges[$0].contains(voxel) }
  }
}
