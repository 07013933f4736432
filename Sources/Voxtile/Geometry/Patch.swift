/// One box of a ``PatchGrid``.
///
/// The buffer ``region`` is what is cut: all patches of a grid have the same size there (but for
/// ``EdgePolicy/partial``), and it may reach outside the image. The ``valid`` region is the part
/// that the image really has, and the only part that is merged back.
public struct Patch: Hashable, Sendable {
  /// The number of the patch in the order of its grid, from 0.
  public let index: Int
  /// The place in the grid, counted in patches.
  public let gridPosition: Position
  /// The box that is cut.
  public let region: Region
  /// The part of the box inside the image.
  public let valid: Region
  /// How the voxels outside the image are made.
  public let padding: Padding

  /// The ``valid`` region, counted from the first voxel of the patch.
  package var validInPatch: Region { Region(origin: valid.origin - region.origin, extent: valid.extent) }
}

extension Patch: CustomStringConvertible {
  /// The number and the box: `patch 12: 96x96x96 at (64, 0, 64)`.
  public var description: String { "patch \(index): \(region)" }
}
