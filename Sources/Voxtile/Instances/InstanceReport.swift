/// What a merge of instances found.
public struct InstanceReport: Hashable, Sendable, Codable {
  /// The least intersection over union of what became one object.
  public let leastIoU: Double
  /// The number of instances in the image, which are numbered from 1 to it.
  public let instanceCount: Int
  /// How many of them are made of objects of several patches.
  public let joinedInstanceCount: Int
  /// The number of objects of all patches together.
  public let objectCount: Int
  /// How many objects, of one patch or of several that were joined, have no voxel in the image: other patches decide where
  /// they lie, and do not have them.
  public let lostObjectCount: Int
  /// How many pairs of objects share voxels and were not joined, though one of the two was joined with nothing in the other
  /// patch: their intersection over union is too small, or another object fits better.
  public let unjoinedPairCount: Int
  /// The axes along which some neighbors share no voxel, so that an object that reaches across has several numbers.
  public let axesWithoutOverlap: [Axis]
}
