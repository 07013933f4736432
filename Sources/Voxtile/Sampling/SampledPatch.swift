/// A patch that was chosen for training.
public struct SampledPatch: Hashable, Sendable {
  /// Why a patch was chosen. Components are named by their places in ``LabelIndex/components``.
  @nonexhaustive
  public enum Reason: Hashable, Sendable {
    /// It holds a component, or a tile of one that is larger than a patch.
    case cover(component: Int)
    /// It holds a voxel of a label.
    case label(Int, voxel: Position)
    /// It holds a voxel that is not background.
    case foreground(voxel: Position)
    /// It holds a voxel of a component.
    case component(Int, voxel: Position)
    /// It holds background only.
    case negative
    /// It holds a voxel that was drawn by its weight.
    case hard(voxel: Position)
    /// For no reason: its start was drawn.
    case anywhere
  }

  /// A rule that a patch does not keep, since none that keeps it was found.
  public enum Relaxation: String, CaseIterable, Hashable, Sendable {
    /// It shares more with another patch than was allowed.
    case overlap
    /// It has less tissue than was asked for.
    case tissue
    /// It has less foreground than was asked for.
    case foreground
    /// It should have held background only.
    case negative
    /// It does not hold what was drawn.
    case reason
    /// It holds a component for the cover, but not all of the margin around it that lies in the scan.
    case margin
  }

  /// Where it lies; it reaches outside only where the scan is shorter than a patch.
  public let region: Region
  /// Why it was chosen.
  public let reason: Reason
  /// How many voxels of each of ``LabelIndex/classes`` it holds, in their order; padding is not counted.
  public let classVoxels: [Int]
  /// How many of its voxels are tissue; `nil` where the index knows nothing of tissue.
  public let tissueVoxels: Int?
  /// How many patches were drawn until this one was taken.
  public let tries: Int
  /// The rules that it does not keep, in the order of the cases of ``Relaxation``.
  public let relaxed: [Relaxation]
}
