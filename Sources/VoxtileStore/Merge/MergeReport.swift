import Voxtile

extension PatchStore {
  /// What a merge did.
  public struct MergeReport: Sendable {
    /// How several patches became one value, and why so.
    public let choice: BlendChoice
    /// The scalar type of the merged file.
    public let scalarType: ScalarType
    /// The number of values of each voxel of the merged file.
    public let channels: Int
    /// Voxels that no patch holds, or only missing ones, which have the fill value.
    public let uncoveredVoxels: Int
    /// The indices of the patches that have no file.
    public let missingPatches: [Int]
    /// The indices of the patches whose axes were turned back, because their files said how they had been turned.
    public let turnedPatches: [Int]
    /// What was found in the values of the patches.
    public let findings: PatchFindings
    /// How many merged values the scalar type could not hold; they became the nearest value that it can.
    public let saturatedValues: Int
    /// How many merged values are NaN and became 0, since the scalar type is an integer.
    public let zeroedNaNValues: Int
    /// Whether real values were written, because the format cannot say how stored ones become real.
    public let wroteRealValues: Bool
    /// How the merge kept within its memory.
    public let plan: MemoryPlan<MergeStep>
    /// What was found where patches hold instances; `nil` where they do not.
    public internal(set) var instances: InstanceReport?

    /// How several patches became one value; where they hold instances, whose object a voxel belongs to.
    public var blend: Blend { choice.blend }

    /// What was done, in a word: the name of the ``blend``, or `instances`.
    public var method: String { instances == nil ? blend.name : "instances" }
  }
}
