import Voxtile

/// The numbers of one tiling problem along one axis.
public struct AxisCase: Hashable, Sendable, CustomStringConvertible {
  /// Voxels of the image.
  public let length: Int
  /// Voxels of a patch.
  public let patch: Int
  /// Voxels that neighbors share.
  public let overlap: Int

  /// Creates a case.
  public init(length: Int, patch: Int, overlap: Int) {
    self.length = length
    self.patch = patch
    self.overlap = overlap
  }

  /// The numbers, for messages.
  public var description: String { "length \(length), patch \(patch), overlap \(overlap)" }
}

extension AxisCase {
  /// Every length and patch in `1...limit` with every overlap less than the patch: 936 cases for 12.
  public static func all(upTo limit: Int) -> [AxisCase] {
    (1...limit).flatMap { length in
      (1...limit).flatMap { patch in
        (0..<patch).map { AxisCase(length: length, patch: patch, overlap: $0) }
      }
    }
  }

  /// A case with a patch that is not longer than the image.
  public static func random(lengths: ClosedRange<Int>, using random: inout SplitMix64) -> AxisCase {
    let length = Int.random(in: lengths, using: &random)
    let patch = Int.random(in: 1...length, using: &random)
    return AxisCase(length: length, patch: patch, overlap: .random(in: 0..<patch, using: &random))
  }
}

extension Extent {
  /// Every box with sides in `1...limit`.
  public static func all(upTo limit: Int) -> [Extent] {
    (1...limit).flatMap { depth in
      (1...limit).flatMap { height in
        (1...limit).map { Extent(width: $0, height: height, depth: depth) }
      }
    }
  }

  /// A box with a random side along each axis.
  public static func random(in sides: ClosedRange<Int>, using random: inout SplitMix64) -> Extent {
    Extent(
      width: .random(in: sides, using: &random), height: .random(in: sides, using: &random),
      depth: .random(in: sides, using: &random))
  }

  /// The positions of all voxels, in the order in which they lie in memory.
  public var positions: [Position] {
    (0..<depth).flatMap { z in
      (0..<height).flatMap { y in (0..<width).map { Position(x: $0, y: y, z: z) } }
    }
  }
}
