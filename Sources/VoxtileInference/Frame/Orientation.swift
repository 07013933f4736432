import Voxtile

/// Where the axes of an array point, as three letters: `RAS` for right, anterior, superior.
///
/// Each letter names the direction in which an axis grows, x first: the same letters as nibabel's and
/// ITK's `RAS+`.
public struct Orientation: Hashable, Sendable {
  /// The letters, such as `RAS`.
  public let letters: String

  /// The pair of directions of each world axis.
  private static let pairs = ["RL", "AP", "SI"]

  /// Which world axis a letter belongs to.
  private static func worldAxis(of letter: Character) -> Int? {
    pairs.firstIndex { $0.contains(letter) }
  }
}

extension Orientation: LosslessStringConvertible {
  /// The letters.
  public var description: String { letters }

  /// The orientation with these letters, one of each pair R/L, A/P and S/I in any order; else `nil`.
  public init?(_ description: String) {
    let letters = description.uppercased()
    let axes = letters.compactMap(Self.worldAxis)
    guard letters.count == 3, axes.count == 3, Set(axes).count == 3 else { return nil }
    self.letters = letters
  }
}

extension Orientation {
  /// How an image with this orientation is turned to have another one.
  ///
  /// - Returns: for each axis of the turned image the axis of this one, and whether it runs the other way.
  package func turning(to target: Orientation) -> PerAxis<(axis: Axis, isFlipped: Bool)> {
    func source(of letter: Character) -> (axis: Axis, isFlipped: Bool) {
      for (axis, own) in zip(Axis.allCases, letters)
      where Self.worldAxis(of: own) == Self.worldAxis(of: letter) {
        return (axis, own != letter)
      }
      preconditionFailure("an orientation has one letter of each pair")
    }
    let wanted = Array(target.letters)
    return PerAxis(x: source(of: wanted[0]), y: source(of: wanted[1]), z: source(of: wanted[2]))
  }
}

/// The order of a model's spatial dimensions, slowest first.
public enum AxisOrder: String, CaseIterable, Hashable, Sendable {
  /// `[n, c, z, y, x]`: as voxels lie in memory, and as SimpleITK and nnU-Net read them. A planar model has
  /// `[n, c, y, x]`.
  case zyx
  /// `[n, c, x, y, z]`: as nibabel, MONAI and TorchIO read a NIfTI file. A planar model has `[n, c, x, y]`.
  case xyz
}
